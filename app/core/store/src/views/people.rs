//! Members, known users, oneself, and the counters of the session.

use super::{Views, overlay};
use crate::convert::Id;
use crate::error::Result;
use crate::rows::{self, conversations, messages};
use crate::summary;
use crate::view::{MemberRow, MembersView};
use confab_protocol::{Command, Content, ConversationId, DeviceId, MessageId, Role, User, UserId};
use rusqlite::params;

/// Oneself, own changes that are not yet accepted included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// Who.
    pub user: User,
    /// This device.
    pub device: Option<DeviceId>,
    /// The relay's address.
    pub relay: String,
    /// Whether others see how far one has read.
    pub share_read: bool,
    /// Whom one has blocked.
    pub blocked: Vec<UserId>,
}

/// The counters of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Conversations whose changes are still on their way.
    pub behind: u32,
    /// Things in the outbox that wait.
    pub unsent: u32,
    /// Things in the outbox that were refused.
    pub failed: u32,
}

/// A message that came live, as a notification shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomingRow {
    /// The conversation's title as in the list.
    pub title: String,
    /// Who.
    pub sender_name: String,
    /// The beginning of its text.
    pub text: String,
    /// It mentions oneself.
    pub mention: bool,
    /// One wants to be told of it.
    pub notify: bool,
}

/// Characters of a text that a notification shows.
const NOTICE_CHARS: usize = 200;

impl Views<'_> {
    /// The members that are in a conversation now; `None` if there is no such conversation.
    ///
    /// # Errors
    /// The database's.
    pub fn members(&self, id: ConversationId) -> Result<Option<MembersView>> {
        let Some(conv) = conversations::number(self.db, self.account, id)? else { return Ok(None) };
        let Some(held) = conversations::get(self.db, conv)? else { return Ok(None) };
        let me = self.me_id()?;
        let marks = rows::people::marks(self.db, conv)?;
        let mut members = Vec::new();
        let entries = rows::outbox::of(self.db, self.account, id)?;
        let seats = overlay::members(self.current_members(conv, &held, me)?, &entries, me);
        for (user, role, pending) in seats {
            let told = marks.iter().find(|mark| mark.user == user);
            let (delivered, read) = match told {
                _ if user == me => (held.delivered, held.read),
                Some(mark) => (mark.delivered, mark.read),
                None => (0, 0),
            };
            members.push(MemberRow {
                user: rows::people::user(self.db, self.account, user)?.unwrap_or(User {
                    id: user,
                    username: String::new(),
                    display_name: String::new(),
                    deleted: false,
                }),
                role,
                me: user == me,
                delivered,
                read,
                pending,
            });
        }
        members.sort_by_cached_key(|row| {
            (std::cmp::Reverse(row.role), crate::fold::fold(&row.user.display_name), row.user.id)
        });
        Ok(Some(MembersView { members }))
    }

    fn current_members(
        &self,
        conv: i64,
        held: &confab_engine::Conversation,
        me: UserId,
    ) -> Result<Vec<(UserId, Role)>> {
        let mut members: Vec<(UserId, Role)> = rows::people::members(self.db, conv)?
            .into_iter()
            .filter_map(|member| Some((member.user, member.role?)))
            .collect();
        if members.is_empty()
            && let Some(peer) = held.peer
        {
            // A direct conversation that has no rows yet.
            members.push((me, Role::Member));
            if peer != me {
                members.push((peer, Role::Member));
            }
        }
        Ok(members)
    }

    /// The users that are known here, by name, oneself left out.
    ///
    /// # Errors
    /// The database's.
    pub fn known_users(&self) -> Result<Vec<User>> {
        let me = self.me_id()?;
        let mut statement = self.db.prepare_cached(
            "SELECT user, username, display_name FROM users WHERE account = ?1 AND deleted = 0 AND user <> ?2",
        )?;
        let found = statement.query_map(params![self.account, Id(me.0)], |row| {
            Ok(User {
                id: UserId(row.get::<_, Id>(0)?.0),
                username: row.get(1)?,
                display_name: row.get(2)?,
                deleted: false,
            })
        })?;
        let mut users: Vec<User> = found.collect::<rusqlite::Result<_>>()?;
        users.sort_by_cached_key(|user| (crate::fold::fold(&user.display_name), user.id));
        Ok(users)
    }

    /// Oneself.
    ///
    /// # Errors
    /// The database's.
    pub fn me(&self) -> Result<Me> {
        let account = rows::people::account(self.db, self.account)?;
        let mut user = rows::people::user(self.db, self.account, account.user)?.unwrap_or(User {
            id: account.user,
            username: String::new(),
            display_name: String::new(),
            deleted: false,
        });
        let relay: String = self
            .db
            .prepare_cached("SELECT relay FROM accounts WHERE account = ?1")?
            .query_row([self.account], |row| row.get(0))?;
        let (mut share_read, mut blocked) = (account.share_read, account.blocked);
        for entry in rows::outbox::own(self.db, self.account)? {
            match entry.command {
                Command::Block(block) => {
                    blocked.retain(|one| *one != block.user);
                    if block.blocked {
                        blocked.push(block.user);
                    }
                }
                Command::SetProfile(profile) => {
                    share_read = profile.share_read.unwrap_or(share_read);
                    if let Some(name) = profile.display_name {
                        user.display_name = name;
                    }
                }
                _ => {}
            }
        }
        Ok(Me { user, device: account.device, relay, share_read, blocked })
    }

    /// The counters of the session.
    ///
    /// # Errors
    /// The database's.
    pub fn counters(&self) -> Result<Counters> {
        let behind: u32 = self
            .db
            .prepare_cached(
                "SELECT count(*) FROM conversations WHERE account = ?1 AND head_rev > rev AND role IS NOT NULL",
            )?
            .query_row([self.account], |row| row.get(0))?;
        let (unsent, failed) = rows::outbox::counts(self.db, self.account)?;
        Ok(Counters { behind, unsent, failed })
    }

    /// What a notification shows of a message at `now_ms` (milliseconds since 1970-01-01 UTC); `None` if it is not (any more) a text that is held.
    ///
    /// # Errors
    /// The database's.
    pub fn incoming(
        &self,
        conversation: ConversationId,
        message: MessageId,
        now_ms: u64,
    ) -> Result<Option<IncomingRow>> {
        let Some((_, message)) = messages::by_id(self.db, self.account, message)? else { return Ok(None) };
        let Some(header) = self.header(conversation, now_ms)? else { return Ok(None) };
        let Some(Content::Text { text, mentions }) = &message.content else { return Ok(None) };
        let mention = mentions.contains(&self.me_id()?);
        Ok(Some(IncomingRow {
            notify: header.row.notify.tells(mention, now_ms),
            title: header.row.title,
            sender_name: self.display_name(message.sender)?,
            text: summary::beginning(text, NOTICE_CHARS),
            mention,
        }))
    }
}
