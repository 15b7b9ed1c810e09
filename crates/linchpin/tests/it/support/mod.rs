//! What the tests drive the server with: a running server, a developer with keys and apps, a browser without
//! scripts, and a look into the database.

pub mod answer;
pub mod browser;
pub mod calls;
pub mod database;
pub mod developer;
pub mod east;
pub mod engine;
pub mod form;
pub mod platform;
pub mod receiver;
pub mod request;
pub mod rounds;
pub mod seeded;
pub mod site;
pub mod upstream;
pub mod world;

pub use answer::Answer;
pub use browser::Browser;
pub use developer::{Developer, Link};
pub use east::East;
pub use platform::Platform;
pub use receiver::Receiver;
pub use request::Request;
pub use upstream::Upstream;
pub use world::World;

/// The redirect URL that the usual app has registered first.
pub const CALLBACK: &str = "https://shop.example.com/callback";
/// Its second one.
pub const LOCAL_CALLBACK: &str = "http://localhost:3000/callback";
/// Base of the pages, as the server was told it.
pub const LINK_BASE: &str = "https://link.example.com";
/// The password of every sandbox account.
pub const PASSWORD: &str = "good-password";
/// The code of every sandbox account.
pub const CODE: &str = "123456";
/// One second in milliseconds.
pub const SECOND: i64 = 1_000;
/// One minute in milliseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// One hour in milliseconds.
pub const HOUR: i64 = 60 * MINUTE;
