//! One transaction for many operations, in two journeys to the server and back: everything that is done, then COMMIT.

use std::{collections::HashMap, pin::Pin, task::Poll, time::Duration};

use futures_util::future::poll_fn;
use tokio_postgres::{Client, Error, types::ToSql};

use super::{
    bulk::{self, Columns},
    mark::{COUNT, Mark},
    value::Trouble,
};
use crate::store::operation::{Operation, Refusal, Statement, WriteError};

/// How long the server may take for a batch, and for its COMMIT. Above the server's own limits, so that these speak first.
const BATCH: Duration = Duration::from_secs(5);
const COMMIT: Duration = Duration::from_secs(5);

/// Why a batch does not stand, or is not known to.
#[derive(Debug)]
pub enum Fault {
    /// These operations, by their place in the batch, did not change the rows that they had to. Nothing stands.
    Refused(Vec<(usize, Refusal)>),
    /// A statement failed. Nothing stands.
    Told(WriteError),
    /// Somebody else was in the way. Nothing stands.
    Conflict,
    /// The connection was lost before COMMIT was sent. Nothing stands.
    Lost,
    /// COMMIT was sent and got no answer.
    Unanswered,
}

impl From<Trouble> for Fault {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Told(error) => Self::Told(error),
            Trouble::Conflict => Self::Conflict,
            Trouble::Lost => Self::Lost,
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Trouble::from(&error).into()
    }
}

type Prepared = tokio_postgres::Statement;
type Doing<'a> = Pin<Box<dyn Future<Output = Result<u64, Error>> + Send + 'a>>;

/// Statements that a connection keeps prepared, by their text: each for one row, and plain inserts for many.
#[derive(Default)]
pub struct Statements {
    single: HashMap<&'static str, Prepared>,
    bulk: HashMap<&'static str, Prepared>,
}

/// What a batch does, in its order.
struct Plan<'a> {
    /// Statements one by one, each with its operation's place.
    single: Vec<(usize, &'a Statement)>,
    /// Rows that are added together, by the text of their statement.
    bulk: Vec<(&'static str, Vec<&'a Statement>)>,
}

impl<'a> Plan<'a> {
    fn of(operations: &[&'a Operation]) -> Self {
        let mut plan = Self {
            single: Vec::new(),
            bulk: Vec::new(),
        };
        for (place, operation) in operations.iter().enumerate() {
            for statement in operation.statements.iter().chain(&operation.announced) {
                if operations.len() == 1 || !statement.adds {
                    plan.single.push((place, statement));
                    continue;
                }
                match plan.bulk.iter_mut().find(|(sql, _)| *sql == statement.sql) {
                    Some((_, rows)) => rows.push(statement),
                    None => plan.bulk.push((statement.sql, vec![statement])),
                }
            }
        }
        plan
    }
}

impl Statements {
    /// Carries the operations out in one transaction.
    pub async fn commit(
        &mut self,
        client: &Client,
        mark: &mut Mark,
        operations: &[&Operation],
    ) -> Result<(), Fault> {
        let plan = Plan::of(operations);
        let (number, writer) = mark.next();
        let begun = async {
            self.prepare(client, &plan).await?;
            self.carry_out(client, &plan, [&number, &writer]).await
        };
        let done = tokio::time::timeout(BATCH, begun)
            .await
            .unwrap_or(Err(Fault::Lost));
        if let Err(fault) = done {
            if matches!(fault, Fault::Lost) {
                // Whoever did not answer does not hear ROLLBACK either; the server undoes what nobody commits.
                return Err(fault);
            }
            let undone = tokio::time::timeout(COMMIT, client.batch_execute("ROLLBACK")).await;
            return Err(match undone {
                Ok(Ok(())) => fault,
                _ => Fault::Lost,
            });
        }
        match tokio::time::timeout(COMMIT, client.batch_execute("COMMIT")).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Fault::Unanswered),
        }
    }

    async fn prepare(&mut self, client: &Client, plan: &Plan<'_>) -> Result<(), Fault> {
        let texts = plan.single.iter().map(|(_, statement)| statement.sql);
        let inserts = plan.bulk.iter().map(|(sql, _)| *sql);
        for sql in texts.chain(inserts).chain([COUNT]) {
            if !self.single.contains_key(sql) {
                self.single.insert(sql, client.prepare(sql).await?);
            }
        }
        for (sql, _) in &plan.bulk {
            if let Some(single) = self
                .single
                .get(sql)
                .filter(|_| !self.bulk.contains_key(sql))
            {
                let text = bulk::form(sql, single.params());
                self.bulk.insert(sql, client.prepare(&text).await?);
            }
        }
        Ok(())
    }

    /// Sends everything at once and reads what the server says of each.
    async fn carry_out(
        &self,
        client: &Client,
        plan: &Plan<'_>,
        count: [&(dyn ToSql + Sync); 2],
    ) -> Result<(), Fault> {
        let missing = || {
            Fault::Told(WriteError::Failed(
                "a statement was not prepared".to_owned(),
            ))
        };
        let columns: Vec<(&Prepared, Columns<'_>)> = plan
            .bulk
            .iter()
            .map(|(sql, rows)| {
                let prepared = self.bulk.get(sql).ok_or_else(missing)?;
                let single = self.single.get(sql).ok_or_else(missing)?;
                Ok((prepared, Columns::of(rows, single.params())))
            })
            .collect::<Result<_, Fault>>()?;
        let mut doing: Vec<Doing<'_>> = Vec::with_capacity(plan.single.len() + columns.len() + 2);
        doing.push(Box::pin(async {
            client.batch_execute("BEGIN").await.map(|()| 1)
        }));
        let mark = self.single.get(COUNT).ok_or_else(missing)?;
        doing.push(Box::pin(async move { client.execute(mark, &count).await }));
        for (_, statement) in &plan.single {
            let prepared = self.single.get(statement.sql).ok_or_else(missing)?;
            doing.push(Box::pin(async move {
                let values: Vec<&(dyn ToSql + Sync)> =
                    statement.values.iter().map(|value| value as _).collect();
                client.execute(prepared, &values).await
            }));
        }
        for (prepared, columns) in &columns {
            doing.push(Box::pin(async move {
                client.execute(*prepared, &columns.parameters()).await
            }));
        }
        let told = in_order(doing).await;
        judge(plan, told)
    }
}

/// What the numbers of changed rows mean: BEGIN, the mark, the single statements, the rows added together.
fn judge(plan: &Plan<'_>, told: Vec<Result<u64, Error>>) -> Result<(), Fault> {
    let mut changed = Vec::with_capacity(told.len());
    for outcome in told {
        changed.push(outcome?);
    }
    if changed.get(1) != Some(&1) {
        // The mark was taken away. A new connection puts it down again.
        return Err(Fault::Lost);
    }
    let mut refused = Vec::new();
    for ((place, statement), changed) in plan.single.iter().zip(changed.iter().skip(2)) {
        let stands = statement
            .rows
            .is_none_or(|rows| u64::try_from(rows) == Ok(*changed));
        if !stands && refused.last().is_none_or(|(last, _)| last != place) {
            refused.push((*place, Refusal::Overtaken));
        }
    }
    match refused.is_empty() {
        true => Ok(()),
        false => Err(Fault::Refused(refused)),
    }
}

/// Runs all at the same time. Each is begun in its turn, and so their messages go out in this order.
async fn in_order(mut doing: Vec<Doing<'_>>) -> Vec<Result<u64, Error>> {
    let mut done: Vec<Option<Result<u64, Error>>> = doing.iter().map(|_| None).collect();
    poll_fn(|context| {
        let mut all = true;
        for (one, done) in doing.iter_mut().zip(&mut done) {
            if done.is_none() {
                match one.as_mut().poll(context) {
                    Poll::Ready(outcome) => *done = Some(outcome),
                    Poll::Pending => all = false,
                }
            }
        }
        if all { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}
