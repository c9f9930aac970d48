//! The rules: who may do what, and what it changes. Pure functions from facts and a command to a [`Change`] or a
//! refusal.
//!
//! Nothing here may know the store, the clock, sockets or who is connected.

pub mod groups;
pub mod messages;
pub mod reactions;
#[cfg(test)]
mod tests;

use confab_protocol::model::ReplyTo;
use confab_protocol::{Code, Content, ErrorBody, Kind, Message, Role, UserId};
use std::collections::HashMap;

/// A rule's answer.
pub type Ruling = Result<Change, ErrorBody>;

/// A member's place, or that of one who left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat<K> {
    /// `None` for one who left.
    pub role: Option<Role>,
    /// What the store calls this user; the rules do not look at it.
    pub key: K,
    /// Whether they share how far they have read.
    pub share_read: bool,
}

/// A conversation as the rules see it.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a, K> {
    /// Its kind.
    pub kind: Kind,
    /// Its title.
    pub title: &'a str,
    /// How many members it has.
    pub members: usize,
    /// Everyone who is or was a member.
    pub seats: &'a HashMap<UserId, Seat<K>>,
}

/// What an accepted command changes in its conversation. Empty if all is as it should be already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// A new title.
    pub title: Option<String>,
    /// New roles; `None` for one who goes.
    pub roles: Vec<(UserId, Option<Role>)>,
    /// A new message.
    pub post: Option<Post>,
    /// A message in its new state; its rev is yet to be given.
    pub rewrite: Option<Message>,
    /// Members whom the posted or rewritten message mentions.
    pub mentioned: Vec<UserId>,
}

/// A new message, without what the relay gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// What it holds.
    pub content: Content,
    /// What it answers.
    pub reply_to: Option<ReplyTo>,
}

impl Change {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.title.is_none() && self.roles.is_empty() && self.post.is_none() && self.rewrite.is_none()
    }

    fn event(event: confab_protocol::SystemEvent) -> Self {
        Self { post: Some(Post { content: Content::System { event }, reply_to: None }), ..Self::default() }
    }
}

/// The answer for what is not there and for what is none of the caller's business.
pub fn no_conversation() -> ErrorBody {
    ErrorBody::new(Code::NotFound, "There is no such conversation, or you are not a member of it.")
}

/// The answer for a message that is not in this conversation.
pub fn no_message() -> ErrorBody {
    ErrorBody::new(Code::NotFound, "There is no such message in this conversation.")
}

fn forbidden(message: &str) -> ErrorBody {
    ErrorBody::new(Code::Forbidden, message)
}

fn invalid(message: &str) -> ErrorBody {
    ErrorBody::new(Code::Invalid, message)
}

impl<K> Place<'_, K> {
    /// The caller's role.
    ///
    /// # Errors
    /// `not_found` for one who is no member.
    pub fn role_of(&self, caller: UserId) -> Result<Role, ErrorBody> {
        self.seats.get(&caller).and_then(|seat| seat.role).ok_or_else(no_conversation)
    }

    /// Whether someone is a member.
    pub fn has(&self, user: UserId) -> bool {
        self.seats.get(&user).is_some_and(|seat| seat.role.is_some())
    }

    fn group(&self) -> Result<(), ErrorBody> {
        match self.kind {
            Kind::Group => Ok(()),
            Kind::Direct => {
                Err(invalid("This is a direct conversation; only groups have members and titles."))
            }
        }
    }

    /// The caller's role in a group, if it is at least `least`.
    fn manager(&self, caller: UserId, least: Role) -> Result<Role, ErrorBody> {
        let role = self.role_of(caller)?;
        self.group()?;
        if role < least {
            return Err(forbidden(match least {
                Role::Owner => "Only the owner of the group may do this.",
                _ => "Only the admins and the owner of the group may do this.",
            }));
        }
        Ok(role)
    }
}

/// Users without doubles, in the order of their first mention.
fn distinct(users: &[UserId]) -> Vec<UserId> {
    let mut seen = std::collections::HashSet::with_capacity(users.len());
    users.iter().copied().filter(|user| seen.insert(*user)).collect()
}
