//! The JSON API as a developer's backend calls it.

mod bodies;
mod choosing;
mod described;
mod idempotency;
mod init;
mod keys;
mod matrix;
mod redirect_urls;
mod status;
mod tenants;
