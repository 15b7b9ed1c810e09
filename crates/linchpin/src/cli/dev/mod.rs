//! `linchpin dev`: the whole server with a sandbox and a demo application, without configuration.

mod kept;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use clap::Args;
use serde::Serialize;
use serde_json::json;
use tokio::net::TcpListener;

use super::{
    Refused,
    control::Control,
    core_dumps, logging, master_key,
    private::Private,
    running::{self, Signals},
    say,
};
use crate::{
    config::{self, Place},
    demo,
    domain::retry_schedule::RetrySchedule,
    egress::Rules,
    flow::{Clock, PublicUrls, Settings, Webhooks},
    hosted::preview,
    http, metrics,
    server::{Plan, Server},
    store::Database,
};

const LISTEN: &str = "127.0.0.1:7400";
const DEMO_LISTEN: &str = "127.0.0.1:7401";

/// What `linchpin dev` takes.
#[derive(Args)]
pub struct Wanted {
    /// Where API and link pages listen; port 0 picks a free one
    #[arg(long, value_name = "ADDR", default_value = LISTEN)]
    listen: SocketAddr,
    /// Where the demo application listens [default: 127.0.0.1:7401, or a free port when --listen says port 0]
    #[arg(long, value_name = "ADDR")]
    demo_listen: Option<SocketAddr>,
    /// The data directory; made where it is missing
    #[arg(long, value_name = "DIR", default_value = "linchpin-data")]
    data: PathBuf,
    /// A PostgreSQL database to use in place of a file in the data directory
    #[arg(
        long,
        value_name = "URL",
        env = "LINCHPIN_DATABASE",
        hide_env_values = true
    )]
    database: Option<String>,
    /// A directory of provider files: the providers of the live environment
    #[arg(long, value_name = "DIR", env = "LINCHPIN_PROVIDERS_DIRECTORY")]
    providers: Option<PathBuf>,
    /// Print one line of JSON once ready, and nothing else
    #[arg(long)]
    json: bool,
    /// Where /metrics and /readyz listen; off by default
    #[arg(long, value_name = "ADDR")]
    metrics: Option<SocketAddr>,
    /// Times between the attempts of a delivery, joined by commas: 1s,1m [default: over three days]
    #[arg(long, value_name = "TIMES", env = "LINCHPIN_WEBHOOKS_RETRIES")]
    webhook_retries: Option<String>,
    /// How long one attempt of a delivery may take, 1s to 10s [default: 10s]
    #[arg(long, value_name = "TIME", env = "LINCHPIN_WEBHOOKS_TIMEOUT")]
    webhook_timeout: Option<String>,
    /// How much to log on standard error: error, warn, info, debug, trace
    #[arg(
        long,
        value_name = "LEVEL",
        env = "LINCHPIN_LOG",
        default_value = "warn"
    )]
    log: String,
}

/// What `--json` prints.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ready<'a> {
    api_url: &'a str,
    link_url: &'a str,
    demo_url: &'a str,
    api_key: &'a str,
    client_apps: &'a kept::ClientApps,
    data_dir: &'a Path,
}

/// Runs until it is told to end.
pub fn run(wanted: Wanted) -> Result<ExitCode, Refused> {
    let _logs = logging::start(&wanted.log)?;
    core_dumps::switch_off();
    running::runtime()?.block_on(dev(wanted))
}

async fn dev(wanted: Wanted) -> Result<ExitCode, Refused> {
    let signals = Signals::take()?;
    let data = running::data_directory(&wanted.data)?;
    let key_file = data.join("master.key");
    let keys = master_key::read_or_make(&key_file, &data)?;
    let place = Place {
        database: wanted.database.as_deref().map(database).transpose()?,
        providers: wanted.providers.clone(),
        ..Place::at(&data)
    };
    let (public, demo) = listeners(&wanted).await?;
    let urls = (running::local_url(&public)?, running::local_url(&demo)?);
    let mut server = Server::start(Plan {
        store: place.store(&data),
        master_keys: master_key::source(keys, key_file),
        egress: Rules::loopback(),
        settings: Settings {
            webhooks: webhooks(&wanted)?,
            ..Settings::at(PublicUrls {
                api: urls.0.clone(),
                link: urls.0.clone(),
            })
        },
        providers: running::providers(),
        provider_files: running::provider_files(&place),
        clock: Box::new(Clock::system),
    })
    .await?;
    let prepared = async {
        let private = Private::start(wanted.metrics, &server).await?;
        let urls = (urls.0.as_str(), urls.1.as_str());
        let counted = wanted.metrics.is_some();
        let kept = prepare(&mut server, &data, (public, counted), demo, urls).await?;
        Ok((private, kept))
    };
    let (private, kept) = match prepared.await {
        Ok(prepared) => prepared,
        Err(refused) => return Err(running::give_up(server, refused).await),
    };
    tokio::spawn(signals.obey(server.shutdown.clone()));
    let ready = Ready {
        api_url: &urls.0,
        link_url: &urls.0,
        demo_url: &urls.1,
        api_key: kept.api_key(),
        client_apps: &kept.client_apps,
        data_dir: &data,
    };
    if wanted.json {
        say(&serde_json::to_string(&ready)?);
    } else {
        say(&welcome(&ready));
    }
    let ended = server.run().await;
    private.end().await;
    Ok(running::exit_code(ended))
}

fn webhooks(wanted: &Wanted) -> Result<Webhooks, Refused> {
    let mut webhooks = Webhooks::default();
    if let Some(times) = &wanted.webhook_retries {
        let pauses = config::retries(times);
        let pauses = pauses.map_err(|why| Refused::new(format!("--webhook-retries {why}")))?;
        let pauses = pauses.into_iter().map(running::milliseconds);
        webhooks.schedule = RetrySchedule::of(pauses.collect());
    }
    if let Some(time) = &wanted.webhook_timeout {
        let timeout = config::webhook_timeout(time);
        webhooks.timeout =
            timeout.map_err(|why| Refused::new(format!("--webhook-timeout {why}")))?;
    }
    Ok(webhooks)
}

fn database(url: &str) -> Result<Database, Refused> {
    Database::parse(url, None).map_err(|why| Refused::new(format!("--database {why}")))
}

async fn listeners(wanted: &Wanted) -> Result<(TcpListener, TcpListener), Refused> {
    let remedy = "If that is another `linchpin dev`, stop it; otherwise choose free ports with --listen 127.0.0.1:0";
    let public = running::bind(wanted.listen, remedy).await?;
    let demo = match wanted.demo_listen {
        Some(address) => address,
        None if wanted.listen.port() == 0 => SocketAddr::new(wanted.listen.ip(), 0),
        None => DEMO_LISTEN.parse()?,
    };
    let remedy = "Choose a free port with --demo-listen 127.0.0.1:0";
    Ok((public, running::bind(demo, remedy).await?))
}

/// Makes or finds what a developer needs, and starts everything that listens.
async fn prepare(
    server: &mut Server,
    data: &Path,
    (public, counted): (TcpListener, bool),
    demo: TcpListener,
    (api_url, demo_url): (&str, &str),
) -> Result<kept::Kept, Refused> {
    let kept = kept::ensure(&server.engine, data, demo_url).await?;
    let shown = demo::Demo::new(
        api_url,
        demo_url,
        kept.api_key(),
        &kept.client_apps.redirect,
    )?;
    let routes = if counted {
        metrics::counted(server.public_routes())
    } else {
        server.public_routes()
    };
    server.listen(public, routes, http::Options::default());
    let preview = preview::Preview {
        engine: Arc::clone(&server.engine),
        app: kept.client_apps.redirect.clone(),
        api_url: api_url.to_owned(),
        data: data.display().to_string(),
    };
    let beside = demo::router(shown).merge(preview::router(preview));
    server.listen(demo, beside, http::Options::of_a_side_door());
    let control = Control::open(data, false)?;
    let serving = control.serve(Arc::clone(&server.engine), server.shutdown.clone());
    server.beside(serving);
    Ok(kept)
}

/// What stands in the terminal: where to click, and a line that can be pasted.
fn welcome(ready: &Ready<'_>) -> String {
    let body = json!({
        "clientAppId": ready.client_apps.redirect,
        "redirectUrl": format!("{}/callback", ready.demo_url),
        "clientReferenceId": "user_123",
    });
    format!(
        "
  Linchpin is running. Open this and connect an account:

    {demo}

  Or start a link yourself, and open the url that it answers:

    curl -sS {api}/v2/link/init \\
      -H 'apikey: {key}' \\
      -H 'content-type: application/json' \\
      -d '{body}'

  Your branding     {demo}/branding
  Sandbox account   jane@creator.sandbox.com, password good-password
  API reference     {api}/docs
  Data directory    {data}

  Ctrl-C stops it.
",
        demo = ready.demo_url,
        api = ready.api_url,
        key = ready.api_key,
        data = ready.data_dir.display(),
    )
}
