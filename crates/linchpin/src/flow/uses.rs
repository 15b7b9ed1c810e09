//! Nodes that share a database tell each other which connections were used, so that a limit on uses holds over all of
//! them. Nothing waits for it and nothing is written: what is told is a notification.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{
    Notify,
    broadcast::{Receiver, error::RecvError},
};

use super::Engine;

/// For how long uses are gathered before they are told of.
const GATHERED: Duration = Duration::from_millis(50);
/// Bytes of one notification at most; PostgreSQL takes less than 8,000.
const TOLD_MAX: usize = 7_500;
/// Connections whose uses may wait to be told of.
const WAITING_MAX: usize = 65_536;

/// Uses that the other nodes are still to be told of.
#[derive(Default)]
pub(super) struct Uses {
    waiting: Mutex<HashMap<Arc<str>, u32>>,
    some: Notify,
}

/// What the other nodes tell.
pub struct HeardUses {
    told: Receiver<Arc<str>>,
    node: String,
}

impl Engine {
    /// Has the other nodes know that a connection was used here.
    pub fn tell_use(&self, connection: &Arc<str>) {
        if !self.store.is_shared() {
            return;
        }
        let mut waiting = self
            .uses
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < WAITING_MAX || waiting.contains_key(connection) {
            *waiting.entry(Arc::clone(connection)).or_default() += 1;
        }
        self.uses.some.notify_one();
    }

    /// Hears which connections were used on other nodes. `None` where there are none.
    pub fn heard_uses(&self) -> Option<HeardUses> {
        Some(HeardUses {
            told: self.store.told_uses()?,
            node: self.node.clone(),
        })
    }

    /// Goes on for ever: tells the other nodes of uses.
    pub async fn keep_telling_uses(self: Arc<Self>) {
        loop {
            self.uses.some.notified().await;
            tokio::time::sleep(GATHERED).await;
            let uses = std::mem::take(
                &mut *self
                    .uses
                    .waiting
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner),
            );
            for text in written(&self.node, uses) {
                if let Err(error) = self.store.tell_uses(text).await {
                    tracing::debug!(%error, "other nodes could not be told of uses; they let a few more through");
                }
            }
        }
    }
}

impl HeardUses {
    /// Waits for uses on other nodes: connections, and how often each was used. `None` when nothing more will come.
    pub async fn next(&mut self) -> Option<Vec<(Arc<str>, u32)>> {
        loop {
            match self.told.recv().await {
                Ok(text) => {
                    if let Some(uses) = read(&self.node, &text) {
                        return Some(uses);
                    }
                }
                // What was not heard is not counted.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

/// `<node>`, and for each connection ` <id>=<count>`.
fn written(node: &str, uses: HashMap<Arc<str>, u32>) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for (connection, count) in uses {
        let word = format!(" {connection}={count}");
        match texts.last_mut() {
            Some(text) if text.len() + word.len() <= TOLD_MAX => text.push_str(&word),
            _ => texts.push(format!("{node}{word}")),
        }
    }
    texts
}

/// What another node has told; `None` for what this one has.
fn read(node: &str, text: &str) -> Option<Vec<(Arc<str>, u32)>> {
    let mut words = text.split(' ');
    if words.next() == Some(node) {
        return None;
    }
    let uses = words.filter_map(|word| {
        let (connection, count) = word.split_once('=')?;
        Some((connection.into(), count.parse().ok()?))
    });
    Some(uses.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_are_read_as_they_were_told_in_as_many_notifications_as_it_takes() {
        let uses: HashMap<Arc<str>, u32> = (0..1_000_u32)
            .map(|n| (format!("conn_{n:026}").into(), n))
            .collect();
        let texts = written("there", uses.clone());
        assert!(texts.len() > 1 && texts.iter().all(|text| text.len() < 8_000));
        let heard = texts.iter().filter_map(|text| read("here", text)).flatten();
        assert_eq!(heard.collect::<HashMap<_, _>>(), uses);
        assert!(texts.iter().all(|text| read("there", text).is_none()));
    }

    #[test]
    fn what_cannot_be_read_counts_as_nothing() {
        for text in ["", "x", "x a", "x a=", "x a=b", "x a=-1", "x =99999999999"] {
            assert_eq!(read("here", text), Some(Vec::new()), "{text}");
        }
    }
}
