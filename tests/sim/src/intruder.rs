//! Somebody with an account asks for what is none of their business, past the engine: every answer must be the one for
//! what does not exist.

use crate::dice::Dice;
use crate::world::World;
use confab_protocol::command::{
    AddMembers, Delete, Edit, Hide, Leave, React, RemoveMember, Rename, Send, SetNotify, SetRole,
};
use confab_protocol::frame::{RelayFrame, Request, parse_relay_frame};
use confab_protocol::sync::{
    ChangesRequest, Hello, HistoryRequest, MarkRequest, TypingRequest, WatchRequest,
};
use confab_protocol::{Command, CommandId, ConversationId, MessageId, Notify, Role, UserId};
use confab_relay::hub::queue::Item;

/// A link that no engine has.
const LINK: u64 = 1 << 40;

impl World {
    /// Tries everything with a conversation that the caller is not in, and the same with one that there is not.
    pub(crate) fn intrude(&mut self) {
        let Some(caller) = self.dice.pick(&self.people).cloned() else { return };
        let is_foreign = |seats: &std::collections::BTreeMap<UserId, crate::witness::Seat>| {
            seats.get(&caller.id).is_none_or(|seat| !seat.member)
        };
        let foreign: Vec<ConversationId> =
            self.witness.seats.iter().filter(|(_, seats)| is_foreign(seats)).map(|(id, _)| *id).collect();
        let Some(foreign) = self.dice.pick(&foreign).copied() else { return };
        let was_in = self.witness.seats[&foreign].contains_key(&caller.id);
        let wall_ms = self.relay_now();
        let absent = ConversationId(self.dice.uuid_v7(wall_ms));
        let device = self.devices.iter().find(|device| device.user == caller.id).map(|device| device.session);
        let Some(access_token) = device.and_then(|device| self.relay.token(&caller, device)) else { return };
        self.relay.set_clock(wall_ms);
        self.relay.opened(LINK);
        let hello =
            Request::Hello(Hello { access_token, since: None, seen: None, client: "intruder".into() });
        let _ = self.relay.frame(LINK, &hello.to_text(Some(0)).unwrap());
        self.relay.take(LINK);
        let seed = self.dice.part();
        let (about_foreign, about_absent) =
            (self.try_all(foreign, seed.clone(), caller.id), self.try_all(absent, seed, caller.id));
        for (op, (one, other)) in about_foreign.into_iter().zip(about_absent).enumerate() {
            // One who left may still set what concerns only their own list.
            if one != other && !(was_in && op >= SETTINGS) {
                self.witness.complain(format!(
                    "{} asked about {foreign} ({op}): {one:?}, not {other:?}",
                    caller.username
                ));
            }
        }
        self.relay.closed(LINK);
        self.relay_did();
    }

    /// The answers to everything that can be asked about a conversation.
    fn try_all(
        &mut self,
        id: ConversationId,
        mut seed: confab_engine::Random,
        user: UserId,
    ) -> Vec<Option<String>> {
        let now = self.relay_now();
        let mut command = || CommandId(seed.uuid_v7(now));
        let after = None;
        let conversation = id;
        let message = MessageId::from(command());
        let mut requests = vec![
            Request::Changes(ChangesRequest { conversation, since: 0, ranges: None, limit: None }),
            Request::History(HistoryRequest {
                conversation,
                before: None,
                after: None,
                around: None,
                limit: None,
            }),
            Request::Mark(MarkRequest { conversation, read: Some(1), delivered: Some(1) }),
            Request::Typing(TypingRequest { conversation, on: true }),
            Request::Watch(WatchRequest { users: Vec::new(), conversation: Some(conversation) }),
        ];
        let commands = [
            Command::Send(Send {
                command: command(),
                after,
                conversation,
                direct_with: None,
                text: "x".into(),
                mentions: Vec::new(),
                reply_to: None,
            }),
            Command::Edit(Edit {
                command: command(),
                after,
                conversation,
                message,
                text: "x".into(),
                mentions: Vec::new(),
            }),
            Command::Delete(Delete { command: command(), after, conversation, message }),
            Command::React(React {
                command: command(),
                after,
                conversation,
                message,
                emoji: "👍".into(),
                on: true,
            }),
            Command::Rename(Rename { command: command(), after, conversation, title: "x".into() }),
            Command::AddMembers(AddMembers { command: command(), after, conversation, users: vec![user] }),
            Command::RemoveMember(RemoveMember { command: command(), after, conversation, user }),
            Command::SetRole(SetRole { command: command(), after, conversation, user, role: Role::Owner }),
            Command::Leave(Leave { command: command(), after, conversation }),
            Command::SetNotify(SetNotify { command: command(), conversation, notify: Notify::default() }),
            Command::Hide(Hide { command: command(), conversation, hidden_seq: 1 }),
        ];
        requests.extend(commands.map(Request::Command));
        assert_eq!(requests.len(), SETTINGS + 2);
        let mut answers = vec![None; requests.len()];
        for (number, request) in requests.iter().enumerate() {
            let _ = self.relay.frame(LINK, &request.to_text(Some(number as u64 + 1)).unwrap());
        }
        // Marks are gathered for a moment.
        for ms in [0, 200] {
            self.relay.set_clock(now + ms);
            if self.relay.batch().is_err() {
                return answers;
            }
        }
        self.relay.set_clock(now);
        for item in self.relay.take(LINK).0 {
            let Item::Text(text, _) = item else { continue };
            match parse_relay_frame(&text) {
                Ok(RelayFrame::Ok { id, body }) => answers[id as usize - 1] = Some(body.get().to_owned()),
                Ok(RelayFrame::Error { id, error }) => answers[id as usize - 1] = Some(format!("{error:?}")),
                _ => {}
            }
        }
        self.look_at_seats();
        answers
    }
}

/// Where the requests about own settings begin (`set_notify`, `hide`).
const SETTINGS: usize = 14;
