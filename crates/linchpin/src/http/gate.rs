//! What stands between the socket and hyper: framing and time.
//!
//! The gate lets a head through whole or not at all, and after it exactly the bytes of its body;
//! bytes of the next request wait until the answer to this one is on its way. Whatever is refused
//! before a handler runs therefore looks to hyper like a client that left between two requests,
//! and the gate writes the answer itself as the connection closes.

use std::io::{Error, ErrorKind, IoSlice, Result};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::chunks::ChunkScanner;
use super::head::{BodyFraming, HeadScanner};
use super::limits::Limits;
use super::raw_answer::RawAnswer;
use super::refusal::Refusal;
use super::seats::{Phase, Seat};
use super::socket::Socket;

/// How long a closing connection listens to a client that is still sending. Closing at once would
/// reset the connection, and the client might never read the answer.
const LINGER: Duration = Duration::from_secs(1);
/// Bytes listened to at most while closing.
const LINGER_BYTES: usize = 1024 * 1024;

#[derive(Debug)]
enum Stage {
    /// A whole request was handed over.
    Answering,
    Idle,
    Head(HeadScanner),
    Length(u64),
    Chunks(ChunkScanner),
    /// No more requests; `true` when bytes of the client may be left unread.
    Over(bool),
}

/// See the module.
#[derive(Debug)]
pub(super) struct Gate {
    stream: Socket,
    peer: IpAddr,
    limits: Arc<Limits>,
    strict_transport: bool,
    seat: Arc<Seat>,
    stage: Stage,
    stage_began: Instant,
    body_bytes: u64,
    /// Bytes that hyper has not got yet, the first `approved` of which it may have.
    waiting: BytesMut,
    approved: usize,
    timer: Pin<Box<Sleep>>,
    write_stalled: Option<Instant>,
    end: End,
    farewell: BytesMut,
}

/// hyper forgets what it has not written once it sees the end of the input, so the end is shown
/// only after a flush that followed the decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Ahead,
    AfterFlush,
    Shown,
    Lingering,
}

impl Gate {
    pub(super) fn new(
        stream: Socket,
        peer: IpAddr,
        limits: Arc<Limits>,
        strict_transport: bool,
        seat: Arc<Seat>,
    ) -> Self {
        let now = Instant::now();
        Self {
            timer: Box::pin(sleep_until(now + limits.idle_timeout)),
            stream,
            peer,
            limits,
            strict_transport,
            seat,
            stage: Stage::Idle,
            stage_began: now,
            body_bytes: 0,
            waiting: BytesMut::new(),
            approved: 0,
            write_stalled: None,
            end: End::Ahead,
            farewell: BytesMut::new(),
        }
    }

    fn enter(&mut self, stage: Stage) {
        let phase = match stage {
            Stage::Answering => Phase::Working,
            _ => Phase::Slow,
        };
        self.seat.enter(phase);
        self.stage = stage;
        if phase == Phase::Slow {
            self.stage_began = Instant::now();
        }
    }

    /// How many of `bytes` hyper may have: up to the end of this request, a head only whole.
    fn approve(&mut self, bytes: &[u8]) -> std::result::Result<usize, Refusal> {
        let mut approved = 0;
        while let Some(rest) = bytes.get(approved..).filter(|rest| !rest.is_empty()) {
            match &mut self.stage {
                Stage::Idle => self.enter(Stage::Head(HeadScanner::default())),
                Stage::Head(scanner) => {
                    let Some(head) = scanner.scan(rest, &self.limits)? else {
                        break;
                    };
                    approved += head.bytes;
                    self.body_bytes = 0;
                    self.enter(match head.body {
                        BodyFraming::Length(0) => Stage::Answering,
                        BodyFraming::Length(length) => Stage::Length(length),
                        BodyFraming::Chunked => Stage::Chunks(ChunkScanner::new()),
                    });
                }
                Stage::Length(left) => {
                    let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(rest.len());
                    *left -= taken as u64;
                    approved += taken;
                    self.body_bytes += taken as u64;
                    if *left == 0 {
                        self.enter(Stage::Answering);
                    }
                }
                Stage::Chunks(scanner) => {
                    // Bytes before a fault are handed over first; the fault is found again when
                    // it comes first.
                    let mut ahead = *scanner;
                    let taken = match ahead.scan(rest) {
                        Ok(taken) => taken,
                        Err(_) if approved > 0 => break,
                        Err(refusal) => return Err(refusal),
                    };
                    *scanner = ahead;
                    approved += taken;
                    self.body_bytes += taken as u64;
                    if ahead == ChunkScanner::End {
                        self.enter(Stage::Answering);
                    }
                }
                Stage::Answering | Stage::Over(_) => break,
            }
        }
        Ok(approved)
    }

    /// A refused head is answered here, a refused body by the request's own answer.
    fn refuse(&mut self, refusal: Refusal) -> Result<()> {
        let in_body = matches!(self.stage, Stage::Length(_) | Stage::Chunks(_));
        self.enter(Stage::Over(true));
        if in_body {
            let _ = self.seat.fault.set(refusal);
            return Err(Error::new(ErrorKind::InvalidData, "the body was refused"));
        }
        self.waiting.clear();
        let answer = RawAnswer::new(refusal, self.strict_transport);
        answer.log(self.peer);
        self.farewell = answer.into_bytes();
        Ok(())
    }

    /// When the client must have sent what the stage waits for.
    fn due(&self) -> Option<Instant> {
        let limits = &self.limits;
        match self.stage {
            Stage::Idle => Some(self.stage_began + limits.idle_timeout),
            Stage::Head(_) => Some(self.stage_began + limits.header_timeout),
            Stage::Length(_) | Stage::Chunks(_) => {
                let whole = limits.body_timeout;
                let earned = (self.body_bytes * 1000).checked_div(limits.body_rate);
                let paced =
                    earned.map_or(whole, |ms| limits.body_grace + Duration::from_millis(ms));
                Some(self.stage_began + paced.min(whole))
            }
            Stage::Answering | Stage::Over(_) => None,
        }
    }

    /// The timer is moved only when it would ring too late or has rung too early, so that a
    /// request on a busy connection costs no work of the timer at all.
    fn poll_due(&mut self, due: Instant, cx: &mut Context<'_>) -> Poll<()> {
        if due < self.timer.deadline() {
            self.timer.as_mut().reset(due);
        }
        loop {
            ready!(self.timer.as_mut().poll(cx));
            if Instant::now() >= due {
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(due);
        }
    }

    /// The socket has nothing now: wait, unless time is up or the server is going away.
    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        if matches!(self.stage, Stage::Idle) && self.seat.is_draining() {
            self.enter(Stage::Over(false));
            return Poll::Ready(Ok(()));
        }
        let Some(due) = self.due() else {
            return Poll::Pending;
        };
        ready!(self.poll_due(due, cx));
        match self.stage {
            Stage::Head(_) => Poll::Ready(self.refuse(Refusal::SlowHead)),
            Stage::Length(_) | Stage::Chunks(_) => Poll::Ready(self.refuse(Refusal::SlowBody)),
            _ => {
                self.enter(Stage::Over(false));
                Poll::Ready(Ok(()))
            }
        }
    }

    /// Shows hyper the end of the input once everything it holds is written.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        if self.end == End::Shown {
            return Poll::Ready(Ok(()));
        }
        if self.end == End::Ahead {
            self.end = End::AfterFlush;
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }

    fn hand_over(&mut self, out: &mut ReadBuf<'_>) {
        let count = self.approved.min(out.remaining());
        if let Some(bytes) = self.waiting.get(..count) {
            out.put_slice(bytes);
        }
        self.waiting.advance(count);
        self.approved -= count;
        if self.waiting.is_empty() {
            // An idle connection holds no memory of its last request.
            self.waiting = BytesMut::new();
        }
    }

    /// Takes what the socket has and puts what is approved of it into `out`. Bytes are copied
    /// only where a request did not come in one piece. `Ready(false)`: the client is gone.
    fn poll_socket(&mut self, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<Result<bool>> {
        let start = out.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, out))?;
        let fresh = out.filled().get(start..).unwrap_or_default();
        if fresh.is_empty() {
            return Poll::Ready(Ok(false));
        }
        let approved = if self.waiting.is_empty() {
            self.approve(fresh)
        } else {
            Ok(0)
        };
        match approved {
            Ok(approved) => {
                let fresh = out.filled().get(start..).unwrap_or_default();
                self.waiting
                    .extend_from_slice(fresh.get(approved..).unwrap_or_default());
                out.set_filled(start + approved);
                Poll::Ready(Ok(true))
            }
            Err(refusal) => {
                out.set_filled(start);
                Poll::Ready(self.refuse(refusal).map(|()| true))
            }
        }
    }

    fn poll_stalled(&mut self, cx: &mut Context<'_>) -> Poll<Error> {
        if self.write_stalled.is_none() {
            self.write_stalled = Some(Instant::now());
            self.seat.enter(Phase::Slow);
        }
        let since = self.write_stalled.unwrap_or_else(Instant::now);
        ready!(self.poll_due(since + self.limits.write_timeout, cx));
        Poll::Ready(ErrorKind::TimedOut.into())
    }

    fn written(&mut self) {
        if self.write_stalled.take().is_some() && matches!(self.stage, Stage::Answering) {
            self.seat.enter(Phase::Working);
        }
    }

    /// Writes the farewell, ends our side, and listens a little while to a client that may still
    /// be sending.
    fn poll_farewell(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        while !self.farewell.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.farewell))?;
            if written == 0 {
                return Poll::Ready(Err(ErrorKind::WriteZero.into()));
            }
            self.farewell.advance(written);
        }
        ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
        if matches!(self.stage, Stage::Over(false)) {
            return Poll::Ready(Ok(()));
        }
        let mut scratch = [0; 4096];
        while self.body_bytes < LINGER_BYTES as u64 {
            let mut buffer = ReadBuf::new(&mut scratch);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))?;
            if buffer.filled().is_empty() {
                break;
            }
            self.body_bytes += buffer.filled().len() as u64;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Gate {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let gate = self.get_mut();
        let start = out.filled().len();
        if gate.approved == 0 && matches!(gate.stage, Stage::Answering) {
            // hyper asks again only when it has the whole answer.
            gate.enter(Stage::Idle);
        }
        loop {
            if gate.approved == 0 && !gate.waiting.is_empty() {
                let waiting = std::mem::take(&mut gate.waiting);
                let approved = gate.approve(&waiting);
                gate.waiting = waiting;
                match approved {
                    Ok(approved) => gate.approved = approved,
                    Err(refusal) => gate.refuse(refusal)?,
                }
            }
            if gate.approved > 0 {
                gate.hand_over(out);
            }
            if out.filled().len() > start || out.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            if matches!(gate.stage, Stage::Over(_)) {
                return gate.poll_end(cx);
            }
            match gate.poll_socket(cx, out) {
                // What was read may be handed over before the rest is judged.
                Poll::Ready(Ok(true)) if out.filled().len() > start => {
                    return Poll::Ready(Ok(()));
                }
                Poll::Ready(Ok(true)) => {}
                Poll::Ready(Ok(false)) if matches!(gate.stage, Stage::Idle | Stage::Head(_)) => {
                    gate.enter(Stage::Over(false));
                }
                Poll::Ready(Ok(false)) => return Poll::Ready(Ok(())),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => ready!(gate.poll_patience(cx))?,
            }
        }
    }
}

impl AsyncWrite for Gate {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let gate = self.get_mut();
        let Poll::Ready(result) = Pin::new(&mut gate.stream).poll_write(cx, bytes) else {
            return gate.poll_stalled(cx).map(Err);
        };
        gate.written();
        Poll::Ready(result)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let gate = self.get_mut();
        let Poll::Ready(result) = Pin::new(&mut gate.stream).poll_write_vectored(cx, slices) else {
            return gate.poll_stalled(cx).map(Err);
        };
        gate.written();
        Poll::Ready(result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let gate = self.get_mut();
        ready!(Pin::new(&mut gate.stream).poll_flush(cx))?;
        if gate.end == End::AfterFlush {
            gate.end = End::Shown;
            cx.waker().wake_by_ref();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let gate = self.get_mut();
        if gate.end != End::Lingering {
            gate.end = End::Lingering;
            gate.stage_began = Instant::now();
            gate.body_bytes = 0;
            gate.seat.enter(Phase::Slow);
            if matches!(gate.stage, Stage::Answering | Stage::Idle) && gate.waiting.is_empty() {
                gate.stage = Stage::Over(false);
            }
        }
        let due = gate.stage_began + LINGER;
        match gate.poll_farewell(cx) {
            Poll::Ready(result) => Poll::Ready(result),
            Poll::Pending => gate.poll_due(due, cx).map(Ok),
        }
    }
}
