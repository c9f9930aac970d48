//! The relay's socket as its clients see it: a whole relay on port 0, a real database, real sockets.

mod catching_up;
mod sending;
mod support;
