//! The accounts of this app: each a folder with a database and a running client of its own, so that what is wrong with
//! one leaves the others alone.

use crate::api::{AccountNumber, AccountView, own};
use crate::badge::Badge;
use crate::files;
use crate::vault::{Vault, VaultSecrets};
use confab_client::api::{Connection, Phase, SessionView};
use confab_client::native::DATABASE;
use confab_client::{Client, Handle, Options};
use confab_protocol::User;
use confab_store::Store;
use confab_store::view::Problem;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;

mod set_aside;

/// What `accounts.json` holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Listed {
    next: AccountNumber,
    selected: Option<AccountNumber>,
    accounts: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    number: AccountNumber,
    relay: String,
    /// Who is logged in; nobody in a place that was made and not used yet.
    user: Option<User>,
}

/// An account and how it stands.
struct Slot {
    entry: Entry,
    client: Result<Client, Problem>,
    phase: Phase,
    connection: Connection,
    badge: Badge,
}

/// All of them.
pub struct Accounts {
    folder: PathBuf,
    client_name: String,
    vault: Arc<Vault>,
    slots: Vec<Slot>,
    next: AccountNumber,
    selected: Option<AccountNumber>,
}

impl Accounts {
    /// Reads which there are and starts their clients. Places that nobody logged in to are forgotten.
    ///
    /// # Errors
    /// `storage` if the list cannot be read: starting without it would look as if everything were gone.
    pub fn open(folder: PathBuf, client_name: String, vault: Arc<Vault>) -> Result<Self, Problem> {
        files::private_folder(&folder.join("accounts")).map_err(|error| storage(&error))?;
        let list = folder.join("accounts.json");
        let stored = files::read(&list).map_err(|error| storage(&error))?;
        let listed: Listed = match stored {
            Some(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
                own("storage", format!("{} cannot be read: {error}. Nothing was changed.", list.display()))
            })?,
            None => Listed::default(),
        };
        let mut accounts = Self {
            folder,
            client_name,
            vault,
            slots: Vec::new(),
            next: listed.next,
            selected: listed.selected,
        };
        for entry in listed.accounts {
            if entry.user.is_some() || accounts.holds_somebody(entry.number) {
                let slot = accounts.start(entry);
                accounts.slots.push(slot);
            } else {
                accounts.remove_folder(entry.number);
            }
        }
        accounts.mend_selection();
        Ok(accounts)
    }

    fn start(&self, entry: Entry) -> Slot {
        let folder = self.account_folder(entry.number);
        let client = files::private_folder(&folder).map_err(|error| storage(&error)).and_then(|()| {
            Client::start(Options {
                relay: entry.relay.clone(),
                folder,
                client: self.client_name.clone(),
                secrets: Some(Box::new(VaultSecrets(self.vault.clone()))),
            })
        });
        if let Err(problem) = &client {
            tracing::error!(account = entry.number, problem.message, "an account cannot be opened");
        }
        let phase = if entry.user.is_some() { Phase::SignedIn } else { Phase::SignedOut };
        Slot { entry, client, phase, connection: Connection::Offline, badge: Badge::default() }
    }

    /// One more place at a relay, or the empty one that is there; it is selected. `true` if it is new, and its client.
    ///
    /// # Errors
    /// `storage`; then there is no new place.
    pub fn add(&mut self, relay: &str) -> Result<(AccountNumber, bool), Problem> {
        // One empty place a relay is enough.
        let empty = self.slots.iter().find(|slot| slot.entry.user.is_none() && slot.entry.relay == relay);
        if let Some(number) = empty.map(|slot| slot.entry.number) {
            self.select(number)?;
            return Ok((number, false));
        }
        let number = self.next.max(1);
        self.next = number.saturating_add(1);
        let slot = self.start(Entry { number, relay: relay.to_owned(), user: None });
        if let Err(problem) = &slot.client {
            return Err(problem.clone());
        }
        self.slots.push(slot);
        let before = self.selected.replace(number);
        if let Err(problem) = self.write() {
            // A place that stayed would be one that is there already when it is asked for again.
            self.slots.pop();
            self.selected = before;
            self.remove_folder(number);
            return Err(problem);
        }
        Ok((number, true))
    }

    /// Takes a place away that nobody is logged in to. Damaged databases that were set aside there are kept elsewhere.
    ///
    /// # Errors
    /// `account_in_use`, `not_found`; `storage` if it will be there again at the next start.
    pub fn remove(&mut self, number: AccountNumber) -> Result<(), Problem> {
        let at = self.slots.iter().position(|slot| slot.entry.number == number).ok_or_else(not_found)?;
        if self.slots[at].entry.user.is_some() {
            return Err(own("account_in_use", "Log out of this account first."));
        }
        // Waits until its database is closed.
        drop(self.slots.remove(at));
        self.mend_selection();
        self.write()?;
        self.remove_folder(number);
        Ok(())
    }

    /// The window shows this one, also if that will not be remembered.
    ///
    /// # Errors
    /// `not_found`; `storage` if it will not be remembered.
    pub fn select(&mut self, number: AccountNumber) -> Result<(), Problem> {
        if !self.slots.iter().any(|slot| slot.entry.number == number) {
            return Err(not_found());
        }
        if self.selected != Some(number) {
            self.selected = Some(number);
            self.write()?;
        }
        Ok(())
    }

    /// What an account's client says of its session. `true` if that is news.
    ///
    /// # Errors
    /// `storage` if it will not be remembered.
    pub fn session(&mut self, number: AccountNumber, session: &SessionView) -> Result<bool, Problem> {
        let Some(slot) = self.slots.iter_mut().find(|slot| slot.entry.number == number) else {
            return Ok(false);
        };
        let before = (slot.phase, slot.connection);
        (slot.phase, slot.connection) = (session.phase, session.connection);
        let news = before != (slot.phase, slot.connection);
        Ok(self.signed(number, session)? || news)
    }

    /// Who is logged in there, of an answer that may be older than what is known of the connection. `true` if that is news.
    ///
    /// # Errors
    /// `storage` if it will not be remembered.
    pub fn signed(&mut self, number: AccountNumber, session: &SessionView) -> Result<bool, Problem> {
        let Some(slot) = self.slots.iter_mut().find(|slot| slot.entry.number == number) else {
            return Ok(false);
        };
        if slot.entry.user == session.user {
            return Ok(false);
        }
        slot.phase = session.phase;
        slot.entry.user.clone_from(&session.user);
        if session.user.is_none() {
            slot.badge = Badge::default();
        }
        self.write()?;
        Ok(true)
    }

    /// An account's unread conversations. `true` if that is news.
    pub fn badge(&mut self, number: AccountNumber, badge: Badge) -> bool {
        let slot = self.slots.iter_mut().find(|slot| slot.entry.number == number);
        slot.is_some_and(|slot| std::mem::replace(&mut slot.badge, badge) != badge)
    }

    /// A way to an account's client.
    ///
    /// # Errors
    /// `not_found`, or why it cannot be opened.
    pub fn handle(&self, number: AccountNumber) -> Result<Handle, Problem> {
        let slot = self.slots.iter().find(|slot| slot.entry.number == number).ok_or_else(not_found)?;
        slot.client.as_ref().map(Client::handle).map_err(Clone::clone)
    }

    /// Every client that runs.
    pub fn handles(&self) -> Vec<(AccountNumber, Handle)> {
        let running = |slot: &Slot| Some((slot.entry.number, slot.client.as_ref().ok()?.handle()));
        self.slots.iter().filter_map(running).collect()
    }

    /// The accounts at a relay, the selected one first.
    pub fn at_relay(&self, relay: &str) -> Vec<AccountNumber> {
        let mut found: Vec<_> = self
            .slots
            .iter()
            .filter(|slot| slot.entry.relay == relay)
            .map(|slot| slot.entry.number)
            .collect();
        found.sort_by_key(|number| Some(*number) != self.selected);
        found
    }

    /// An account's user name, if there are others to tell it from.
    pub fn name_among_several(&self, number: AccountNumber) -> Option<String> {
        if self.slots.iter().filter(|slot| slot.entry.user.is_some()).count() < 2 {
            return None;
        }
        let slot = self.slots.iter().find(|slot| slot.entry.number == number)?;
        slot.entry.user.as_ref().map(|user| user.username.clone())
    }

    pub fn selected(&self) -> Option<AccountNumber> {
        self.selected
    }

    pub fn views(&self) -> Vec<AccountView> {
        self.slots
            .iter()
            .map(|slot| AccountView {
                account: slot.entry.number,
                relay: slot.entry.relay.clone(),
                user: slot.entry.user.clone(),
                phase: slot.phase,
                connection: slot.connection,
                unread: slot.badge.unread,
                mentioned: slot.badge.mentioned,
                problem: slot.client.as_ref().err().cloned(),
            })
            .collect()
    }

    /// Ends every client and waits until their databases are closed.
    pub fn close(&mut self) {
        self.slots.clear();
    }

    /// Whether somebody is logged in there whom the list does not know of. What cannot be read may hold anybody, and so
    /// may what was set aside.
    fn holds_somebody(&self, number: AccountNumber) -> bool {
        let folder = self.account_folder(number);
        if set_aside::is_any(&folder) {
            return true;
        }
        let database = folder.join(DATABASE);
        if !database.exists() {
            // Opening it would make an empty one in the place of what was rescued.
            return Store::is_rescue_unfinished(&database);
        }
        !Store::open(&database).and_then(|store| store.accounts()).is_ok_and(|all| all.is_empty())
    }

    fn mend_selection(&mut self) {
        let there =
            self.selected.is_some_and(|number| self.slots.iter().any(|slot| slot.entry.number == number));
        if !there {
            self.selected = self.slots.first().map(|slot| slot.entry.number);
        }
    }

    fn account_folder(&self, number: AccountNumber) -> PathBuf {
        self.folder.join("accounts").join(number.to_string())
    }

    /// What was set aside goes to `damaged/N` beside the accounts; if it cannot, the folder stays with it.
    fn remove_folder(&self, number: AccountNumber) {
        let folder = self.account_folder(number);
        if let Err(error) =
            set_aside::move_all(&folder, &self.folder.join("damaged").join(number.to_string()))
        {
            tracing::warn!(account = number, %error, "a damaged database stays in the folder of an account that is gone");
            return;
        }
        if let Err(error) = std::fs::remove_dir_all(folder)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(account = number, %error, "the folder of an account that is gone could not be removed");
        }
    }

    fn write(&self) -> Result<(), Problem> {
        let accounts = self.slots.iter().map(|slot| slot.entry.clone()).collect();
        let listed = Listed { next: self.next, selected: self.selected, accounts };
        let bytes = serde_json::to_vec_pretty(&listed).map_err(|error| own("storage", error.to_string()))?;
        files::replace(&self.folder.join("accounts.json"), &bytes).map_err(|error| storage(&error))
    }
}

fn storage(error: &std::io::Error) -> Problem {
    own("storage", format!("Confab's folder cannot be used: {error}."))
}

fn not_found() -> Problem {
    own("not_found", "There is no such account here.")
}
