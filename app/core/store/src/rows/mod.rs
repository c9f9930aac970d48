//! Reading and writing rows: one file a group of tables, plain functions over a connection.

pub(crate) mod conversations;
pub(crate) mod messages;
pub(crate) mod outbox;
pub(crate) mod people;
