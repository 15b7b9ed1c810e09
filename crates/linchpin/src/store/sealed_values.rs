//! Sealed secrets. What opens them is the vault; here they are rows.

use super::{Operation, ReadError, Store, Value, row::Corrupt};
use crate::domain::{
    sealed::{Place, Sealed, SealedKind},
    time::Timestamp,
};

const KEEP: &str = "INSERT INTO sealed (kind, owner, number, key_version, wrapped_key, sealed, sealed_at, until) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
    ON CONFLICT (kind, owner, number) DO UPDATE SET key_version = excluded.key_version, \
    wrapped_key = excluded.wrapped_key, sealed = excluded.sealed, sealed_at = excluded.sealed_at, until = excluded.until";

const DESTROY: &str = "DELETE FROM sealed WHERE kind = $1 AND owner = $2";

const AT: &str = "SELECT key_version, wrapped_key, sealed FROM sealed \
    WHERE kind = $1 AND owner = $2 AND number = $3";

const OF_OWNER: &str = "SELECT number, COALESCE(until, 0), key_version, wrapped_key, sealed FROM sealed \
    WHERE kind = $1 AND owner = $2 ORDER BY number DESC";

const END: &str = "UPDATE sealed SET until = $1 WHERE kind = $2 AND owner = $3 AND until IS NULL";

const DESTROY_ENDED: &str = "DELETE FROM sealed WHERE kind = $1 AND owner = $2 AND until <= $3";

/// One of the sealed secrets of an owner.
#[derive(Debug, Clone)]
pub struct SealedOf {
    /// From 1; the highest is the newest.
    pub number: i64,
    /// When it stops to count; `None` is never.
    pub until: Option<Timestamp>,
    /// The secret.
    pub sealed: Sealed,
}

impl Operation {
    /// Keeps a sealed secret at its place, over what was there. `until` is when it stops to count; `None` is never.
    pub fn keep_sealed(&mut self, place: &Place, sealed: Sealed, until: Option<Timestamp>) {
        let at = self.at;
        self.changes_sealed(place.kind, &place.owner);
        self.one_row(
            KEEP,
            vec![
                place.kind.name().into(),
                place.owner.clone().into(),
                place.number.into(),
                sealed.key_version.into(),
                sealed.wrapped_key.into(),
                sealed.bytes.into(),
                at.into(),
                until.into(),
            ],
        );
    }

    /// Has the secrets of an owner that count for ever stop to count at `until`, and removes those that have stopped.
    pub fn end_sealed(&mut self, kind: SealedKind, owner: &str, until: Timestamp) {
        let at = self.at;
        self.changes_sealed(kind, owner);
        let of = || [kind.name().into(), owner.to_owned().into()];
        let [kind_of, owner_of] = of();
        self.any_rows(DESTROY_ENDED, vec![kind_of, owner_of, at.into()]);
        let [kind_of, owner_of] = of();
        self.any_rows(END, vec![until.into(), kind_of, owner_of]);
    }

    /// Removes every sealed secret of an owner, each with the key that opens it.
    pub fn destroy_sealed(&mut self, kind: SealedKind, owner: &str) {
        self.changes_sealed(kind, owner);
        self.any_rows(DESTROY, vec![kind.name().into(), owner.to_owned().into()]);
    }
}

impl Store {
    /// Every sealed secret of an owner, newest first.
    pub async fn sealed_of(
        &self,
        kind: SealedKind,
        owner: &str,
    ) -> Result<Vec<SealedOf>, ReadError> {
        let values = vec![kind.name().into(), owner.to_owned().into()];
        let rows = self.read("sealed", OF_OWNER, values).await?;
        rows.into_iter()
            .map(|mut row| {
                let (number, until) = (row.int()?, row.int()?);
                Ok(SealedOf {
                    number,
                    until: (until > 0).then_some(Timestamp(until)),
                    sealed: Sealed {
                        key_version: row.int()?,
                        wrapped_key: row.bytes()?,
                        bytes: row.bytes()?,
                    },
                })
            })
            .collect()
    }

    /// What is sealed at a place.
    pub async fn sealed(&self, place: &Place) -> Result<Option<Sealed>, ReadError> {
        let values: Vec<Value> = vec![
            place.kind.name().into(),
            place.owner.clone().into(),
            place.number.into(),
        ];
        let rows = self.read("sealed", AT, values).await?;
        let sealed = rows
            .into_iter()
            .next()
            .map(|mut row| -> Result<_, Corrupt> {
                Ok(Sealed {
                    key_version: row.int()?,
                    wrapped_key: row.bytes()?,
                    bytes: row.bytes()?,
                })
            });
        Ok(sealed.transpose()?)
    }
}
