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

impl Operation {
    /// Keeps a sealed secret at its place, over what was there. `until` is when it stops to count; `None` is never.
    pub fn keep_sealed(&mut self, place: &Place, sealed: Sealed, until: Option<Timestamp>) {
        let at = self.at;
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

    /// Removes every sealed secret of an owner, each with the key that opens it.
    pub fn destroy_sealed(&mut self, kind: SealedKind, owner: &str) {
        self.any_rows(DESTROY, vec![kind.name().into(), owner.to_owned().into()]);
    }
}

impl Store {
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
