//! Accounts and sessions in SQLite.

use super::Sqlite;
use crate::store::accounts::{AccountReads, AccountWrites};

impl AccountReads for Sqlite {}

impl AccountWrites for Sqlite {}
