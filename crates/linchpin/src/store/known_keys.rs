//! Which version of the master key the vault goes by, what each is recognised by, and which rows are wrapped with an
//! older one.

use super::{Operation, ReadError, Row, Store, Value, row::Corrupt};
use crate::domain::{
    environment::Environment,
    known_keys::{KeyCheck, KnownKeys},
    public_id::OrganisationId,
    sealed::{Place, SealedKind, WrappedKey},
    time::Timestamp,
};

/// The fact of the current version; of each version the fact of its name has the check, and when it became current.
const KNOWN: &str =
    "SELECT name, number, bytes FROM store_fact WHERE name = 'vault' OR name LIKE 'vault_key:%'";

const TURN: &str = "INSERT INTO store_fact (name, number) VALUES ('vault', $1) \
    ON CONFLICT (name) DO UPDATE SET number = excluded.number WHERE store_fact.number < excluded.number";

const KEEP_CHECK: &str = "INSERT INTO store_fact (name, number, bytes) VALUES ($1, $2, $3) \
    ON CONFLICT (name) DO UPDATE SET number = excluded.number WHERE store_fact.bytes = excluded.bytes";

const USED: &str =
    "SELECT COUNT(*) FROM (SELECT 1 FROM sealed WHERE key_version = $1 LIMIT 1) AS used";

const COUNTS: &str =
    "SELECT key_version, COUNT(*) FROM sealed GROUP BY key_version ORDER BY key_version";

const OLDER_LEFT: &str = "SELECT COUNT(*) FROM sealed WHERE key_version < $1";

/// Of rows whose owner is not there nobody can say where they belong.
const OLDER: &str = "SELECT sealed.kind, sealed.owner, sealed.number, sealed.key_version, sealed.wrapped_key, \
    COALESCE(connection.organisation_id, webhook_endpoint.organisation_id, ''), \
    COALESCE(connection.environment, webhook_endpoint.environment, '') \
    FROM sealed \
    LEFT JOIN connection ON sealed.kind IN ('session', 'proxy') AND connection.id = sealed.owner \
    LEFT JOIN webhook_endpoint ON sealed.kind = 'webhook_secret' AND webhook_endpoint.id = sealed.owner \
    WHERE sealed.key_version < $1 \
    AND (sealed.key_version, sealed.kind, sealed.owner, sealed.number) > ($2, $3, $4, $5) \
    ORDER BY sealed.key_version, sealed.kind, sealed.owner, sealed.number LIMIT $6";

/// What was sealed anew in the meantime has another key, and stays.
const REWRAP: &str = "UPDATE sealed SET key_version = $1, wrapped_key = $2 \
    WHERE kind = $3 AND owner = $4 AND number = $5 AND key_version = $6 AND wrapped_key = $7";

/// Where a walk over the rows of older versions stands: the last row that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OlderRow {
    version: i64,
    kind: String,
    owner: String,
    number: i64,
}

/// The key of a row that is wrapped with an older version.
#[derive(Debug, Clone)]
pub struct OlderKey {
    /// Where the walk stands with it.
    pub row: OlderRow,
    /// Where it belongs; `None` where its owner is not there.
    pub place: Option<Place>,
    /// The key as it is wrapped.
    pub key: WrappedKey,
}

impl Operation {
    /// Has a version of the master key become current. Refused with `Overtaken` where it or a later one is so already,
    /// or where another key was current under this number before.
    pub fn turn_to_key(&mut self, version: i64, check: KeyCheck) {
        let at = self.at;
        self.one_row(TURN, vec![version.into()]);
        let name = format!("vault_key:{version}");
        self.one_row(
            KEEP_CHECK,
            vec![name.into(), at.into(), check.to_vec().into()],
        );
        self.directory_changed();
    }

    /// Has other nodes read their key files again.
    pub fn keys_changed(&mut self) {
        self.directory_changed();
    }

    /// Puts a key that is wrapped anew in the place of the one of before. Does nothing where that was replaced already.
    pub fn replace_key(&mut self, place: &Place, before: WrappedKey, after: WrappedKey) {
        self.changes_sealed(place.kind, &place.owner);
        self.any_rows(
            REWRAP,
            vec![
                after.version.into(),
                after.bytes.into(),
                place.kind.name().into(),
                place.owner.clone().into(),
                place.number.into(),
                before.version.into(),
                before.bytes.into(),
            ],
        );
    }
}

impl Store {
    /// What the store knows of the master keys.
    pub async fn known_keys(&self) -> Result<KnownKeys, ReadError> {
        let mut known = KnownKeys::unchecked(1);
        let mut since = std::collections::BTreeMap::new();
        for mut row in self.read("store_fact", KNOWN, vec![]).await? {
            let name = row.text()?.into_owned();
            let number = row.int()?;
            let Some(version) = name.strip_prefix("vault_key:") else {
                known.current = number;
                continue;
            };
            let version = version.parse();
            let version: i64 = version.map_err(|_| row.corrupt("a version of the master key"))?;
            let check = row.bytes()?;
            let check = check.try_into();
            let check = check.map_err(|_| row.corrupt("a check of 32 bytes"))?;
            known.checks.insert(version, check);
            since.insert(version, number);
        }
        known.since = Timestamp(since.get(&known.current).copied().unwrap_or(0));
        Ok(known)
    }

    /// Whether anything is wrapped with a version of the master key.
    pub async fn is_key_used(&self, version: i64) -> Result<bool, ReadError> {
        Ok(self.number(USED, vec![version.into()]).await? > 0)
    }

    /// How many rows are wrapped with versions before this one.
    pub async fn wrapped_before(&self, version: i64) -> Result<i64, ReadError> {
        self.number(OLDER_LEFT, vec![version.into()]).await
    }

    /// How many rows are wrapped with each version, lowest version first; none of those that wrap nothing.
    pub async fn wrapped_counts(&self) -> Result<Vec<(i64, i64)>, ReadError> {
        let rows = self.read("sealed", COUNTS, vec![]).await?;
        let counts = rows
            .into_iter()
            .map(|mut row| Ok((row.int()?, row.int()?)))
            .collect::<Result<_, Corrupt>>();
        Ok(counts?)
    }

    /// Keys that are wrapped with versions before `current`, in their order from `after` on, `most` at most.
    pub async fn older_keys(
        &self,
        current: i64,
        after: &OlderRow,
        most: i64,
    ) -> Result<Vec<OlderKey>, ReadError> {
        let values: Vec<Value> = vec![
            current.into(),
            after.version.into(),
            after.kind.clone().into(),
            after.owner.clone().into(),
            after.number.into(),
            most.into(),
        ];
        let rows = self.read("sealed", OLDER, values).await?;
        let keys = rows
            .into_iter()
            .map(older_key)
            .collect::<Result<_, Corrupt>>();
        Ok(keys?)
    }

    async fn number(&self, sql: &'static str, values: Vec<Value>) -> Result<i64, ReadError> {
        let rows = self.read("sealed", sql, values).await?;
        let number = rows.into_iter().next().map(|mut row| row.int());
        Ok(number.transpose()?.unwrap_or(0))
    }
}

fn older_key(mut row: Row) -> Result<OlderKey, Corrupt> {
    let (kind, owner) = (row.text()?.into_owned(), row.text()?.into_owned());
    let (number, version) = (row.int()?, row.int()?);
    let bytes = row.bytes()?;
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
    Ok(OlderKey {
        row: OlderRow {
            version,
            kind,
            owner,
            number,
        },
        place,
        key: WrappedKey { version, bytes },
    })
}
