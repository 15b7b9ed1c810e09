//! Durable init on PostgreSQL: against its ceiling, against one transaction a request through a pool, two nodes against
//! one, and a large store against an empty one; all in the same run, in turn. Server, nodes and load share the machine.

use std::{path::Path, time::Duration};

use tempfile::TempDir;
use tokio_postgres::Client;

use crate::{
    Arguments, Outcome,
    cluster::Cluster,
    fill_sql,
    load::{self, Rate},
    server::Server,
    table::{heading, line, median},
};

/// What is compared.
const NAMES: [&str; 5] = [
    "ceiling",
    "one node",
    "one insert a request",
    "two nodes",
    "one node, large store",
];

/// Everything that runs.
struct Stage {
    ceiling: Server,
    node: Server,
    second: Server,
    single: Server,
    large: Server,
    cluster: Cluster,
    /// Removed last.
    _directories: [TempDir; 5],
}

/// Measures and prints.
pub async fn run(arguments: &Arguments, settings: &[String]) -> Outcome<()> {
    let stage = Stage::set(arguments, settings).await?;
    let large = stage.cluster.client("large").await?;
    print_stored(&large).await?;
    let sides = [
        vec![&stage.ceiling],
        vec![&stage.node],
        vec![&stage.single],
        vec![&stage.node, &stage.second],
        vec![&stage.large],
    ];
    for connections in [64, 256] {
        heading(&format!(
            "durable init on PostgreSQL, {connections} keep-alive connections (medians of {})",
            arguments.rounds
        ));
        let rounds = load::in_turn(arguments, &sides, connections).await?;
        print(&rounds, connections);
        cost(arguments, &stage, connections).await?;
    }
    let Stage {
        ceiling,
        node,
        second,
        single,
        large,
        cluster,
        _directories,
    } = stage;
    for server in [ceiling, node, second, single, large] {
        server.end().await?;
    }
    drop(cluster);
    Ok(())
}

impl Stage {
    async fn set(arguments: &Arguments, settings: &[String]) -> Outcome<Self> {
        let directory = || {
            tempfile::Builder::new()
                .prefix("bench-")
                .tempdir_in(&arguments.directory)
        };
        let [unused, one, two, pool, full] = [
            directory()?,
            directory()?,
            directory()?,
            directory()?,
            directory()?,
        ];
        let cluster = Cluster::start(&arguments.directory, settings)?;
        let binary = &arguments.binary;
        let large = cluster.make("large").await?;
        Server::dev_on(binary, full.path(), &large)
            .await?
            .end()
            .await?;
        let client = cluster.client("large").await?;
        fill_sql::fill(&large, &client, full.path(), arguments.stored).await?;
        let shared = cluster.make("shared").await?;
        let node = Server::dev_on(binary, one.path(), &shared).await?;
        copy_keys(one.path(), two.path())?;
        Ok(Self {
            ceiling: Server::role("ceiling", Some(unused.path())).await?,
            node,
            second: Server::dev_on(binary, two.path(), &shared).await?,
            single: Server::single_on(pool.path(), &cluster.make("single").await?).await?,
            large: Server::dev_on(binary, full.path(), &large).await?,
            cluster,
            _directories: [unused, one, two, pool, full],
        })
    }
}

/// Nodes of one store have one master key; and `linchpin dev` would replace a key that it does not find.
fn copy_keys(from: &Path, to: &Path) -> Outcome<()> {
    for name in ["master.key", "dev.json"] {
        std::fs::copy(from.join(name), to.join(name))?;
    }
    Ok(())
}

fn print(rounds: &[Vec<Rate>], connections: usize) {
    // Round by round, so that what slows the machine down for a while slows down both.
    let ratio = |above: usize, below: usize| {
        let (Some(above), Some(below)) = (rounds.get(above), rounds.get(below)) else {
            return f64::NAN;
        };
        let each = above.iter().zip(below);
        median(each.map(|(a, b)| a.per_second / b.per_second).collect())
    };
    for (at, (name, rates)) in NAMES.iter().zip(rounds).enumerate() {
        let Rate { per_second, p99 } = load::middle(rates);
        line(&format!(
            "{name:>22}  {per_second:>9.0}/s   p99 {p99:>7.2} ms   {:>5.2} of the ceiling",
            ratio(at, 0)
        ));
    }
    let of_ceiling = if connections > 64 {
        "aim: at least 0.25 on a quiet machine"
    } else {
        ""
    };
    for (name, ratio, aim) in [
        ("one node / ceiling", ratio(1, 0), of_ceiling),
        ("one node / one insert", ratio(1, 2), "aim: at least 1.4"),
        ("two nodes / one node", ratio(3, 1), "on the same cores"),
        ("large store / empty", ratio(4, 1), "aim: at least 0.9"),
    ] {
        line(&format!("{name:>22}  {ratio:>5.2}   {aim}"));
    }
}

/// What a number of inits took of everything, from the difference of two moments.
struct Taken {
    commits: f64,
    log: f64,
    node: f64,
    database: f64,
}

impl Taken {
    async fn so_far(stage: &Stage, client: &Client) -> Outcome<Self> {
        let row = client
            .query_one(
                "SELECT (SELECT SUM(number) FROM commit_mark)::float8, \
                 pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8",
                &[],
            )
            .await?;
        Ok(Self {
            commits: row.get(0),
            log: row.get(1),
            node: stage.node.processor_time()?,
            database: stage.cluster.processor_time()?,
        })
    }
}

async fn cost(arguments: &Arguments, stage: &Stage, connections: usize) -> Outcome<()> {
    let client = stage.cluster.client("shared").await?;
    client.batch_execute("CHECKPOINT").await?;
    let before = Taken::so_far(stage, &client).await?;
    let time = Duration::from_secs(arguments.seconds);
    let rate = load::run(&[&stage.node], connections, time).await?;
    let after = Taken::so_far(stage, &client).await?;
    let inits = rate.per_second * time.as_secs_f64();
    line(&format!(
        "{:>22}  {:.0} inits a commit, {:.0} bytes of log, {:.0} µs of a core in the node and {:.0} in the database",
        "an init of one node",
        inits / (after.commits - before.commits),
        (after.log - before.log) / inits,
        (after.node - before.node) / inits * 1e6,
        (after.database - before.database) / inits * 1e6,
    ));
    Ok(())
}

/// What a stored row takes, with its indexes.
async fn print_stored(client: &Client) -> Outcome<()> {
    heading("stored rows of the large store");
    let version: String = client.query_one("SHOW server_version", &[]).await?.get(0);
    for table in ["link_session", "link_session_history"] {
        let sql = format!(
            "SELECT (SELECT COUNT(*) FROM {table})::float8, \
             (SELECT AVG(pg_column_size(t)) FROM (SELECT * FROM {table} LIMIT 100000) AS t)::float8, \
             SUM(pg_relation_size(relid))::float8, SUM(pg_indexes_size(relid))::float8, COUNT(*)::float8 \
             FROM pg_partition_tree('{table}') WHERE isleaf"
        );
        let row = client.query_one(&sql, &[]).await?;
        let [rows, width, heap, indexes, partitions] =
            [0, 1, 2, 3, 4].map(|at| row.get::<_, f64>(at));
        line(&format!(
            "{table:>22}  {rows:.0} rows in {partitions:.0} partitions; a row: {width:.0} bytes, with its page {:.0}, in indexes {:.0}",
            heap / rows,
            indexes / rows
        ));
    }
    line(&format!("{:>22}  {version}", "PostgreSQL"));
    Ok(())
}
