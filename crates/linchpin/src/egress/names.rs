//! The addresses of names, as this machine's resolver tells them.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures_util::{
    FutureExt as _,
    future::{BoxFuture, Shared},
};
use tokio::net::lookup_host;

use super::Failure;

/// For how long addresses that were judged are gone by.
const KNOWN_FOR: Duration = Duration::from_secs(5);
/// Names that are remembered at most.
const NAMES_MAX: usize = 10_000;

/// A name and a port.
type Name = (String, u16);
type Found = Result<Vec<IpAddr>, Failure>;

enum Standing {
    /// Being asked for: everybody who needs it waits for the same question. Each question holds a thread for as long as
    /// the resolver takes, and a name whose servers are silent must not take those of the others.
    Asked(Shared<BoxFuture<'static, Found>>),
    Known(Instant, Vec<IpAddr>),
}

/// What is known of names, and what is being asked; cheap to clone.
#[derive(Clone, Default)]
pub struct Names(Arc<Mutex<HashMap<Name, Standing>>>);

impl Names {
    /// The addresses of a name, not older than a few seconds.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreachable`] where it has none.
    pub async fn resolve(&self, name: &str, port: u16) -> Found {
        let asked = match self.look(name, port) {
            Standing::Known(_, addresses) => return Ok(addresses),
            Standing::Asked(asked) => asked,
        };
        asked.await
    }

    fn look(&self, name: &str, port: u16) -> Standing {
        let name = (name.to_owned(), port);
        let mut standings = self.lock();
        match standings.get(&name) {
            Some(Standing::Known(since, addresses)) if since.elapsed() < KNOWN_FOR => {
                return Standing::Known(*since, addresses.clone());
            }
            Some(Standing::Asked(asked)) => return Standing::Asked(asked.clone()),
            _ => {}
        }
        if standings.len() >= NAMES_MAX {
            standings.retain(|_, standing| matches!(standing, Standing::Asked(_)));
        }
        let asked = self.ask(name.clone());
        standings.insert(name, Standing::Asked(asked.clone()));
        Standing::Asked(asked)
    }

    /// Asks in a task of its own, which ends by itself when those who wait have gone.
    fn ask(&self, name: Name) -> Shared<BoxFuture<'static, Found>> {
        let names = self.clone();
        let question = tokio::spawn(async move {
            let found = lookup_host((name.0.as_str(), name.1)).await;
            let found = found.map(|found| found.map(|address| address.ip()).collect());
            let found: Found = found.map_err(|_| Failure::Unreachable);
            let mut standings = names.lock();
            match &found {
                Ok(addresses) => {
                    let known = Standing::Known(Instant::now(), addresses.clone());
                    standings.insert(name, known);
                }
                Err(_) => {
                    standings.remove(&name);
                }
            }
            found
        });
        let told = question.map(|ended| ended.unwrap_or(Err(Failure::Unreachable)));
        told.boxed().shared()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Name, Standing>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
