//! The API behind all sides of the comparison: as little work as possible.

use std::io::Write as _;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::Outcome;

const PIECE: usize = 64 * 1_024;

/// Serves `/<bytes>`, which has as many bytes. Prints where it listens.
pub async fn serve() -> Outcome<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(
        std::io::stdout(),
        r#"{{"apiUrl":"http://{}"}}"#,
        listener.local_addr()?
    )?;
    loop {
        let (stream, _) = listener.accept().await?;
        // How it ended says nothing.
        tokio::spawn(async move { answer_all(stream).await.unwrap_or_default() });
    }
}

async fn answer_all(mut stream: TcpStream) -> Outcome<()> {
    stream.set_nodelay(true)?;
    let piece = vec![b'x'; PIECE];
    let mut buffer = Vec::with_capacity(4_096);
    loop {
        buffer.clear();
        while !buffer.ends_with(b"\r\n\r\n") {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        }
        let path = buffer.split(|byte| *byte == b' ').nth(1);
        let path = std::str::from_utf8(path.unwrap_or_default())?;
        let mut left: usize = path.trim_start_matches('/').parse()?;
        let mut head = format!("HTTP/1.1 200 OK\r\ncontent-length: {left}\r\n\r\n").into_bytes();
        let first = left.min(PIECE);
        head.extend_from_slice(piece.get(..first).unwrap_or_default());
        stream.write_all(&head).await?;
        left -= first;
        while left > 0 {
            let next = left.min(PIECE);
            stream
                .write_all(piece.get(..next).unwrap_or_default())
                .await?;
            left -= next;
        }
    }
}
