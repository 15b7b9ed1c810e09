//! The JSON API as a developer's backend calls it.

mod init;
