//! The way out of the process over real sockets: in a network namespace where every address is this machine's, with a
//! name server that answers as the test says.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails, and says where"
)]

#[path = "egress/answers.rs"]
mod answers;
#[path = "egress/authority.rs"]
mod authority;
#[path = "egress/kept.rs"]
mod kept;
#[path = "egress/listener.rs"]
mod listener;
#[path = "egress/named.rs"]
mod named;
#[path = "egress/names.rs"]
mod names;
#[path = "egress/network.rs"]
mod network;
#[path = "egress/outbound.rs"]
mod outbound;
#[path = "egress/places.rs"]
mod places;
#[path = "egress/providers.rs"]
mod providers;
#[path = "egress/proxies.rs"]
mod proxies;
#[path = "egress/refused.rs"]
mod refused;
#[path = "crash/run.rs"]
#[allow(dead_code, reason = "shared with the crash tests")]
mod run;
#[path = "it/support/mod.rs"]
#[allow(
    dead_code,
    unused_imports,
    reason = "shared with the tests of the whole server"
)]
mod support;
#[path = "egress/tls_proxy.rs"]
mod tls_proxy;
#[path = "egress/told.rs"]
mod told;
#[path = "egress/trust.rs"]
mod trust;
