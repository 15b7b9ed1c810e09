//! A delivery: one event on its way to one endpoint, and the attempts that were made.

use serde::{Deserialize, Serialize};

use super::{event::EventId, public_id::EndpointId, retry_schedule::Wish, time::Timestamp};

/// Bytes of a receiver's answer that are kept.
pub const ANSWER_KEPT: usize = 4_096;

/// How a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It will be attempted.
    Pending,
    /// The receiver has taken it.
    Delivered,
    /// It was given up, and can be replayed.
    Failed,
}

impl DeliveryState {
    /// The name on the wire and in the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    /// The state of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Pending, Self::Delivered, Self::Failed]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

/// A delivery as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Where to.
    pub endpoint: EndpointId,
    /// What.
    pub event: EventId,
    /// How it stands.
    pub state: DeliveryState,
    /// When it is attempted next; `None` once it has ended.
    pub due_at: Option<Timestamp>,
    /// Attempts that were made.
    pub attempts: i64,
    /// When it was delivered or given up.
    pub ended_at: Option<Timestamp>,
}

impl Delivery {
    /// What every delivery's identifier begins with.
    pub const PREFIX: &'static str = "dlv_";

    /// Its identifier within its endpoint: `dlv_` and the digits of its event's.
    pub fn id(event: EventId) -> String {
        format!("{}{:016x}", Self::PREFIX, event.number())
    }

    /// The event of an identifier; `None` for anything that is none.
    pub fn event_of(id: &str) -> Option<EventId> {
        let digits = id.strip_prefix(Self::PREFIX)?;
        EventId::parse(&format!("{}{digits}", EventId::PREFIX))
    }
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// The status of the answer, 100 to 599.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why there was none: one of a few sentences that say nothing of what is inside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// From its beginning to its end, in milliseconds.
    pub latency: i64,
    /// The first 4 KiB of the answer's body.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub answer: String,
    /// Whether somebody asked for it.
    #[serde(default)]
    pub manual: bool,
}

/// What an attempt has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver has taken it.
    Delivered,
    /// It has not; with what it says about the next attempt.
    Failed(Wish),
    /// The receiver says that nothing is ever to be sent there again.
    Gone,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_delivery_leads_to_its_event() {
        let event = EventId::next(None, Timestamp(1_800_000_000_000), 5);
        assert_eq!(Delivery::event_of(&Delivery::id(event)), Some(event));
        for wrong in ["", "dlv_", "evt_0000000000000001", "dlv_zz"] {
            assert_eq!(Delivery::event_of(wrong), None, "{wrong}");
        }
    }
}
