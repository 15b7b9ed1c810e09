//! nginx as a reverse proxy, set up as well as it can be for this: kept connections, no log, no files.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    process::Stdio,
    time::Duration,
};

use tokio::{
    net::TcpStream,
    process::{Child, Command},
};

use crate::Outcome;

/// A running nginx; it ends when dropped.
pub struct Nginx {
    pub address: SocketAddr,
    _child: Child,
}

impl Nginx {
    /// Starts it in front of an API; `None` where nginx is not installed.
    pub async fn start(directory: &Path, upstream: SocketAddr) -> Outcome<Option<Self>> {
        // Somebody may take the port in between; the start fails then.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let at = directory.display();
        let file = directory.join("nginx.conf");
        std::fs::write(
            &file,
            format!(
                "daemon off;\nmaster_process off;\nworker_processes 1;\npid {at}/nginx.pid;\nerror_log {at}/nginx.log;\n\
                 events {{ worker_connections 4096; }}\n\
                 http {{\n  access_log off;\n  client_body_temp_path {at}/a;\n  proxy_temp_path {at}/b;\n  \
                 fastcgi_temp_path {at}/c;\n  uwsgi_temp_path {at}/d;\n  scgi_temp_path {at}/e;\n  \
                 keepalive_requests 100000000;\n  \
                 upstream platform {{ server {upstream}; keepalive 256; keepalive_requests 100000000; }}\n  \
                 server {{\n    listen {address};\n    location / {{\n      proxy_pass http://platform;\n      \
                 proxy_http_version 1.1;\n      proxy_set_header Connection \"\";\n      \
                 proxy_set_header Authorization \"Bearer bench\";\n      proxy_max_temp_file_size 0;\n    }}\n  }}\n}}\n"
            ),
        )?;
        let started = Command::new("nginx")
            .arg("-p")
            .arg(directory)
            .arg("-c")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        let Ok(child) = started else {
            return Ok(None);
        };
        for _ in 0..200 {
            if TcpStream::connect(address).await.is_ok() {
                return Ok(Some(Self {
                    address,
                    _child: child,
                }));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err(std::fs::read_to_string(directory.join("nginx.log"))?.into())
    }
}
