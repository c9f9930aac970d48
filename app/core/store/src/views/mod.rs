//! What screens read: each view in a file of its own.

mod find;
mod list;
mod overlay;
mod people;
mod window;

pub use people::{Counters, IncomingRow, Me};

use crate::convert::Id;
use crate::error::Result;
use crate::rows;
use crate::view::{ConversationRow, Draft, RefusedCreation};
use confab_protocol::{ConversationId, SystemEvent, UserId};
use rusqlite::{Connection, OptionalExtension, params};
use std::cell::RefCell;
use std::collections::HashMap;

/// The views of one account. Reads only.
#[derive(Debug)]
pub struct Views<'a> {
    db: &'a Connection,
    account: i64,
    /// Display names that this value has looked up.
    names: RefCell<HashMap<UserId, String>>,
}

/// A conversation's line, and what a header needs beyond it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// As in the list.
    pub row: ConversationRow,
    /// One has blocked the other one.
    pub blocked: bool,
    /// The newest seq that there is.
    pub last_seq: u64,
    /// A group that the relay refused to make.
    pub creation: Option<RefusedCreation>,
}

impl<'a> Views<'a> {
    pub(crate) fn new(db: &'a Connection, account: i64) -> Self {
        Self { db, account, names: RefCell::new(HashMap::new()) }
    }

    /// A user's display name; their user name if that is empty; empty if they are not known.
    ///
    /// # Errors
    /// The database's.
    pub fn display_name(&self, user: UserId) -> Result<String> {
        if let Some(name) = self.names.borrow().get(&user) {
            return Ok(name.clone());
        }
        let name = rows::people::user(self.db, self.account, user)?
            .map(|user| if user.display_name.is_empty() { user.username } else { user.display_name })
            .unwrap_or_default();
        self.names.borrow_mut().insert(user, name.clone());
        Ok(name)
    }

    /// What stands unfinished in a conversation's composer; an empty draft if nothing does.
    ///
    /// # Errors
    /// The database's.
    pub fn draft(&self, conversation: ConversationId) -> Result<Draft> {
        let mut statement =
            self.db.prepare_cached("SELECT draft FROM drafts WHERE account = ?1 AND conversation = ?2")?;
        let json: Option<String> =
            statement.query_row(params![self.account, Id(conversation.0)], |row| row.get(0)).optional()?;
        Ok(json.map(|json| serde_json::from_str(&json)).transpose()?.unwrap_or_default())
    }

    fn me_id(&self) -> Result<UserId> {
        Ok(rows::people::account(self.db, self.account)?.user)
    }

    /// The users that an event names, in its order.
    fn event_users(event: &SystemEvent) -> Vec<UserId> {
        match event {
            SystemEvent::Added { users } => users.clone(),
            SystemEvent::Removed { user } | SystemEvent::RoleChanged { user, .. } => vec![*user],
            _ => Vec::new(),
        }
    }

    fn event_row(&self, event: &SystemEvent, me: UserId) -> Result<crate::view::EventRow> {
        let users = Self::event_users(event);
        Ok(crate::view::EventRow {
            event: event.clone(),
            me: users.contains(&me),
            names: users.into_iter().map(|user| self.display_name(user)).collect::<Result<_>>()?,
        })
    }
}
