//! Commands about the caller alone: hiding, blocking, the profile.

use super::batch::{Core, Told};
use super::command::Origin;
use crate::hub::event::{Event, Receivers};
use crate::rules;
use crate::store::Result as StoreResult;
use crate::store::chat::{ConversationKey, UserKey};
use confab_protocol::command::{Block, Hide, SetNotify, SetProfile};
use confab_protocol::sync::Push;
use confab_protocol::{Ack, Code, Command, ConversationId, ErrorBody, User, UserId, text};

impl Core {
    pub(super) fn personal(&mut self, origin: &Origin<'_>, command: &Command) -> StoreResult<()> {
        let refused = match command {
            Command::Hide(hide) => self.hide(origin, hide)?,
            Command::SetNotify(set) => self.set_notify(origin, set)?,
            Command::Block(block) => self.block(origin, block)?,
            Command::SetProfile(profile) => self.set_profile(origin, profile)?,
            _ => Some(ErrorBody::new(Code::Internal, "The relay mistook this command for another.")),
        };
        if let Some(error) = refused {
            self.refuse(origin.from, origin.id, &error);
            return Ok(());
        }
        self.changed = true;
        self.writes.record_command(origin.command, origin.caller.key, origin.fingerprint, None)?;
        let ack = Ack { command: origin.command, seq: None, rev: None, replayed: false, delta: None };
        self.acknowledge(origin, &ack);
        Ok(())
    }

    /// Hides a conversation. Those who left may hide it as well: it stays in their list.
    fn hide(&mut self, origin: &Origin<'_>, hide: &Hide) -> StoreResult<Option<ErrorBody>> {
        let commit = self.commit();
        let Some((key, newest)) = self.own_seat(origin, hide.conversation)? else {
            return Ok(Some(rules::no_conversation()));
        };
        self.writes.set_hidden(key, origin.caller.key, hide.hidden_seq.min(newest), commit)?;
        self.tell_head(origin, key);
        Ok(None)
    }

    /// Of which messages to be told. Those who left may set it too: it counts when they come back.
    fn set_notify(&mut self, origin: &Origin<'_>, set: &SetNotify) -> StoreResult<Option<ErrorBody>> {
        if let Err(error) = set.notify.check() {
            return Ok(Some(error));
        }
        let commit = self.commit();
        let Some((key, _)) = self.own_seat(origin, set.conversation)? else {
            return Ok(Some(rules::no_conversation()));
        };
        self.writes.set_notify(key, origin.caller.key, set.notify, commit)?;
        self.tell_head(origin, key);
        Ok(None)
    }

    /// A conversation in which the caller is or was, and its newest seq.
    fn own_seat(
        &mut self,
        origin: &Origin<'_>,
        conversation: ConversationId,
    ) -> StoreResult<Option<(ConversationKey, u64)>> {
        let Some(found) = self.conversations.get(&*self.writes, conversation)? else { return Ok(None) };
        Ok(found.seats.contains_key(&origin.caller.user).then(|| (found.key(), found.row.seq)))
    }

    /// A conversation's head, to the caller's other devices.
    fn tell_head(&mut self, origin: &Origin<'_>, conversation: ConversationKey) {
        self.told.push(Told::Head {
            user: origin.caller.user,
            key: origin.caller.key,
            conversation,
            except: Some(origin.from.id),
        });
    }

    fn block(&mut self, origin: &Origin<'_>, block: &Block) -> StoreResult<Option<ErrorBody>> {
        let caller = origin.caller;
        if block.user == caller.user {
            return Ok(Some(ErrorBody::new(Code::Invalid, "One cannot block oneself.")));
        }
        let Some(other) = self.writes.user(block.user)? else {
            return Ok(Some(ErrorBody::new(Code::NotFound, "There is no such person on this relay.")));
        };
        self.writes.set_blocked(caller.key, other.key, block.blocked)?;
        self.conversations.forget_blocks(ConversationId::direct(caller.user, block.user));
        if block.blocked {
            self.told.push(Told::Event(Event::Apart { one: caller.user, other: block.user }));
        } else if !self.writes.is_blocked(other.key, caller.key)? {
            let one = (caller.user, self.last_seen(other.key, caller.user)?);
            let other = (block.user, self.last_seen(caller.key, block.user)?);
            self.told.push(Told::Event(Event::Together { one, other }));
        }
        self.tell_settings(origin)?;
        Ok(None)
    }

    /// When someone was last there, if the other one may know.
    fn last_seen(&self, by: UserKey, user: UserId) -> StoreResult<Option<u64>> {
        Ok(self.writes.seen(by, &[user])?.first().map(|seen| seen.last_seen))
    }

    fn set_profile(&mut self, origin: &Origin<'_>, profile: &SetProfile) -> StoreResult<Option<ErrorBody>> {
        let caller = origin.caller;
        let Some(row) = self.writes.user(caller.user)? else {
            return Ok(Some(ErrorBody::new(Code::NotFound, "This account does not exist any more.")));
        };
        let display_name = match profile.display_name.as_deref().map(text::display_name).transpose() {
            Ok(name) => name.unwrap_or_else(|| row.user.display_name.clone()),
            Err(error) => return Ok(Some(error)),
        };
        let share_read = profile.share_read.unwrap_or(row.share_read);
        self.writes.save_profile(caller.key, &display_name, share_read, self.commit())?;
        if share_read != row.share_read {
            self.conversations.set_share_read(caller.user, share_read);
            self.share_anew(caller.key)?;
            self.tell_settings(origin)?;
        }
        if display_name != row.user.display_name {
            let mut users = self.writes.acquaintances(caller.key)?;
            if !users.contains(&caller.user) {
                users.push(caller.user);
            }
            let text = crate::hub::encode_at(
                self.commit(),
                &Push::Users { users: vec![User { display_name, ..row.user }] },
            );
            let receivers = Receivers::Many(users.into());
            self.told.push(Told::Event(Event::Must { receivers, except: None, text }));
        }
        Ok(None)
    }

    /// One's settings, to one's other devices.
    fn tell_settings(&mut self, origin: &Origin<'_>) -> StoreResult<()> {
        let user = origin.caller.user;
        let share_read = self.writes.user(user)?.is_some_and(|row| row.share_read);
        let blocked = self.writes.blocked(origin.caller.key)?;
        let text = crate::hub::encode_at(self.commit(), &Push::Settings { share_read, blocked });
        let except = Some(origin.from.id);
        self.told.push(Told::Event(Event::Must { receivers: Receivers::One(user), except, text }));
        Ok(())
    }
}
