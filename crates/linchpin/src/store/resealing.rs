//! Sealing everything anew: since when that is asked for, whether it was seen through, and which rows are from before.
//!
//! A row is from before where it was sealed no later than that. So what is sealed meanwhile, and what was sealed anew
//! before a process was killed, counts as done.

use super::{Operation, ReadError, Row, Store, Value, row::Corrupt};
use crate::domain::{
    environment::Environment,
    public_id::OrganisationId,
    sealed::{Place, Sealed, SealedKind},
    time::Timestamp,
};

const ASK: &str = "INSERT INTO store_fact (name, number) VALUES ('vault_reseal', $1) \
    ON CONFLICT (name) DO UPDATE SET number = excluded.number WHERE store_fact.number < excluded.number";

const END: &str = "INSERT INTO store_fact (name, number) VALUES ('vault_resealed', $1) \
    ON CONFLICT (name) DO UPDATE SET number = excluded.number WHERE store_fact.number < excluded.number";

const ASKED: &str = "SELECT asked.number, COALESCE(ended.number, 0) FROM store_fact AS asked \
    LEFT JOIN store_fact AS ended ON ended.name = 'vault_resealed' WHERE asked.name = 'vault_reseal'";

const LEFT: &str = "SELECT COUNT(*) FROM sealed WHERE sealed_at <= $1";

/// Rows that are not from before are read as well, so that a page costs the same wherever the rows from before are.
const PAGE: &str = "SELECT sealed.kind, sealed.owner, sealed.number, \
    sealed.sealed_at, sealed.key_version, sealed.wrapped_key, sealed.sealed, \
    COALESCE(connection.organisation_id, webhook_endpoint.organisation_id, ''), \
    COALESCE(connection.environment, webhook_endpoint.environment, '') \
    FROM sealed \
    LEFT JOIN connection ON sealed.kind IN ('session', 'proxy') AND connection.id = sealed.owner \
    LEFT JOIN webhook_endpoint ON sealed.kind = 'webhook_secret' AND webhook_endpoint.id = sealed.owner \
    WHERE (sealed.kind, sealed.owner, sealed.number) > ($1, $2, $3) \
    ORDER BY sealed.kind, sealed.owner, sealed.number LIMIT $4";

/// What was sealed or wrapped anew in the meantime has another wrapped key, and stays.
const RESEAL: &str = "UPDATE sealed SET key_version = $1, wrapped_key = $2, sealed = $3, sealed_at = $4 \
    WHERE kind = $5 AND owner = $6 AND number = $7 AND key_version = $8 AND wrapped_key = $9";

/// That everything is to be sealed anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reseal {
    /// What was sealed until then is from before.
    pub asked_at: Timestamp,
    /// Whether nothing from before is left but what cannot be sealed anew.
    pub is_done: bool,
}

/// Where a walk over all sealed rows stands: the last row that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SealedRow {
    kind: String,
    owner: String,
    number: i64,
}

/// A row that the walk came by.
#[derive(Debug, Clone)]
pub struct Passed {
    /// Where the walk stands with it.
    pub row: SealedRow,
    /// When it was sealed.
    pub sealed_at: Timestamp,
    /// Where it belongs; `None` where its owner is not there.
    pub place: Option<Place>,
    /// The secret.
    pub sealed: Sealed,
}

impl Operation {
    /// Asks that everything that is sealed by now is sealed anew. Refused with `Overtaken` where that was asked for in
    /// the same millisecond.
    pub fn ask_for_reseal(&mut self) {
        let at = self.at;
        self.one_row(ASK, vec![at.into()]);
    }

    /// Writes that what was asked for then has been seen through.
    pub fn end_reseal(&mut self, asked_at: Timestamp) {
        self.any_rows(END, vec![asked_at.into()]);
    }

    /// Puts a secret that is sealed anew in the place of the one of before, which stops to count when that did. Does
    /// nothing where that was replaced already.
    pub fn replace_sealed(&mut self, place: &Place, before: Sealed, after: Sealed) {
        let at = self.at;
        self.changes_sealed(place.kind, &place.owner);
        self.any_rows(
            RESEAL,
            vec![
                after.key_version.into(),
                after.wrapped_key.into(),
                after.bytes.into(),
                at.into(),
                place.kind.name().into(),
                place.owner.clone().into(),
                place.number.into(),
                before.key_version.into(),
                before.wrapped_key.into(),
            ],
        );
    }
}

impl Store {
    /// What was last asked for; `None` where nobody ever did.
    pub async fn reseal(&self) -> Result<Option<Reseal>, ReadError> {
        let rows = self.read("store_fact", ASKED, vec![]).await?;
        let reseal = rows.into_iter().next().map(|mut row| {
            let (asked_at, ended) = (row.int()?, row.int()?);
            Ok::<_, Corrupt>(Reseal {
                asked_at: Timestamp(asked_at),
                is_done: ended >= asked_at,
            })
        });
        Ok(reseal.transpose()?)
    }

    /// How many rows were sealed no later than `at`. Reads every row.
    pub async fn sealed_until(&self, at: Timestamp) -> Result<i64, ReadError> {
        let rows = self.read("sealed", LEFT, vec![at.into()]).await?;
        let number = rows.into_iter().next().map(|mut row| row.int());
        Ok(number.transpose()?.unwrap_or(0))
    }

    /// The sealed rows in their order from `after` on, `most` at most.
    pub async fn sealed_rows(
        &self,
        after: &SealedRow,
        most: i64,
    ) -> Result<Vec<Passed>, ReadError> {
        let values: Vec<Value> = vec![
            after.kind.clone().into(),
            after.owner.clone().into(),
            after.number.into(),
            most.into(),
        ];
        let rows = self.read("sealed", PAGE, values).await?;
        let passed = rows.into_iter().map(passed).collect::<Result<_, Corrupt>>();
        Ok(passed?)
    }
}

fn passed(mut row: Row) -> Result<Passed, Corrupt> {
    let (kind, owner) = (row.text()?.into_owned(), row.text()?.into_owned());
    let (number, sealed_at) = (row.int()?, Timestamp(row.int()?));
    let sealed = Sealed {
        key_version: row.int()?,
        wrapped_key: row.bytes()?,
        bytes: row.bytes()?,
    };
    let (organisation, environment) = (row.text()?, row.text()?);
    let place = || {
        Some(Place {
            kind: SealedKind::parse(&kind)?,
            owner: owner.clone(),
            number,
            organisation: OrganisationId::parse(&organisation)?,
            environment: Environment::parse(&environment)?,
        })
    };
    let place = place();
    Ok(Passed {
        row: SealedRow {
            kind,
            owner,
            number,
        },
        sealed_at,
        place,
        sealed,
    })
}
