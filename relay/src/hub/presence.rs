//! Presence and typing, told to those who asked and to nobody else.

use super::connection::{Connection, Interest};
use super::queue::Class;
use super::{Hub, State, encode};
use confab_protocol::sync::Push;
use confab_protocol::{ConversationId, Presence, UserId};
use std::sync::Arc;

impl Hub {
    /// How often someone has left a conversation, or blocked somebody or taken that back, in this run.
    pub fn leavings(&self) -> u64 {
        self.state.lock().leavings
    }

    /// Replaces a connection's interest. The caller has checked that they may know, and had read `leavings` before;
    /// `false` if any of that has happened since, so that the check is to be made again.
    #[must_use]
    pub fn watch(&self, connection: &Arc<Connection>, interest: Interest, leavings: u64) -> bool {
        let mut state = self.state.lock();
        if state.leavings != leavings {
            return false;
        }
        state.forget_interest(connection);
        // One that has gone meanwhile must not stay in the tables.
        let is_here = state
            .people
            .get(&connection.user)
            .is_some_and(|person| person.connections.iter().any(|other| other.id == connection.id));
        if !is_here {
            return true;
        }
        for user in &interest.users {
            state.watchers.entry(*user).or_default().push(Arc::clone(connection));
        }
        if let Some(conversation) = interest.conversation {
            state.open.entry(conversation).or_default().push(Arc::clone(connection));
        }
        *connection.interest.lock() = interest;
        connection.forget_lost_presence();
        true
    }

    /// Whether each user is there now.
    pub fn are_online(&self, users: impl Iterator<Item = UserId>) -> Vec<(UserId, bool)> {
        let state = self.state.lock();
        users.map(|user| (user, state.people.get(&user).is_some_and(super::Person::seems_here))).collect()
    }

    /// Tells the others who have the conversation open that someone types there.
    pub fn typing(&self, conversation: ConversationId, user: UserId, on: bool) {
        let state = self.state.lock();
        let Some(open) = state.open.get(&conversation) else { return };
        let text = encode(&Push::Typing { conversation, user, on });
        for connection in open.iter().filter(|connection| connection.user != user) {
            if !connection.interest.lock().apart.contains(&user) {
                connection.push(text.clone(), Class::Light);
            }
        }
    }

    /// Whether this connection has the conversation open, which its user was found to be a member of.
    pub fn has_open(&self, connection: &Connection, conversation: ConversationId) -> bool {
        let _state = self.state.lock();
        connection.interest.lock().conversation == Some(conversation)
    }

    /// The user's device is connected and knows where it stands: tells the watchers.
    pub fn arrived(&self, user: UserId) {
        let mut state = self.state.lock();
        let Some(person) = state.people.get_mut(&user).filter(|person| !person.connections.is_empty()) else {
            return;
        };
        person.gone_at = None;
        if !std::mem::replace(&mut person.told_online, true) {
            state.tell_presence(Presence { user, online: true, last_seen: None });
        }
    }

    /// Users who left a conversation since the last call.
    pub fn take_left(&self) -> Vec<UserId> {
        std::mem::take(&mut self.state.lock().left)
    }

    /// The user's connections with whom each watches.
    pub fn watches_of(&self, user: UserId) -> Vec<(Arc<Connection>, Vec<UserId>)> {
        let state = self.state.lock();
        let Some(person) = state.people.get(&user) else { return Vec::new() };
        person.connections.iter().map(|c| (Arc::clone(c), c.interest.lock().users.to_vec())).collect()
    }

    /// The connections that watch the user.
    pub fn watchers_of(&self, user: UserId) -> Vec<Arc<Connection>> {
        self.state.lock().watchers.get(&user).cloned().unwrap_or_default()
    }

    /// Ends a connection's interest in one user.
    pub fn unwatch(&self, connection: &Arc<Connection>, user: UserId) {
        self.state.lock().unwatch(connection, user);
    }
}

impl super::Person {
    /// Whether they count as here: connected, or gone for a moment only.
    pub(super) fn seems_here(&self) -> bool {
        !self.connections.is_empty() || (self.told_online && self.gone_at.is_some())
    }
}

impl State {
    pub(super) fn tell_presence(&self, presence: Presence) {
        let Some(watchers) = self.watchers.get(&presence.user) else { return };
        let text = encode(&Push::Presence { presence: vec![presence] });
        for connection in watchers {
            connection.push(text.clone(), Class::Light);
        }
    }

    pub(super) fn forget_interest(&mut self, connection: &Connection) {
        let interest = std::mem::take(&mut *connection.interest.lock());
        for user in &interest.users {
            self.remove_watcher(*user, connection.id);
        }
        if let Some(conversation) = interest.conversation {
            self.close_conversation(conversation, |other| other.id == connection.id);
        }
    }

    fn remove_watcher(&mut self, user: UserId, id: u64) {
        if let Some(watchers) = self.watchers.get_mut(&user) {
            watchers.retain(|other| other.id != id);
            if watchers.is_empty() {
                self.watchers.remove(&user);
            }
        }
    }

    fn unwatch(&mut self, connection: &Connection, user: UserId) {
        self.remove_watcher(user, connection.id);
        let mut interest = connection.interest.lock();
        interest.users = interest.users.iter().copied().filter(|other| *other != user).collect();
    }

    /// One of the two has blocked the other: neither is told any more whether the other is there or types. The last
    /// that each hears looks like any going away.
    pub(super) fn part(&mut self, one: UserId, other: UserId) {
        for (user, from) in [(one, other), (other, one)] {
            for connection in self.connections_of(user) {
                let watches = connection.interest.lock().users.contains(&from);
                if watches {
                    self.unwatch(&connection, from);
                    let away = Presence { user: from, online: false, last_seen: None };
                    connection.push(encode(&Push::Presence { presence: vec![away] }), Class::Light);
                }
                let mut interest = connection.interest.lock();
                if !interest.apart.contains(&from) {
                    interest.apart.push(from);
                }
                if watches {
                    interest.withheld.push(from);
                }
            }
        }
        self.leavings += 1;
    }

    /// Neither of the two blocks the other any more: whoever asked for the other's presence is told it from now on, if
    /// they share a conversation.
    pub(super) fn join(&mut self, one: (UserId, Option<u64>), other: (UserId, Option<u64>)) {
        for (user, (to, last_seen)) in [(one.0, other), (other.0, one)] {
            let online = self.people.get(&to).is_some_and(super::Person::seems_here);
            for connection in self.connections_of(user) {
                let mut interest = connection.interest.lock();
                interest.apart.retain(|apart| *apart != to);
                let withheld = interest.withheld.len();
                interest.withheld.retain(|withheld| *withheld != to);
                let (true, Some(last_seen)) = (interest.withheld.len() < withheld, last_seen) else {
                    continue;
                };
                interest.users = interest.users.iter().copied().chain([to]).collect();
                drop(interest);
                self.watchers.entry(to).or_default().push(Arc::clone(&connection));
                let last_seen = (!online && last_seen > 0).then_some(last_seen);
                let presence = Presence { user: to, online, last_seen };
                connection.push(encode(&Push::Presence { presence: vec![presence] }), Class::Light);
            }
        }
        self.leavings += 1;
    }

    fn connections_of(&self, user: UserId) -> Vec<Arc<Connection>> {
        self.people.get(&user).map_or_else(Vec::new, |person| person.connections.clone())
    }

    fn close_conversation(&mut self, conversation: ConversationId, which: impl Fn(&Connection) -> bool) {
        if let Some(open) = self.open.get_mut(&conversation) {
            open.retain(|other| !which(other));
            if open.is_empty() {
                self.open.remove(&conversation);
            }
        }
    }

    /// Someone is no member any more.
    pub(super) fn leave(&mut self, user: UserId, conversation: ConversationId) {
        if let Some(person) = self.people.get(&user) {
            for connection in &person.connections {
                let mut interest = connection.interest.lock();
                if interest.conversation == Some(conversation) {
                    interest.conversation = None;
                }
            }
        }
        self.close_conversation(conversation, |other| other.user == user);
        self.leavings += 1;
        self.left.push(user);
    }
}
