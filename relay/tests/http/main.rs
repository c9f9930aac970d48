//! The relay's HTTP side as a stranger sees it: a whole relay, a real database, real sockets.

mod accounts;
mod bodies;
mod browser;
mod connections;
mod files;
mod program;
mod sessions;
mod support;
mod throttles;
