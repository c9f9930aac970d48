//! A device's storage, and what becomes of a transaction.

use crate::model::Model;
use confab_engine::{Cache, CacheError};
use confab_protocol::{DeviceId, UserId};
use std::path::Path;

/// What becomes of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is committed, and the outputs are released.
    Kept,
    /// The commit fails.
    Full,
    /// The program dies before the commit.
    KilledBefore,
    /// The program dies after the commit, before the outputs.
    KilledAfter,
}

/// See the module.
pub struct LocalStore {
    model: Model,
}

impl LocalStore {
    /// An empty store of a user who has just logged in.
    pub fn new(_file: &Path, user: UserId, _session: DeviceId) -> Self {
        Self { model: Model::new(user) }
    }

    /// What is stored, to look at.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The program starts: what it had open is opened again.
    pub fn reopen(&mut self) {}

    /// One transaction.
    ///
    /// # Errors
    /// If it could not be stored. Nothing of it is, then.
    pub fn transact(
        &mut self,
        fate: Fate,
        work: impl FnOnce(&mut dyn Cache) -> Result<(), CacheError>,
    ) -> Result<(), CacheError> {
        let mut model = self.model.clone();
        work(&mut model)?;
        match fate {
            Fate::Kept | Fate::KilledAfter => {
                self.model = model;
                Ok(())
            }
            Fate::KilledBefore => Ok(()),
            Fate::Full => Err(CacheError("the simulated disk is full".into())),
        }
    }
}
