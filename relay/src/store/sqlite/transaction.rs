//! Transactions: one batch of the writer, one look of a reader.

use super::Sqlite;
use crate::store::{Reads, Result, Writes};

impl Sqlite {
    fn run(&self, sql: &'static str) -> Result<()> {
        Ok(self.db.prepare_cached(sql)?.execute([]).map(|_| ())?)
    }

    fn run_or_log(&self, sql: &'static str) {
        if let Err(error) = self.run(sql) {
            tracing::error!(%error, sql, "a transaction could not be ended");
        }
    }
}

impl Reads for Sqlite {
    fn begin_read(&self) -> Result<()> {
        self.run("BEGIN")
    }

    fn end_read(&self) {
        self.run_or_log("COMMIT");
    }
}

impl Writes for Sqlite {
    fn begin(&self) -> Result<()> {
        self.run("BEGIN IMMEDIATE")
    }

    fn commit(&self) -> Result<()> {
        self.run("COMMIT")
    }

    fn rollback(&self) {
        self.ids.borrow_mut().forget();
        // SQLite has ended the transaction itself after some failures.
        if !self.db.is_autocommit() {
            self.run_or_log("ROLLBACK");
        }
    }

    fn savepoint(&self) -> Result<()> {
        self.run("SAVEPOINT job")
    }

    fn release(&self) -> Result<()> {
        self.run("RELEASE job")
    }

    fn undo(&self) {
        self.ids.borrow_mut().forget();
        self.run_or_log("ROLLBACK TO job");
        self.run_or_log("RELEASE job");
    }
}
