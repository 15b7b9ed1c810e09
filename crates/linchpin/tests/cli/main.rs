//! The command line, driven as people and their scripts drive it: the real binary, its output, files and sockets.

mod admin;
mod dev;
mod refusals;
mod secrets;
mod serve;
mod support;
