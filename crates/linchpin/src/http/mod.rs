//! The HTTP server: accept loop, limits, framing, request ids, security headers, shutdown.
//!
//! It speaks HTTP/1.1 (and answers HTTP/1.0) only. There is no HTTP/2 and no TLS here: a proxy in
//! front ends TLS, and what it forwards is HTTP/1.1.
//!
//! One request goes through these files: [`serve`] accepts a connection and gives it a seat
//! (`seats`), a gate reads its bytes and lets through only well-formed messages (`gate`, `head`,
//! `chunks`), hyper parses them again, and `answer` reads the body, calls the router and finishes
//! the answer. What the gate refuses never reaches hyper, so that every answer of this server,
//! even one to bytes that are not HTTP, has the error shape, a request id and the security headers.

mod address_prefix;
mod answer;
mod chunks;
mod client_address;
mod connection;
mod gate;
mod head;
mod limits;
mod matched_path;
mod passed_on;
mod rate_limit;
mod raw_answer;
mod refusal;
mod request_id;
mod seats;
mod security_headers;
mod serve;
mod shutdown;
mod socket;
mod token_buckets;

pub use address_prefix::{AddressPrefix, InvalidPrefix, TrustedProxies};
pub use client_address::{AddressBucket, ClientAddress};
pub use limits::Limits;
pub use passed_on::AsItCame;
pub use rate_limit::RateLimit;
pub use refusal::{Refusal, error_body};
pub use request_id::RequestId;
pub use serve::{Options, serve};
pub use shutdown::Shutdown;
pub use token_buckets::{Level, RetryAfter, TokenBuckets};
