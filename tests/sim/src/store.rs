//! A device's storage: the real store, and beside it the model, which must give the same answers to the same
//! questions all the time.

mod both;

use crate::model::Model;
use both::Both;
use confab_engine::{Cache, CacheError};
use confab_protocol::{DeviceId, User};
use confab_store::{AccountKey, Store};
use std::path::{Path, PathBuf};

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
    real: Store,
    key: AccountKey,
    file: PathBuf,
}

impl LocalStore {
    /// An empty store of a user who has just logged in.
    pub fn new(file: &Path, user: &User, session: DeviceId) -> Self {
        let mut real = Store::open(file).unwrap();
        let key = real.sign_in("https://relay.example", user, session).unwrap();
        let mut model = Model::new(user.id);
        model.account.device = Some(session);
        model.put_users(std::slice::from_ref(user)).unwrap();
        Self { model, real, key, file: file.to_owned() }
    }

    /// What is stored, to look at.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The program starts: the file is opened again.
    pub fn reopen(&mut self) {
        self.real = Store::open(&self.file).unwrap();
    }

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
        let mut real = self.real.begin(self.key)?;
        work(&mut Both { model: &mut model, real: &mut real })?;
        match fate {
            Fate::Kept | Fate::KilledAfter => {
                real.commit()?;
                self.model = model;
                Ok(())
            }
            Fate::KilledBefore => Ok(()),
            Fate::Full => Err(CacheError("the simulated disk is full".into())),
        }
    }
}
