//! What is told where the engine cannot do what it was asked for.

use super::{ApiError, Kind};
use crate::{
    flow::Unavailable,
    store::{ReadError, WriteError},
};

impl From<Unavailable> for ApiError {
    /// Says what the caller can do; what went wrong inside goes to the log only.
    fn from(unavailable: Unavailable) -> Self {
        match &unavailable {
            Unavailable::Write(WriteError::Busy) | Unavailable::Read(ReadError::Busy) => {
                Self::unavailable(
                    "the server is busy; nothing was changed, repeat the request",
                    1,
                )
            }
            Unavailable::Write(WriteError::Full) => {
                tracing::error!("storage_full: the disk that holds the data directory is full");
                Self::unavailable(
                    "storage_full: the server's disk is full; nothing was changed, repeat the request later",
                    10,
                )
            }
            Unavailable::Read(ReadError::Corrupt(corrupt)) => {
                tracing::error!(%corrupt, "a stored row cannot be read; see docs/operations/damage.md");
                Self::new(
                    Kind::UnknownError,
                    "the server cannot read what it has stored; its log says more",
                )
            }
            Unavailable::Write(WriteError::Unreachable) => {
                tracing::error!("the database cannot be reached");
                Self::unavailable(
                    "the server cannot reach its database; nothing was changed, repeat the request",
                    2,
                )
            }
            // After a failed flush only the log knows, and it is read at the next start; after a lost commit only the
            // database, which nobody could ask in time.
            Unavailable::Write(WriteError::Halted | WriteError::Unknown) => Self::unavailable(
                "the server could not store the change, and it is not known whether it was kept; repeat the request, \
                 with the same Idempotency-Key where it had one",
                5,
            ),
            Unavailable::Write(WriteError::Damaged) => Self::unavailable(
                "the server's store is damaged and is only read; nothing was changed, whoever runs it has to look at it",
                60,
            ),
            Unavailable::Write(error) => {
                tracing::error!(%error, "the store could not be written");
                Self::unavailable(
                    "the server could not store the change; nothing was changed, repeat the request",
                    5,
                )
            }
            Unavailable::Read(error) => {
                tracing::error!(%error, "the store could not be read");
                Self::unavailable("the server could not read its store; repeat the request", 5)
            }
            Unavailable::Vault(error) => {
                tracing::error!(%error, "a secret could not be sealed or opened");
                Self::new(
                    Kind::UnknownError,
                    "the server cannot open a session that it has stored; its log says more",
                )
            }
            Unavailable::Random => {
                tracing::error!("the system's random generator failed");
                Self::unavailable(
                    "the server could not make a secret; nothing was changed, repeat the request",
                    5,
                )
            }
        }
    }
}
