//! The server as a whole, over real HTTP, on a store in a temporary directory and with a clock that is stepped.

mod api;
mod flow;
mod support;
