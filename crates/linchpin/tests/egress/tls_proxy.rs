//! Outbound proxies that are spoken to within TLS.

use std::{net::SocketAddr, sync::Arc};

use linchpin::egress::{Egress, Proxy, ProxyUrl, Rules};
use linchpin_provider::SendError;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::{
    authority::Authority,
    listener::Listener,
    names::Names,
    network::{client, get, run, within},
    outbound::{CREDENTIALS, Outbound},
};

const HOST: &str = "platform.example.com";
const URL: &str = "https://platform.example.com/me";
const PLATFORM: &str = "93.184.216.34";
const PROXY: &str = "proxy.example.net";
const PROXY_AT: &str = "10.7.0.5:8443";

/// Puts TLS in front of a proxy.
async fn in_tls(tls: Arc<ServerConfig>, proxy: SocketAddr) {
    let listener = TcpListener::bind(PROXY_AT).await.unwrap();
    let acceptor = TlsAcceptor::from(tls);
    while let Ok((stream, _)) = listener.accept().await {
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            let Ok(mut inside) = acceptor.accept(stream).await else {
                return;
            };
            let mut outside = TcpStream::connect(proxy).await.unwrap();
            let copied = tokio::io::copy_bidirectional(&mut inside, &mut outside).await;
            copied.map(drop).unwrap_or_default();
        });
    }
}

/// A GET through the proxy, whose certificate is for these names; what it comes to, and whether the proxy counts as working
/// after it.
fn get_through(
    authority: &Authority,
    outbound: &Outbound,
    names: &str,
) -> (Result<u16, SendError>, bool) {
    let proxy = Proxy {
        url: ProxyUrl::parse(&format!("https://{CREDENTIALS}@{PROXY}:8443")).unwrap(),
        ..outbound.proxy()
    };
    let place = proxy.place.clone();
    let tls = authority.certificate(names);
    run(async {
        let front = tokio::spawn(in_tls(tls, outbound.at()));
        let egress = Egress::new(Rules {
            ca_file: Some(authority.file()),
            proxies: vec![proxy],
            ..Rules::strict()
        });
        let egress = egress.unwrap();
        let exit = || egress.exits().choose(&place, "acme", None, "a seed");
        while TcpStream::connect(PROXY_AT).await.is_err() {
            tokio::task::yield_now().await;
        }
        let got = get(&client(&egress, HOST, Some(exit().unwrap())), URL).await;
        front.abort();
        (got, exit().is_ok())
    })
}

#[test]
fn a_proxy_within_tls_is_used_where_its_certificate_is_good_for_its_name_and_otherwise_nothing_leaves()
 {
    within(|| {
        let (names, authority) = (Names::serve(), Authority::new());
        names.set(HOST, &[PLATFORM]);
        names.set(PROXY, &["10.7.0.5"]);
        let certificate = authority.certificate(&format!("DNS:{HOST}"));
        let platform = Listener::answering((PLATFORM, 443), Some(certificate));
        let outbound = Outbound::tinyproxy("de", "DE", "10.7.0.3:8888", "93.184.218.1");
        let good = format!("DNS:{PROXY}");
        assert_eq!(get_through(&authority, &outbound, &good), (Ok(200), true));
        assert_eq!(platform.sources(), [outbound.source]);
        // Good for the platform, and for the proxy's address: not for its name.
        for other in [format!("DNS:{HOST}"), "IP:10.7.0.5".to_owned()] {
            assert_eq!(
                get_through(&authority, &outbound, &other),
                (Err(SendError::Unreachable), false),
                "{other}"
            );
        }
        assert_eq!(platform.connections().len(), 1);
    });
}
