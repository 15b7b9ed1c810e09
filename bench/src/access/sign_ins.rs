//! A thousand sign-ins at once at a provider that takes two seconds for each.

use std::time::{Duration, Instant};

use tokio::task::LocalSet;

use super::provider::SIGN_IN;
use crate::{
    Outcome,
    server::Server,
    table::{heading, line},
};

const SIGN_INS: usize = 1_000;

/// Measures and prints.
pub async fn run(server: &Server) -> Outcome<()> {
    let mut logins = Vec::with_capacity(SIGN_INS);
    for _ in 0..SIGN_INS {
        let body = format!(r#"{{"clientAppId":"{}"}}"#, server.app);
        let made = server.ask("POST", "/v2/link/init", &body).await?;
        let secret = made.pointer("/clientSecret").and_then(|text| text.as_str());
        let secret = secret.ok_or("no secret")?;
        logins.push(format!("/v2/link/{secret}/whitelabel/login"));
    }
    let before = server.memory()?.0;
    let begun = Instant::now();
    let set = LocalSet::new();
    let (told, most) = set
        .run_until(async {
            let asked = logins.iter().enumerate().map(|(n, path)| {
                let body = format!(r#"{{"username":"user{n}","password":"x","wait":40}}"#);
                async move { server.ask("POST", path, &body).await }
            });
            let all = futures_util::future::try_join_all(asked);
            let mut all = std::pin::pin!(all);
            let mut most = before;
            loop {
                most = most.max(server.memory()?.0);
                if let Ok(told) = tokio::time::timeout(Duration::from_millis(50), &mut all).await {
                    return Outcome::Ok((told?, most));
                }
            }
        })
        .await?;
    let took = begun.elapsed().as_secs_f64();
    let linked = told
        .iter()
        .filter(|told| told.to_string().contains("completed"))
        .count();
    heading(&format!(
        "{SIGN_INS} sign-ins at once, of {} s each at the provider",
        SIGN_IN.as_secs()
    ));
    line(&format!(
        "{linked:>10} linked, {} told that the provider is unavailable, all answered after {took:.1} s",
        SIGN_INS - linked
    ));
    line(&format!(
        "{most:>10.1} MB resident at most, {before:.1} MB before"
    ));
    Ok(())
}
