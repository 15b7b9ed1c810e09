//! The servers that the shipped one is compared with. Each prints one line as `linchpin dev --json` does.

use std::{convert::Infallible, io::Write as _, net::SocketAddr, path::Path, sync::Arc};

use axum::{
    Router, body::Body, extract::State, http::HeaderMap, response::Response, routing::post,
};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use linchpin::{
    api::{self, ApiError, told::InitAnswer},
    domain::{
        id::SessionId, master_keys::MasterKeys, scope::Scope, time::MINUTE, token::LinkSecret,
    },
    egress::Rules,
    flow::{Clock, Engine, PublicUrls, Settings, admin::Command},
    http::{self, Shutdown},
    server::{Plan, Server},
    store::{Database, Options},
};
use linchpin_provider::Provider;
use linchpin_providers::Sandbox;
use tokio::net::TcpListener;

use crate::{Outcome, access::provider::Passing};

/// The body of a bare answer: as long as that of init.
const ANSWER: &[u8] = &[b'x'; 150];

/// hyper alone: reads a request, answers 150 bytes.
pub async fn bare() -> Outcome<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    ready(listener.local_addr()?, "none", "none")?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            let answer = service_fn(|request: Request<Incoming>| async move {
                use http_body_util::BodyExt as _;
                request
                    .into_body()
                    .collect()
                    .await
                    .map(drop)
                    .unwrap_or_default();
                Ok::<_, Infallible>(hyper::Response::new(Full::new(Bytes::from_static(ANSWER))))
            });
            http1::Builder::new()
                .serve_connection(TokioIo::new(stream), answer)
                .await
                .unwrap_or_default();
        });
    }
}

/// Everything of init but the store.
pub async fn ceiling(directory: &Path) -> Outcome<()> {
    let (listener, server, key, app) = prepared(Options::at(directory)).await?;
    ready(listener.local_addr()?, &key, &app)?;
    let routes = Router::new()
        .route("/v2/link/init", post(unkept))
        .with_state(Arc::clone(&server.engine));
    http::serve(listener, routes, http::Options::default(), Shutdown::new()).await;
    Ok(())
}

async fn unkept(State(engine): State<Arc<Engine>>, headers: HeaderMap, body: Body) -> Response {
    let answer = async {
        let caller = api::auth::caller(&engine, &headers, Scope::Link).await?;
        let bytes = api::body::read(body).await?;
        let wanted =
            api::init::wanted(&api::body::object(&headers, &bytes)?).map_err(ApiError::fields)?;
        let directory = engine.directory();
        let app = wanted.app.as_ref().and_then(|id| directory.app(id));
        let known = app.is_some_and(|app| app.organisation == caller.organisation);
        let mut random = [0_u8; 32];
        if !known || getrandom::fill(&mut random).is_err() {
            return Err(ApiError::new(api::Kind::BadRequest, "no such app"));
        }
        let now = engine.clock.now();
        let secret = LinkSecret::new(SessionId::next(None, now, 0), random);
        let url = format!("{}/{}", engine.settings.urls.link, secret.reveal());
        let answer = InitAnswer::Hosted {
            url,
            expires_at: now.plus(60 * MINUTE).to_string(),
        };
        Ok(serde_json::to_vec(&answer).unwrap_or_default())
    };
    match answer.await {
        Ok(bytes) => api::json(axum::http::StatusCode::OK, bytes),
        Err(_) => api::json(axum::http::StatusCode::BAD_REQUEST, Vec::new()),
    }
}

/// Connections of the server that commits each request by itself: as many as such a server's pool would have.
const POOL: usize = 32;

/// The whole server, with one commit a request; on a database, through a pool of connections.
pub async fn single(directory: &Path, database: Option<&str>) -> Outcome<()> {
    let options = match database {
        None => Options::at(directory),
        Some(url) => Options {
            writers: POOL,
            ..Options::on(Database::parse(url, None)?)
        },
    };
    let prepared = prepared(Options {
        batch: 1,
        ..options
    });
    let (listener, server, key, app) = prepared.await?;
    ready(listener.local_addr()?, &key, &app)?;
    serve(listener, server).await;
    Ok(())
}

/// The whole server, with a provider that passes calls on to an API, and without a limit on the uses of a connection.
pub async fn passing(directory: &Path, upstream: &str) -> Outcome<()> {
    let provider = Passing::new(upstream);
    let made = prepared_for(
        Options::at(directory),
        vec![Arc::new(provider)],
        ("live", "whitelabel", "LINK,ACCOUNT,ACCESS"),
    );
    let (listener, server, key, app) = made.await?;
    ready(listener.local_addr()?, &key, &app)?;
    serve(listener, server).await;
    Ok(())
}

async fn serve(listener: TcpListener, mut server: Server) {
    let routes = server.public_routes();
    server.listen(listener, routes, http::Options::default());
    let shutdown = server.shutdown.clone();
    tokio::spawn(async move {
        let ended = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        if let Ok(mut ended) = ended {
            ended.recv().await;
        }
        shutdown.trigger();
    });
    server.run().await;
}

/// A server with an organisation, a key and an app, in the sandbox.
async fn prepared(store: Options) -> Outcome<(TcpListener, Server, String, String)> {
    let providers: Vec<Arc<dyn Provider>> = vec![Arc::new(Sandbox::new())];
    prepared_for(store, providers, ("sandbox", "redirect", "LINK")).await
}

/// The same with these providers, in an environment, with an app of a type and a key of a scope.
async fn prepared_for(
    store: Options,
    providers: Vec<Arc<dyn Provider>>,
    (environment, app_type, scope): (&str, &str, &str),
) -> Outcome<(TcpListener, Server, String, String)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let plan = Plan {
        provider_files: None,
        store,
        master_keys: MasterKeys::of([7; 32]).into(),
        egress: Rules::loopback(),
        settings: Settings {
            access_rate: None,
            ..Settings::at(PublicUrls {
                api: url.clone(),
                link: url,
            })
        },
        providers,
        clock: Box::new(Clock::system),
    };
    let server = Server::start(plan).await?;
    let made =
        |value: &serde_json::Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    server
        .engine
        .command(Command::OrgCreate {
            name: "Bench".to_owned(),
        })
        .await?;
    let key = Command::KeyCreate {
        org: None,
        name: "bench".to_owned(),
        scope: scope.to_owned(),
        environment: environment.to_owned(),
        expires: None,
    };
    let key = made(&server.engine.command(key).await?, "key");
    let back_to: &[&str] = match app_type {
        "redirect" => &["http://localhost:3000/callback"],
        _ => &[],
    };
    let settings = serde_json::from_value(serde_json::json!({
        "appType": app_type, "environment": environment, "name": "Bench", "redirectUris": back_to,
    }))?;
    let app = Command::AppCreate {
        org: None,
        settings,
        logo: None,
    };
    let app = made(&server.engine.command(app).await?, "id");
    Ok((listener, server, key, app))
}

fn ready(address: SocketAddr, key: &str, app: &str) -> Outcome<()> {
    let line = serde_json::json!({
        "apiUrl": format!("http://{address}"), "apiKey": key, "clientApps": { "redirect": app },
    });
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}
