//! A client's cache as plain maps: what [`Cache`] promises, written down a second time and as simply as possible.
//!
//! It runs beside the real store in every simulated device and must give the same answers to the same questions.

mod cache;

use confab_engine::{Account, Conversation, Entry, PendingMark, RangeSet, Unconfirmed};
use confab_protocol::{ConversationId, Mark, Member, Message, User, UserId};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What is held of one conversation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Held {
    /// Where it stands.
    pub row: Option<Conversation>,
    /// Which messages are held.
    pub ranges: RangeSet,
    /// By seq.
    pub messages: BTreeMap<u64, Message>,
    /// By user.
    pub members: BTreeMap<UserId, Member>,
    /// By user.
    pub marks: BTreeMap<UserId, Mark>,
    /// By their former place.
    pub unconfirmed: BTreeMap<u64, Unconfirmed>,
}

/// One account's cache. Cloning it is cheap, so a transaction is a clone that is kept or thrown away.
#[derive(Clone, Debug)]
pub struct Model {
    /// The account.
    pub account: Account,
    /// Profiles.
    pub users: Rc<BTreeMap<UserId, User>>,
    /// Conversations.
    pub conversations: BTreeMap<ConversationId, Rc<Held>>,
    /// The outbox, in local order.
    pub outbox: Rc<Vec<Entry>>,
    /// Marks that wait.
    pub marks: BTreeMap<ConversationId, PendingMark>,
}

impl Model {
    /// An empty cache of a user who has just logged in.
    pub fn new(user: UserId) -> Self {
        Self {
            account: Account {
                user,
                device: None,
                token: None,
                seen: None,
                share_read: true,
                blocked: Vec::new(),
            },
            users: Rc::default(),
            conversations: BTreeMap::new(),
            outbox: Rc::default(),
            marks: BTreeMap::new(),
        }
    }

    /// What is held of a conversation.
    pub fn held(&self, id: ConversationId) -> Option<&Held> {
        self.conversations.get(&id).map(Rc::as_ref)
    }

    fn held_mut(&mut self, id: ConversationId) -> &mut Held {
        Rc::make_mut(self.conversations.entry(id).or_default())
    }
}
