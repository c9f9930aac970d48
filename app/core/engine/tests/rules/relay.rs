//! A relay in memory, small enough to read: it keeps the wire's promises and nothing else.

use crate::room::{Room, append, changes, head, history, new_room, system};
use confab_protocol::command as c;
use confab_protocol::frame::{self, Devices, Nothing, Request};
use confab_protocol::limits::Limits;
use confab_protocol::model::ReplyTo;
use confab_protocol::sync::{Push, Renewed, Seen, UsersFound, Watched};
use confab_protocol::{
    Ack, Code, Command, CommandId, Content, ConversationId, DeviceId, ErrorBody, HeadsPage, Kind, Mark,
    Member, MessageId, Reaction, Role, RunId, SystemEvent, User, UserId, Welcome,
};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use uuid::Uuid;

/// What survives: everything but the connections.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub users: BTreeMap<UserId, User>,
    pub rooms: BTreeMap<ConversationId, Room>,
    commands: HashMap<CommandId, ([u8; 16], Ack)>,
    pub commit: u64,
}

#[derive(Default)]
pub struct Line {
    pub user: Option<UserId>,
    pub welcomed: bool,
    /// Frames to the device.
    pub queue: VecDeque<String>,
}

#[derive(Default)]
pub struct Relay {
    pub state: State,
    pub run: u64,
    pub now: u64,
    pub lines: BTreeMap<usize, Line>,
    /// Errors to answer the next commands with, by op.
    pub refuse: VecDeque<(String, ErrorBody)>,
    /// Commands as they came, replays included.
    pub log: Vec<Command>,
    /// Requests other than commands, by op.
    pub asked: Vec<Request>,
    /// Rows in a page of changes.
    pub page_rows: usize,
    /// Heads in a page.
    pub page_heads: usize,
    pub forked_at: BTreeMap<u64, u64>,
    /// Conversations of which the next pull is answered `resync`.
    pub resync: BTreeSet<ConversationId>,
    /// A token follows every change.
    pub eager_tokens: bool,
}

pub fn user_id(n: u128) -> UserId {
    UserId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + n))
}

impl Relay {
    pub fn new() -> Self {
        Self { run: 1, now: 1_700_000_000_000, page_rows: 100, page_heads: 50, ..Self::default() }
    }

    pub fn add_user(&mut self, n: u128, name: &str) -> User {
        let user =
            User { id: user_id(n), username: name.to_lowercase(), display_name: name.into(), deleted: false };
        self.state.users.insert(user.id, user.clone());
        user
    }

    pub fn connect(&mut self, device: usize) {
        self.lines.insert(device, Line::default());
    }

    pub fn disconnect(&mut self, device: usize) {
        self.lines.remove(&device);
    }

    /// Puts an earlier state back, as a new run.
    pub fn restore(&mut self, state: State) {
        self.forked_at.insert(self.run, state.commit);
        self.state = state;
        self.run += 1;
        self.lines.clear();
    }

    fn salt(&self) -> u64 {
        self.run * 7919
    }

    pub fn room(&self, id: ConversationId) -> &Room {
        &self.state.rooms[&id]
    }

    fn send(&mut self, device: usize, text: String) {
        if let Some(line) = self.lines.get_mut(&device) {
            line.queue.push_back(text);
        }
    }

    fn push(&mut self, user: UserId, except: Option<usize>, push: &Push) {
        let text = frame::stamped(self.state.commit, &serde_json::to_string(push).unwrap());
        let devices: Vec<usize> = self
            .lines
            .iter()
            .filter(|(device, line)| line.user == Some(user) && Some(**device) != except)
            .map(|(device, _)| *device)
            .collect();
        for device in devices {
            self.send(device, text.clone());
        }
    }

    pub fn receive(&mut self, device: usize, text: &str) {
        let (id, request) = frame::parse_request(text).expect("a readable frame");
        let id = id.unwrap_or(0);
        let user = self.lines.get(&device).and_then(|line| line.user);
        match request {
            Request::Command(command) => {
                self.log.push(command.clone());
                self.command(device, id, user.unwrap(), &command);
            }
            other => {
                self.asked.push(other.clone());
                let result = self.ask(device, user, other);
                match result {
                    Ok(Some(body)) => {
                        let text = format!(r#"{{"id":{id},"ok":{body}}}"#);
                        let text = frame::stamped(self.state.commit, &text);
                        self.send(device, text);
                    }
                    Ok(None) => {}
                    Err(error) => self.send(device, frame::refusal(Some(id), &error).unwrap()),
                }
            }
        }
    }

    fn ask(
        &mut self,
        device: usize,
        user: Option<UserId>,
        request: Request,
    ) -> Result<Option<String>, ErrorBody> {
        fn json<T: serde::Serialize>(value: &T) -> Result<Option<String>, ErrorBody> {
            Ok(Some(serde_json::to_string(value).unwrap()))
        }
        if let Request::Hello(hello) = &request {
            let n: u128 = hello.access_token.parse().unwrap();
            let line = self.lines.get_mut(&device).unwrap();
            line.user = Some(user_id(n));
            line.welcomed = true;
            let (since, fork) = self.since(hello.since.as_deref(), hello.seen);
            let page = self.heads(user_id(n), since, fork, 0);
            return json(&Welcome {
                run: RunId(Uuid::from_u128(u128::from(self.run))),
                version: "test".into(),
                user: self.state.users[&user_id(n)].clone(),
                device: DeviceId(Uuid::from_u128(device as u128 + 1)),
                now: self.now,
                expires_at: self.now + 600_000,
                share_read: true,
                blocked: vec![],
                limits: Limits::default(),
                page,
            });
        }
        let user = user.ok_or_else(|| ErrorBody::new(Code::Unauthenticated, "hello first"))?;
        match request {
            Request::Heads(heads) => {
                let mut parts = heads.next.split(':').map(|p| p.parse::<u64>().unwrap());
                let (since, fork, skip) =
                    (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
                json(&self.heads(user, since, fork == 1, skip as usize))
            }
            Request::Changes(request) => {
                if self.resync.remove(&request.conversation) {
                    let error = ErrorBody::new(Code::Invalid, "not as far as that");
                    return Err(ErrorBody { retry: confab_protocol::Retry::Resync, ..error });
                }
                let room = self.readable(user, request.conversation)?;
                json(&changes(room, &request, self.page_rows, &self.state.users))
            }
            Request::History(request) => {
                let room = self.readable(user, request.conversation)?;
                json(&history(room, &request, &self.state.users))
            }
            Request::Mark(mark) => {
                self.readable(user, mark.conversation)?;
                self.state.commit += 1;
                let commit = self.state.commit;
                let room = self.state.rooms.get_mut(&mark.conversation).unwrap();
                let entry = room.marks.entry(user).or_default();
                entry.0 = entry.0.max(mark.delivered.unwrap_or(0));
                entry.1 = entry.1.max(mark.read.unwrap_or(0));
                let told = Mark { user, delivered: entry.0, read: entry.1 };
                for at in room.touched.values_mut() {
                    *at = commit;
                }
                let members: Vec<UserId> = room.members.keys().copied().collect();
                for member in members {
                    let push = Push::Marks { conversation: mark.conversation, marks: vec![told] };
                    self.push(member, Some(device), &push);
                }
                self.tell_token();
                json(&Nothing {})
            }
            Request::Watch(_) => json(&Watched { presence: vec![] }),
            Request::Renew(_) => json(&Renewed { expires_at: self.now + 600_000 }),
            Request::FindUsers(find) => json(&UsersFound {
                users: self
                    .state
                    .users
                    .values()
                    .filter(|u| u.username.contains(&find.query))
                    .cloned()
                    .collect(),
            }),
            Request::Devices => json(&Devices { devices: vec![] }),
            Request::Ping => json(&Nothing {}),
            Request::Typing(typing) => {
                let members: Vec<UserId> =
                    self.state.rooms[&typing.conversation].members.keys().copied().collect();
                for member in members {
                    let push = Push::Typing { conversation: typing.conversation, user, on: typing.on };
                    self.push(member, Some(device), &push);
                }
                Ok(None)
            }
            other => panic!("not expected: {other:?}"),
        }
    }

    fn readable(&self, user: UserId, id: ConversationId) -> Result<&Room, ErrorBody> {
        self.state
            .rooms
            .get(&id)
            .filter(|room| room.active(user))
            .ok_or_else(|| ErrorBody::new(Code::NotFound, "There is no such conversation."))
    }

    /// From which commit, and whether the token or what was seen is of another history.
    fn since(&self, token: Option<&str>, seen: Option<Seen>) -> (u64, bool) {
        let token: Option<(u64, u64)> = token
            .and_then(|t| t.split_once(':'))
            .map(|(run, commit)| (run.parse().unwrap(), commit.parse().unwrap()));
        let seen = seen.map(|seen| (seen.run.0.as_u128() as u64, seen.commit));
        let gone = |(run, commit): (u64, u64)| self.forked_at.range(run..).any(|(_, end)| commit > *end);
        if token.into_iter().chain(seen).any(gone) {
            return (0, true);
        }
        (token.map_or(0, |(_, commit)| commit), false)
    }

    pub fn token(&self) -> String {
        format!("{}:{}", self.run, self.state.commit)
    }

    fn heads(&self, user: UserId, since: u64, fork: bool, skip: usize) -> HeadsPage {
        let mut touched: Vec<(&ConversationId, &Room)> = self
            .state
            .rooms
            .iter()
            .filter(|(_, room)| room.touched.get(&user).is_some_and(|at| fork || *at > since))
            .filter(|(_, room)| room.active(user) || since > 0 || fork)
            .collect();
        let more = touched.len() > skip + self.page_heads;
        touched = touched.into_iter().skip(skip).take(self.page_heads).collect();
        HeadsPage {
            fork,
            heads: touched.iter().map(|(id, room)| head(**id, room, user)).collect(),
            users: self.state.users.values().cloned().collect(),
            next: more.then(|| format!("{since}:{}:{}", u64::from(fork), skip + self.page_heads)),
            token: (!more).then(|| self.token()),
        }
    }

    fn command(&mut self, device: usize, id: u64, user: UserId, command: &Command) {
        if let Some((fingerprint, ack)) = self.state.commands.get(&command.id()) {
            let text = if *fingerprint == command.fingerprint().unwrap() {
                let replayed = Ack { replayed: true, delta: None, ..ack.clone() };
                frame::answer(id, &replayed).unwrap()
            } else {
                frame::refusal(Some(id), &ErrorBody::new(Code::IdReused, "another content")).unwrap()
            };
            self.send(device, text);
            return;
        }
        if self.refuse.front().is_some_and(|(op, _)| *op == op_of(command))
            && let Some((_, error)) = self.refuse.pop_front()
        {
            self.send(device, frame::refusal(Some(id), &error).unwrap());
            return;
        }
        if let Some(after) = command.after()
            && !self.state.commands.contains_key(&after)
        {
            let error = ErrorBody::new(Code::PredecessorMissing, "after has not arrived");
            self.send(device, frame::refusal(Some(id), &error).unwrap());
            return;
        }
        match self.decide(user, command) {
            Err(error) => self.send(device, frame::refusal(Some(id), &error).unwrap()),
            Ok(ack) => {
                let fingerprint = command.fingerprint().unwrap();
                self.state.commands.insert(command.id(), (fingerprint, ack.clone()));
                self.tell_heads(command, &ack);
                let text = frame::stamped(self.state.commit, &frame::answer(id, &ack).unwrap());
                self.send(device, text);
                self.fan_out(device, user, command, &ack);
                self.tell_token();
            }
        }
    }

    fn tell_token(&mut self) {
        if !self.eager_tokens {
            return;
        }
        let token = self.token();
        let people: BTreeSet<UserId> = self.lines.values().filter_map(|line| line.user).collect();
        for person in people {
            self.push(person, None, &Push::Token { token: token.clone() });
        }
    }

    /// To whom a conversation is new because of a command.
    fn fresh(&self, command: &Command, delta: &confab_protocol::Delta) -> BTreeSet<UserId> {
        match command {
            Command::AddMembers(add) => add.users.iter().copied().collect(),
            _ if delta.from == 0 => self.state.rooms[&delta.conversation].members.keys().copied().collect(),
            _ => BTreeSet::new(),
        }
    }

    /// Before the acknowledgement, and to the device that gets it as well.
    fn tell_heads(&mut self, command: &Command, ack: &Ack) {
        let Some(delta) = &ack.delta else { return };
        for user in self.fresh(command, delta) {
            let room = &self.state.rooms[&delta.conversation];
            if room.active(user) {
                let head = Box::new(head(delta.conversation, room, user));
                self.push(
                    user,
                    None,
                    &Push::Head { head, users: self.state.users.values().cloned().collect() },
                );
            }
        }
    }

    fn fan_out(&mut self, device: usize, user: UserId, command: &Command, ack: &Ack) {
        let Some(conversation) = command.conversation() else { return };
        let Some(delta) = &ack.delta else { return };
        let room = self.state.rooms[&conversation].clone();
        for member in room.members.values() {
            let except = (member.user == user).then_some(device);
            let push = if member.role.is_none() {
                match command {
                    Command::RemoveMember(c::RemoveMember { user, .. }) if *user == member.user => {
                        Push::Removed { conversation }
                    }
                    _ => continue,
                }
            } else {
                Push::Delta(delta.clone())
            };
            self.push(member.user, except, &push);
        }
    }

    fn decide(&mut self, user: UserId, command: &Command) -> Result<Ack, ErrorBody> {
        let salt = self.salt();
        let now = self.now;
        let not_found = || ErrorBody::new(Code::NotFound, "There is no such conversation.");
        self.state.commit += 1;
        let commit = self.state.commit;
        let Some(id) = command.conversation() else {
            return Ok(Ack { command: command.id(), seq: None, rev: None, replayed: false, delta: None });
        };
        if let Command::Send(send) = command
            && let Some(peer) = send.direct_with
            && !self.state.rooms.contains_key(&id)
        {
            let mut room = new_room(Kind::Direct, "", now);
            let rev = room.bump(salt);
            for member in [user, peer] {
                room.members.insert(member, Member { user: member, role: Some(Role::Member), rev });
            }
            self.state.rooms.insert(id, room);
            return self.change(id, user, command, commit, 0);
        }
        if let Command::CreateGroup(group) = command {
            if self.state.rooms.contains_key(&id) {
                return Err(ErrorBody::new(Code::IdReused, "taken"));
            }
            let mut room = new_room(Kind::Group, &group.title, now);
            let rev = room.bump(salt);
            room.title_rev = rev;
            room.members.insert(user, Member { user, role: Some(Role::Owner), rev });
            for member in &group.members {
                room.members.insert(*member, Member { user: *member, role: Some(Role::Member), rev });
            }
            self.state.rooms.insert(id, room);
            return self.change(id, user, command, commit, 0);
        }
        let room = self.state.rooms.get(&id).filter(|room| room.active(user)).ok_or_else(not_found)?;
        let from = room.rev;
        self.change(id, user, command, commit, from)
    }

    fn change(
        &mut self,
        id: ConversationId,
        user: UserId,
        command: &Command,
        commit: u64,
        from: u64,
    ) -> Result<Ack, ErrorBody> {
        let salt = self.salt();
        let now = self.now;
        let room = self.state.rooms.get_mut(&id).unwrap();
        let mut seq = None;
        let missing = || ErrorBody::new(Code::NotFound, "There is no such message.");
        match command {
            Command::Send(send) => {
                let reply_to = match send.reply_to {
                    Some(to) => {
                        let at = room.messages.iter().find(|m| m.id == to).ok_or_else(missing)?;
                        Some(ReplyTo { id: to, seq: at.seq })
                    }
                    None => None,
                };
                let content = Content::Text { text: send.text.clone(), mentions: send.mentions.clone() };
                seq = Some(append(room, salt, MessageId::from(send.command), user, now, content, reply_to));
            }
            Command::Edit(edit) => {
                let rev = room.bump(salt);
                let message = room.messages.iter_mut().find(|m| m.id == edit.message).ok_or_else(missing)?;
                message.content =
                    Some(Content::Text { text: edit.text.clone(), mentions: edit.mentions.clone() });
                message.edited_at = Some(now);
                message.rev = rev;
            }
            Command::Delete(delete) => {
                let rev = room.bump(salt);
                let message =
                    room.messages.iter_mut().find(|m| m.id == delete.message).ok_or_else(missing)?;
                message.content = None;
                message.reactions.clear();
                message.rev = rev;
            }
            Command::React(react) => {
                let rev = room.bump(salt);
                let message = room.messages.iter_mut().find(|m| m.id == react.message).ok_or_else(missing)?;
                message.reactions.retain(|r| r.emoji != react.emoji);
                if react.on {
                    message.reactions.push(Reaction { emoji: react.emoji.clone(), users: vec![user] });
                }
                message.rev = rev;
            }
            Command::CreateGroup(group) => {
                let event = SystemEvent::Created { title: group.title.clone() };
                system(room, salt, user, now, event);
            }
            Command::Rename(rename) => {
                room.title = rename.title.clone();
                system(room, salt, user, now, SystemEvent::Renamed { title: rename.title.clone() });
                room.title_rev = room.rev;
            }
            Command::AddMembers(add) => {
                for added in &add.users {
                    let rev = room.bump(salt);
                    room.members.insert(*added, Member { user: *added, role: Some(Role::Member), rev });
                }
                system(room, salt, user, now, SystemEvent::Added { users: add.users.clone() });
            }
            Command::RemoveMember(remove) => {
                let rev = room.bump(salt);
                room.members.insert(remove.user, Member { user: remove.user, role: None, rev });
                system(room, salt, user, now, SystemEvent::Removed { user: remove.user });
            }
            Command::Leave(_) => {
                let rev = room.bump(salt);
                room.members.insert(user, Member { user, role: None, rev });
                system(room, salt, user, now, SystemEvent::Left);
            }
            Command::Hide(hide) => {
                room.hidden.insert(user, hide.hidden_seq);
            }
            Command::SetNotify(set) => {
                room.notify.insert(user, set.notify);
            }
            other => panic!("not expected: {other:?}"),
        }
        let members: Vec<UserId> = room.members.keys().copied().collect();
        for member in members {
            room.touched.insert(member, commit);
        }
        let room = &self.state.rooms[&id];
        let own = matches!(command, Command::Leave(_) | Command::Hide(_) | Command::SetNotify(_));
        let request = confab_protocol::sync::ChangesRequest {
            conversation: id,
            since: from,
            ranges: None,
            limit: None,
        };
        let delta = changes(room, &request, usize::MAX, &self.state.users);
        Ok(Ack {
            command: command.id(),
            seq,
            rev: Some(room.rev),
            replayed: false,
            delta: (!own).then_some(delta),
        })
    }

    /// A purge: what is older is no more.
    pub fn purge(&mut self, id: ConversationId, first_seq: u64) {
        self.state.commit += 1;
        let commit = self.state.commit;
        let room = self.state.rooms.get_mut(&id).unwrap();
        room.first_seq = first_seq;
        room.messages.retain(|m| m.seq >= first_seq);
        for at in room.touched.values_mut() {
            *at = commit;
        }
    }
}

fn op_of(command: &Command) -> String {
    serde_json::to_value(command).unwrap()["op"].as_str().unwrap().to_owned()
}
