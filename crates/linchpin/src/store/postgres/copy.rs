//! A database that a whole store is written into, and read back.

use std::{collections::HashSet, pin::pin};

use futures_util::TryStreamExt as _;
use tokio_postgres::{
    Client, Error,
    binary_copy::BinaryCopyInWriter,
    types::{ToSql, Type},
};

use super::{
    database::Database,
    days,
    dial::{Line, reason},
    migrate, settle,
};
use crate::{
    domain::id::SessionId,
    store::{
        OpenError,
        copy::{CopyError, Digest, Kind, Page, Table},
        operation::Value,
    },
};

/// A database that nobody serves from.
pub struct Target {
    line: Line,
    database: Database,
    days: HashSet<i64>,
}

impl Target {
    /// Connects and makes the schema where there is none.
    pub async fn open(database: &Database) -> Result<Self, OpenError> {
        let refused = |detail: String| OpenError::Database {
            database: database.to_string(),
            detail,
        };
        let line = database.connect().await.map_err(refused)?;
        settle::check_server(&line.client).await.map_err(refused)?;
        migrate::run(&line.client, database).await?;
        // A statement reads or writes as much as there is.
        line.client
            .batch_execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")
            .await
            .map_err(|error| refused(reason(&error)))?;
        Ok(Self {
            line,
            database: database.clone(),
            days: HashSet::new(),
        })
    }

    /// Makes sure that there is nothing in it, and puts a mark in it by which servers and later copies see that it is
    /// not whole. With `again`, what a copy that was cut off has left is thrown away; anything else never is.
    pub async fn begin(&self, tables: &[Table], again: bool) -> Result<(), CopyError> {
        let cut_off = settle::is_half_copied(&self.line.client)
            .await
            .map_err(|error| self.failed(&error))?;
        if cut_off && !again {
            return Err(self.refused(
                "a copy into it was cut off. Give --again to throw away what that copy has written and begin anew"
                    .to_owned(),
            ));
        }
        let mut begin = String::from("CREATE TABLE IF NOT EXISTS copy_under_way (); ");
        for table in tables {
            let name = &table.name;
            if cut_off {
                begin = format!("{begin}TRUNCATE {name} CASCADE; ");
                continue;
            }
            let rows = format!("SELECT EXISTS (SELECT 1 FROM {name})");
            let rows = self.client().query_one(&rows, &[]).await;
            let is_filled: bool = rows.map_err(|error| self.failed(&error))?.get(0);
            if is_filled && name != "store_fact" {
                return Err(self.refused(format!(
                    "{name} holds rows already. A store is copied only into an empty database; make a new one with CREATE DATABASE"
                )));
            }
        }
        // What a server has written there that has never been used: its clock, and how it knows its master key.
        begin.push_str("DELETE FROM store_fact");
        self.client()
            .batch_execute(&format!("BEGIN; {begin}; COMMIT"))
            .await
            .map_err(|error| self.failed(&error))
    }

    /// Adds rows to a table.
    pub async fn write(&mut self, table: &Table, page: &Page) -> Result<(), CopyError> {
        if days::TABLES.contains(&table.name.as_str()) {
            self.make_days(page).await?;
        }
        self.copy_in(table, page)
            .await
            .map_err(|error| self.refused(format!("{}: {}", table.name, reason(&error))))
    }

    async fn make_days(&mut self, page: &Page) -> Result<(), CopyError> {
        for row in page {
            let Some(Value::Int(id)) = row.first() else {
                continue;
            };
            let day = SessionId::from_number(*id)
                .made_at()
                .0
                .div_euclid(days::DAY);
            if self.days.insert(day) {
                days::make_day(self.client(), day)
                    .await
                    .map_err(|error| self.failed(&error))?;
            }
        }
        Ok(())
    }

    async fn copy_in(&self, table: &Table, page: &Page) -> Result<(), Error> {
        let types: Vec<Type> = table
            .kinds()
            .map(|kind| match kind {
                Kind::Number => Type::INT8,
                Kind::Text => Type::TEXT,
                Kind::Bytes => Type::BYTEA,
            })
            .collect();
        let sql = format!(
            "COPY {} ({}) FROM STDIN (FORMAT binary)",
            table.name,
            table.columns()
        );
        let sink = self.client().copy_in(&sql).await?;
        let mut writer = pin!(BinaryCopyInWriter::new(sink, &types));
        for row in page {
            let values: Vec<&(dyn ToSql + Sync)> = row.iter().map(|value| value as _).collect();
            writer.as_mut().write(&values).await?;
        }
        writer.finish().await.map(drop)
    }

    /// Reads all rows of a table in the order of its key.
    pub async fn digest(&self, table: &Table) -> Result<Digest, CopyError> {
        self.read(table).await.map_err(|error| self.failed(&error))
    }

    async fn read(&self, table: &Table) -> Result<Digest, Error> {
        let sql = format!(
            "SELECT {} FROM {} ORDER BY {}",
            table.columns(),
            table.name,
            table.key_by_bytes()
        );
        let rows = self.client().query_raw(&sql, Vec::<i64>::new()).await?;
        let mut rows = pin!(rows);
        let mut digest = Digest::default();
        while let Some(row) = rows.try_next().await? {
            let values = (0..row.len()).map(|column| row.try_get::<_, Value>(column));
            digest.take(&values.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(digest)
    }

    /// Says that the copy is whole: from here on servers take it.
    pub async fn end(&self) -> Result<(), CopyError> {
        self.client()
            .batch_execute("ANALYZE; DROP TABLE copy_under_way")
            .await
            .map_err(|error| self.failed(&error))
    }

    fn client(&self) -> &Client {
        &self.line.client
    }

    fn failed(&self, error: &Error) -> CopyError {
        self.refused(reason(error))
    }

    fn refused(&self, detail: String) -> CopyError {
        CopyError::Target {
            database: self.database.to_string(),
            detail,
        }
    }
}
