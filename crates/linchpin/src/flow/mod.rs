//! What a face asks for: start a session, look at it, take a step, end it.
//!
//! A call loads, asks domain and provider, saves, and tells. No transaction is held open while a provider is asked:
//! "checking" is written first, the outcome afterwards, and a check that is lost in between is put back by
//! [`upkeep`].

mod access;
pub mod admin;
mod approval;
mod audit;
mod breaker;
mod bulkhead;
mod clients;
mod clock;
mod connections;
mod courier;
mod deliveries;
mod drive;
mod elsewhere;
mod ending;
mod ending_many;
mod endpoint_secrets;
mod endpoints;
mod engine;
mod erase;
mod errand;
mod finish;
mod hand_off;
mod health;
mod history;
mod idempotency;
mod import;
mod in_use;
mod init;
mod key_use;
mod leaving;
mod look;
mod noting;
mod own_proxy;
mod patience;
mod progress;
mod provider_files;
mod replay;
mod resealing;
mod rotation;
mod second_factor;
mod sign_out;
mod subject;
mod take;
mod tell;
mod upkeep;
mod uses;
mod verify;
mod waiting;
mod watch;
mod whitelabel;
mod whitelabel_factor;

pub use access::{CallAnswered, NotUsed};
pub use bulkhead::{NoTurn, Turn};
pub use clock::Clock;
pub use drive::{Driven, LaunchStep};
pub use elsewhere::Leaves;
pub use ending_many::{Among, Of, Reached};
pub use endpoints::{EndpointChange, Owner};
pub use engine::{Caller, Engine, Parts, PublicUrls, Settings, Webhooks};
pub use hand_off::{Chosen, Seat};
pub use health::Refreshed;
pub use history::{History, HistoryPage};
pub use idempotency::{Repeat, RepeatRefused, Ticket};
pub use import::{ImportError, Takeover};
pub use init::{InitError, Started, Wanted};
pub use leaving::Leaving;
pub use look::Launch;
pub use provider_files::{
    ProviderFiles, ProviderProblems, ProviderWatch, ProvidersRead, ReadProvider,
};
pub use uses::HeardUses;
pub use waiting::Place;
pub use whitelabel::NotTaken;
pub use whitelabel_factor::CODE_RULE;

use crate::{
    store::{LeaseError, ReadError, WriteError},
    vault::VaultError,
};

/// Why a call had no outcome: the store could not be asked or written. Nothing that was answered before is lost.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// Reading failed.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Writing failed.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A secret could not be sealed or opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The operating system gave no random bytes.
    #[error("the system's random generator failed")]
    Random,
}

impl From<LeaseError> for Unavailable {
    fn from(error: LeaseError) -> Self {
        match error {
            LeaseError::Read(error) => Self::Read(error),
            LeaseError::Write(error) => Self::Write(error),
        }
    }
}

/// Random bytes from the operating system's generator.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Unavailable> {
    let mut bytes = [0_u8; N];
    getrandom::fill(&mut bytes).map_err(|_| Unavailable::Random)?;
    Ok(bytes)
}

/// A random number, each as likely.
fn random_number() -> Result<u32, Unavailable> {
    random().map(u32::from_le_bytes)
}
