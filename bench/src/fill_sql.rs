//! A PostgreSQL store with many sessions in it, made by the server itself: of ten million rows none crosses the wire.

use std::{path::Path, sync::Arc};

use linchpin::{
    domain::{
        id::{ConnectionId, SessionId},
        keyring::Keyring,
        link_session::{Event, LinkSession, Transition},
        time::{HOUR, MINUTE, Timestamp},
        token::LinkSecret,
    },
    store::{Database, Operation, Options, Store},
};
use tokio_postgres::{Client, types::ToSql};

use crate::{Outcome, fill};

/// Days that the sessions are spread over; far less than the history is kept for, so that none leaves meanwhile.
const DAYS: i64 = 10;
const SPAN: i64 = DAYS * 24 * HOUR;
/// The latest ones are open still.
const OPEN: i64 = HOUR;
/// Rows in one statement.
const PAGE: i64 = 50_000;

/// How a session went, as the rows of it are to look.
struct Course {
    /// Which rows, of `i` and of `$8`, the first open one.
    rows: &'static str,
    /// SQL of the time of its end.
    ended_at: &'static str,
    session: LinkSession,
    history: Vec<Transition>,
}

/// Puts so many sessions of the last ten days into a database that `linchpin dev` has prepared: those of the last
/// hour are open; of the others one in four was linked and the rest ran out unused.
pub async fn fill(url: &str, client: &Client, data: &Path, sessions: usize) -> Outcome<()> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let now = Timestamp(i64::try_from(since.as_millis())?);
    let first = now.plus(-SPAN);
    let days: Vec<Timestamp> = (0..=DAYS).map(|day| first.plus(day * 24 * HOUR)).collect();
    make_days(url, data, &days).await?;
    let sessions = i64::try_from(sessions)?;
    let ids = (
        SessionId::first_at(first).number(),
        SessionId::first_at(now).number(),
    );
    let step = (ids.1 - ids.0) / sessions.max(1);
    let open_from = sessions - sessions * OPEN / SPAN;
    let spread = [ids.0, step, first.0, sessions, open_from];
    let courses = courses(now)?;
    client.batch_execute("SET synchronous_commit = off").await?;
    let mut from = 0;
    while from < sessions {
        let to = sessions.min(from + PAGE) - 1;
        for course in &courses {
            add(client, course, spread, (from, to)).await?;
        }
        from = to + 1;
    }
    // Otherwise the server would do both while it is measured.
    client.batch_execute("VACUUM (ANALYZE)").await?;
    client.batch_execute("CHECKPOINT").await?;
    Ok(())
}

/// A session written at a time makes the partitions of its day.
async fn make_days(url: &str, data: &Path, days: &[Timestamp]) -> Outcome<()> {
    let key = std::fs::read_to_string(data.join("master.key"))?;
    let keyring = Arc::new(Keyring::derive(fill::master_key(key.trim())?));
    let store = Store::open(&Options::on(Database::parse(url, None)?), &keyring).await?;
    for at in days.iter().copied() {
        let id = SessionId::next(None, at, 1);
        let hash = LinkSecret::new(id, [9; 32]).hash(&keyring);
        let mut operation = Operation::new(at);
        operation.insert_session(&fill::session(id, at), &hash)?;
        store.write(operation).await?;
    }
    store.close().await;
    Ok(())
}

fn courses(now: Timestamp) -> Outcome<[Course; 3]> {
    let new = fill::session(SessionId::first_at(now), now);
    let course = |rows, ended_at, events: &[(Event, i64)]| -> Outcome<Course> {
        let mut session = new.clone();
        let mut history = Vec::new();
        for (event, after) in events {
            let done = session.apply(event, now.plus(*after))?;
            session = done.session.clone();
            history.push(done);
        }
        Ok(Course {
            rows,
            ended_at,
            session,
            history,
        })
    };
    let linked = [
        (
            Event::Begun {
                flow_hash: [3; 32],
                provider: "sandbox".to_owned(),
            },
            0,
        ),
        (
            Event::Allowed {
                optional: vec!["posts:read".to_owned()],
            },
            0,
        ),
        (
            Event::PasswordSubmitted {
                username: "jane@creator.sandbox.com".to_owned(),
                until: now.plus(MINUTE),
            },
            0,
        ),
        (
            Event::Linked {
                connection: ConnectionId::new([5; 16]),
            },
            0,
        ),
    ];
    Ok([
        course("i >= $8", "NULL", &[])?,
        course("i < $8 AND i % 4 = 0", "created + 60000", &linked)?,
        course(
            "i < $8 AND i % 4 <> 0",
            "created + 3600000",
            &[(Event::TimePassed, fill::LIFE)],
        )?,
    ])
}

/// Adds the rows of one course between two numbers, and their history.
async fn add(
    client: &Client,
    course: &Course,
    [first, step, since, all, open_from]: [i64; 5],
    (from, to): (i64, i64),
) -> Outcome<()> {
    // Numbers from $3 to $4; the ids begin at $1 and are $2 apart; the times begin at $5 and span $6 over $7 rows.
    let numbers = format!(
        "SELECT i, $1::int8 + i * $2::int8 AS id, $5::int8 + i * $6::int8 / $7::int8 AS created \
         FROM generate_series($3::int8, $4::int8) AS i WHERE {}",
        course.rows.replace("$8", "$8::int8")
    );
    // All eight stand in every text, so that every text has the same ones.
    let numbers = format!("SELECT * FROM ({numbers}) AS all_of WHERE $8::int8 >= 0");
    let spread: [&(dyn ToSql + Sync); 8] =
        [&first, &step, &from, &to, &since, &SPAN, &all, &open_from];
    let session = &course.session;
    let request = serde_json::to_string(&session.request)?;
    let state_json = serde_json::to_string(&session.state)?;
    let (organisation, app) = (
        session.request.organisation.as_str(),
        session.request.app.as_str(),
    );
    let (environment, stage) = (
        session.request.environment.as_str(),
        session.state.stage.name(),
    );
    let sql = format!(
        "INSERT INTO link_session (id, organisation_id, environment, app_id, client_reference_id, secret_hash, \
         request, stage, state, version, created_at, expires_at, ended_at) \
         SELECT id, $9, $10, $11, 'user_' || i, sha256(int8send(i)), $12, $13, $14, $15, created, \
         created + CASE WHEN {ended} IS NULL THEN {life} ELSE 3600000 END, {ended} FROM ({numbers}) AS numbered",
        ended = course.ended_at,
        life = fill::LIFE,
    );
    let mut values = spread.to_vec();
    let own: [&(dyn ToSql + Sync); 7] = [
        &organisation,
        &environment,
        &app,
        &request,
        &stage,
        &state_json,
        &session.version,
    ];
    values.extend(own);
    client.execute(&sql, &values).await?;
    for done in &course.history {
        let to_stage = done.session.state.stage.name();
        let own: [&(dyn ToSql + Sync); 4] =
            [&done.session.version, &done.event, &done.from, &to_stage];
        let mut values = spread.to_vec();
        values.extend(own);
        let sql = format!(
            "INSERT INTO link_session_history (session_id, version, at, event, from_stage, to_stage) \
             SELECT id, $9, {}, $10, $11, $12 FROM ({numbers}) AS numbered",
            course.ended_at
        );
        client.execute(&sql, &values).await?;
    }
    Ok(())
}
