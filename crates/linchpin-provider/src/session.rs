//! What a provider needs to act for an account again, and what it says of it.

use std::fmt;

use zeroize::Zeroizing;

use crate::{Account, Secret};

/// What a provider needs to act for an account again: cookies, tokens. Only its provider knows what is in it.
///
/// It cannot be printed, and its memory is overwritten when it is dropped.
#[derive(Clone)]
pub struct Session(Zeroizing<String>);

impl Session {
    /// Bytes of a session at most.
    pub const LENGTH_MAX: usize = 64 * 1024;

    /// Takes over what the provider wants to have kept, at most [`Session::LENGTH_MAX`] bytes.
    pub fn new(text: impl Into<Zeroizing<String>>) -> Self {
        Self(text.into())
    }

    /// Takes over the bytes of a text; `None` where they are none.
    pub fn from_bytes(mut bytes: Zeroizing<Vec<u8>>) -> Option<Self> {
        let text = String::from_utf8(std::mem::take(&mut *bytes)).ok()?;
        Some(Self(Zeroizing::new(text)))
    }

    /// The text itself; for the provider, and for sealing it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session")
    }
}

/// An account that was signed in to, with the session.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The account.
    pub account: Account,
    /// What the provider needs to act for it again.
    pub session: Session,
    /// Which permissions the provider says that the session has, where its users can take some off on its own page; `None`
    /// where it does not say: all that were asked for. Names of others do no harm.
    pub granted: Option<Vec<String>>,
}

/// A session that was made elsewhere.
#[derive(Debug, Clone)]
pub enum Import {
    /// Of a browser.
    Cookie {
        /// The `Cookie` header, as the browser sends it.
        cookie: Secret,
        /// The browser's `User-Agent`.
        user_agent: String,
    },
    /// Of an application.
    Token {
        /// The access token.
        access_token: Secret,
        /// What a new access token is got with.
        refresh_token: Option<Secret>,
        /// When the access token ends, in milliseconds since 1970.
        expires_at: Option<i64>,
    },
}

/// What became of an import.
#[derive(Debug, Clone)]
pub enum Imported {
    /// The session works.
    Taken(SignedIn),
    /// The session does not work.
    Dead,
    /// The provider does not take over sessions of this kind.
    NotOffered,
    /// The provider cannot answer at the moment.
    Unavailable,
}

/// What a provider says to whether a session is alive.
#[derive(Debug, Clone)]
pub enum Looked {
    /// It is.
    Alive {
        /// The account as it is now.
        account: Account,
        /// The session that takes the place of the one that was looked at.
        renewed: Option<Session>,
    },
    /// It is not, and signing in again is the only way.
    Dead(Death),
    /// The provider cannot answer at the moment, which says nothing about the session.
    Unavailable,
}

/// Why a session is dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    /// It was ended or has run out.
    SignedOut,
    /// The user has taken the access away.
    Revoked,
    /// The account is locked.
    Locked,
}
