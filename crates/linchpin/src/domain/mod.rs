//! What a link session, a connection and a client app are, and the rules they follow.
//!
//! Pure: no I/O, no clock, no async. Time and random bytes come in as arguments; nothing of ours is imported.

pub mod access_rate;
pub mod allowed_origin;
pub mod api_key;
pub mod app_fields;
pub mod audit;
mod base62;
pub mod choose_app;
pub mod client_app;
pub mod client_app_change;
pub mod client_network;
pub mod connection;
pub mod connection_secret;
pub mod connection_settings;
pub mod delivery;
pub mod environment;
pub mod event;
pub mod field_problem;
pub mod geolocation;
pub mod hexadecimal;
pub mod id;
pub mod key_record;
pub mod keyring;
pub mod known_keys;
pub mod link_session;
pub mod logo;
pub mod master_keys;
pub mod page_url;
pub mod public_id;
pub mod redirect_url;
pub mod regions;
pub mod retry_schedule;
pub mod scope;
pub mod sealed;
pub mod second_factor;
pub mod site;
pub mod time;
pub mod token;
pub mod webhook_endpoint;
pub mod webhook_secret;
