//! What passing calls on costs with the same HTTP library and nothing else, and with nothing else but a line for each call
//! that is on the disk before its answer is handed on.

use std::{
    fs::File,
    io::{self, Write as _},
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use http_body_util::Empty;
use hyper::{
    Request, Response, Uri,
    body::{Bytes, Incoming},
    client::conn::http1::{self as client, SendRequest},
    header::{HOST, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot},
};

use crate::Outcome;

type Sender = SendRequest<Empty<Bytes>>;

/// Bytes of a line: those of an entry of the audit log.
const LINE: [u8; 264] = [b'x'; 264];
/// Lines that are flushed together at most.
const LINES_MAX: usize = 128;

struct Proxy {
    upstream: SocketAddr,
    kept: Mutex<Vec<Sender>>,
    /// Where lines go; `None` where none are written.
    notes: Option<mpsc::UnboundedSender<oneshot::Sender<()>>>,
}

/// Passes GETs on. Prints where it listens.
pub async fn serve(upstream: &str, notes: Option<&Path>) -> Outcome<()> {
    let proxy = Arc::new(Proxy {
        upstream: upstream.parse()?,
        kept: Mutex::default(),
        notes: notes.map(noting).transpose()?,
    });
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(
        io::stdout(),
        r#"{{"apiUrl":"http://{}"}}"#,
        listener.local_addr()?
    )?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let proxy = Arc::clone(&proxy);
        tokio::spawn(async move {
            let pass_on = service_fn(move |request| {
                let proxy = Arc::clone(&proxy);
                async move { proxy.pass_on(request).await }
            });
            http1::Builder::new()
                .serve_connection(TokioIo::new(stream), pass_on)
                .await
                .unwrap_or_default();
        });
    }
}

/// A thread that writes a line for each that asks, and flushes those that came meanwhile together.
fn noting(file: &Path) -> Outcome<mpsc::UnboundedSender<oneshot::Sender<()>>> {
    let mut file = File::create(file)?;
    let (sender, mut asked) = mpsc::unbounded_channel::<oneshot::Sender<()>>();
    thread::Builder::new().spawn(move || -> io::Result<()> {
        let mut waiting = Vec::new();
        while asked.blocking_recv_many(&mut waiting, LINES_MAX) > 0 {
            file.write_all(&LINE.repeat(waiting.len()))?;
            file.sync_data()?;
            for done in waiting.drain(..) {
                done.send(()).unwrap_or_default();
            }
        }
        Ok(())
    })?;
    Ok(sender)
}

impl Proxy {
    async fn pass_on(&self, request: Request<Incoming>) -> io::Result<Response<Incoming>> {
        let noted = self.notes.as_ref().map(|notes| {
            let (done, noted) = oneshot::channel();
            notes.send(done).map(|()| noted)
        });
        let mut sender = self.sender().await?;
        let path = request.uri().path_and_query().cloned();
        let mut passed_on = Request::new(Empty::new());
        *passed_on.uri_mut() = path.map(Uri::from).unwrap_or_default();
        passed_on.headers_mut().clone_from(request.headers());
        let host = HeaderValue::try_from(self.upstream.to_string()).map_err(io::Error::other)?;
        passed_on.headers_mut().insert(HOST, host);
        let answer = sender.send_request(passed_on).await;
        let answer = answer.map_err(io::Error::other)?;
        self.kept().push(sender);
        if let Some(noted) = noted {
            let noted = noted.map_err(io::Error::other)?;
            noted.await.map_err(io::Error::other)?;
        }
        Ok(answer)
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Sender>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn sender(&self) -> io::Result<Sender> {
        loop {
            let kept = self.kept().pop();
            let Some(mut sender) = kept else { break };
            if sender.ready().await.is_ok() {
                return Ok(sender);
            }
        }
        let stream = TcpStream::connect(self.upstream).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = client::handshake(TokioIo::new(stream))
            .await
            .map_err(io::Error::other)?;
        tokio::spawn(async move { connection.await.unwrap_or_default() });
        Ok(sender)
    }
}
