//! Values on their way to PostgreSQL and back, and what its errors mean.

use std::{borrow::Cow, error::Error};

use bytes::BytesMut;
use tokio_postgres::{
    error::SqlState,
    types::{FromSql, IsNull, ToSql, Type, to_sql_checked},
};

use crate::store::operation::{Refusal, Value, WriteError};

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) => number.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
            Self::Bytes(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::TEXT | Type::BYTEA)
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(match *kind {
            Type::INT8 => Self::Int(i64::from_sql(kind, raw)?),
            Type::BYTEA => Self::Bytes(raw.to_vec()),
            _ => Self::Text(Cow::Owned(String::from_sql(kind, raw)?)),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::TEXT | Type::BYTEA)
    }
}

/// What an error of a statement means for the operation that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The operation does not stand, and never will.
    Told(WriteError),
    /// Somebody else was in the way; the same again may work.
    Conflict,
    /// The connection is gone or of no use any more.
    Lost,
}

impl From<&tokio_postgres::Error> for Trouble {
    fn from(error: &tokio_postgres::Error) -> Self {
        let Some(refused) = error.as_db_error() else {
            let cause = std::error::Error::source(error);
            let broken =
                error.is_closed() || cause.is_some_and(|cause| cause.is::<std::io::Error>());
            return match broken {
                true => Self::Lost,
                false => Self::Told(WriteError::Failed(error.to_string())),
            };
        };
        let code = refused.code();
        // The message of a refusal may quote values of the row; its code and constraint do not.
        let told = || {
            let constraint = refused.constraint().unwrap_or("no constraint");
            WriteError::Failed(format!("SQLSTATE {}, {constraint}", code.code()))
        };
        match *code {
            SqlState::T_R_SERIALIZATION_FAILURE
            | SqlState::T_R_DEADLOCK_DETECTED
            | SqlState::LOCK_NOT_AVAILABLE => Self::Conflict,
            SqlState::UNIQUE_VIOLATION => Self::Told(WriteError::Refused(Refusal::Exists)),
            SqlState::DISK_FULL => Self::Told(WriteError::Full),
            SqlState::QUERY_CANCELED => Self::Told(WriteError::Busy),
            // A primary that became a standby, and everything that ends the session.
            SqlState::READ_ONLY_SQL_TRANSACTION
            | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
            | SqlState::TOO_MANY_CONNECTIONS => Self::Lost,
            _ if code.code().starts_with("57P") || code.code().starts_with("08") => Self::Lost,
            _ => Self::Told(told()),
        }
    }
}
