//! The relay's socket as its clients see it: a whole relay on port 0, a real database, real sockets.

mod abuse;
mod catching_up;
mod groups;
mod marks;
mod presence;
mod sending;
mod slowness;
mod support;
