//! Performs the script: each line is a command, given to the writer at its own time.

use super::DemoError;
use super::script::{CONVERSATIONS, LATE, PEOPLE};
use crate::auth::refresh::Rotation;
use crate::auth::token::AccessTokens;
use crate::clock::Source;
use crate::hub::connection::Connection;
use crate::hub::queue::Item;
use crate::relay::{Options, Relay};
use crate::store::accounts::{NewSession, NewUser};
use crate::store::{Store, StoreError};
use crate::writer::Hand;
use confab_protocol::command::{AddMembers, CreateGroup, Delete, Edit, React, Rename, Send};
use confab_protocol::frame::{RelayFrame, parse_relay_frame};
use confab_protocol::sync::MarkRequest;
use confab_protocol::{Command, CommandId, ConversationId, DeviceId, MessageId, RunId, UserId};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use uuid::{NoContext, Timestamp, Uuid};

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;

/// One thing that somebody does.
pub(super) struct Line {
    /// Days ago; 0 for today.
    pub days: u16,
    /// Minutes after that day's midnight (UTC); today, minutes ago.
    pub minutes: u16,
    /// Who.
    pub who: usize,
    /// What.
    pub what: What,
}

/// What somebody does. Numbers count back over the conversation's messages: 1 is the newest.
pub(super) enum What {
    /// Says something; `@username` mentions.
    Say(&'static str),
    /// Answers a message.
    Reply(usize, &'static str),
    /// Reacts to a message.
    React(usize, &'static str),
    /// Changes a message of their own.
    Edit(usize, &'static str),
    /// Deletes a message of their own.
    Delete(usize),
    /// Renames the group.
    Name(&'static str),
    /// Brings somebody into the group.
    Join(usize),
}

/// A conversation of the script.
pub(super) enum Place {
    /// Between two people, or of one with themselves.
    Direct { between: (usize, usize), lines: &'static [Line], unread: &'static [(usize, u64)] },
    /// A group.
    Group {
        title: &'static str,
        owner: usize,
        members: &'static [usize],
        lines: &'static [Line],
        unread: &'static [(usize, u64)],
    },
}

/// Tells the time of the script.
struct ScriptClock(AtomicU64);

impl Source for ScriptClock {
    fn now_ms(&self) -> u64 {
        self.0.load(Relaxed)
    }

    fn new_id(&self) -> Uuid {
        let now = self.now_ms();
        Uuid::new_v7(Timestamp::from_unix(NoContext, now / 1000, (now % 1000) as u32 * 1_000_000))
    }
}

struct Stage {
    clock: Arc<ScriptClock>,
    relay: Arc<Relay>,
    hand: Hand,
    people: Vec<Arc<Connection>>,
}

/// Makes the people and lets them talk; `now` is the end of the story.
pub(super) fn perform(store: &dyn Store, password: &str, now: u64) -> Result<(), DemoError> {
    let beginning = now - now % DAY_MS - 14 * DAY_MS;
    let clock = Arc::new(ScriptClock(AtomicU64::new(beginning)));
    let devices = enlist(store, password, &clock)?;
    // The tokens of this relay are never used; any key will do.
    let (relay, hand) = Relay::by_hand(
        store,
        AccessTokens::new(b"unused"),
        Options::default(),
        RunId(Uuid::new_v4()),
        clock.clone(),
    )?;
    let reads = store.reader()?;
    let mut people = Vec::new();
    for (user, device) in &devices {
        let caller = reads
            .caller(*user, *device)?
            .ok_or_else(|| DemoError::Script("a person has no session".into()))?;
        let connection = Connection::new(relay.hub.next_id(), *user, *device, u64::MAX, beginning);
        connection.set_rows(caller.key, caller.session);
        people.push(Arc::new(connection));
    }
    drop(reads);
    let mut stage = Stage { clock, relay, hand, people };
    stage.talk(now)?;
    dismiss(store, &devices, now)
}

/// Adds the people, each with a device to speak through.
fn enlist(
    store: &dyn Store,
    password: &str,
    clock: &ScriptClock,
) -> Result<Vec<(UserId, DeviceId)>, StoreError> {
    let writes = store.writer()?;
    let created_at = clock.now_ms();
    let mut devices = Vec::new();
    writes.begin()?;
    for (username, display_name) in PEOPLE {
        let (id, device) = (UserId(clock.new_id()), DeviceId(Uuid::new_v4()));
        writes.add_user(&NewUser {
            id,
            username: username.into(),
            display_name: display_name.into(),
            password: password.into(),
            created_at,
        })?;
        writes.add_session(&NewSession {
            device,
            user: id,
            name: "Demo".into(),
            rotation: Rotation::first(Uuid::new_v4().into_bytes()),
            created_at,
        })?;
        devices.push((id, device));
    }
    writes.commit()?;
    Ok(devices)
}

/// Takes the devices away again: nobody holds them.
fn dismiss(store: &dyn Store, devices: &[(UserId, DeviceId)], now: u64) -> Result<(), DemoError> {
    let writes = store.writer()?;
    writes.begin()?;
    for (user, device) in devices {
        writes.end_session(*user, *device, now)?;
    }
    Ok(writes.commit()?)
}

/// A conversation as it goes on.
struct Scene {
    id: ConversationId,
    peers: Option<(usize, usize)>,
    messages: Vec<MessageId>,
    /// Messages so far, those of the system included.
    seq: u64,
}

impl Stage {
    fn talk(&mut self, now: u64) -> Result<(), DemoError> {
        let mut scenes: Vec<_> = CONVERSATIONS.iter().map(|place| self.scene(place)).collect();
        let mut lines: Vec<(u64, usize, &Line)> = Vec::new();
        for (number, place) in CONVERSATIONS.iter().enumerate() {
            let (Place::Direct { lines: own, .. } | Place::Group { lines: own, .. }) = place;
            lines.extend(own.iter().map(|line| (time(line, now), number, line)));
        }
        let (number, late) = &LATE;
        lines.push((time(late, now), *number, late));
        lines.sort_by_key(|(at, ..)| *at);
        for (step, (at, number, line)) in lines.into_iter().enumerate() {
            self.open(&CONVERSATIONS[number], at - 2 * MINUTE_MS, &mut scenes[number])?;
            // Nobody speaks on the full minute, nor two in the same second.
            let at = (at + (step as u64 * 7_919) % 50_000).max(self.clock.now_ms() + 2_000);
            self.clock.0.store(at, Relaxed);
            let command = self.command(line, &mut scenes[number])?;
            self.give(line.who, command, &mut scenes[number])?;
        }
        self.read(&scenes, now)
    }

    /// Makes a group before its first line.
    fn open(&mut self, place: &Place, at: u64, scene: &mut Scene) -> Result<(), DemoError> {
        let Place::Group { title, owner, members, .. } = place else { return Ok(()) };
        if scene.seq > 0 {
            return Ok(());
        }
        self.clock.0.store(at.max(self.clock.now_ms() + 2_000), Relaxed);
        let members = members.iter().map(|who| self.people[*who].user).collect();
        let command = CommandId(self.clock.new_id());
        let create = CreateGroup { command, conversation: scene.id, title: (*title).into(), members };
        self.give(*owner, Command::CreateGroup(create), scene)
    }

    fn scene(&self, place: &Place) -> Scene {
        let (id, peers) = match place {
            Place::Direct { between: (a, b), .. } => {
                (ConversationId::direct(self.people[*a].user, self.people[*b].user), Some((*a, *b)))
            }
            Place::Group { .. } => (ConversationId(self.clock.new_id()), None),
        };
        Scene { id, peers, messages: Vec::new(), seq: 0 }
    }

    fn command(&self, line: &Line, scene: &mut Scene) -> Result<Command, DemoError> {
        let command = CommandId(self.clock.new_id());
        let (after, conversation) = (None, scene.id);
        let back = |number: usize| {
            let at = scene.messages.len().checked_sub(number);
            at.and_then(|at| scene.messages.get(at).copied())
                .ok_or_else(|| DemoError::Script(format!("there is no message {number} back")))
        };
        Ok(match line.what {
            What::Say(text) => Command::Send(self.send(line.who, command, scene, text, None)),
            What::Reply(number, text) => {
                let to = back(number)?;
                Command::Send(self.send(line.who, command, scene, text, Some(to)))
            }
            What::React(number, emoji) => {
                let message = back(number)?;
                Command::React(React { command, after, conversation, message, emoji: emoji.into(), on: true })
            }
            What::Edit(number, text) => {
                let (message, mentions) = (back(number)?, self.mentions(text));
                Command::Edit(Edit { command, after, conversation, message, text: text.into(), mentions })
            }
            What::Delete(number) => {
                Command::Delete(Delete { command, after, conversation, message: back(number)? })
            }
            What::Name(title) => {
                Command::Rename(Rename { command, after, conversation, title: title.into() })
            }
            What::Join(who) => {
                let users = vec![self.people[who].user];
                Command::AddMembers(AddMembers { command, after, conversation, users })
            }
        })
    }

    fn send(
        &self,
        who: usize,
        command: CommandId,
        scene: &mut Scene,
        text: &str,
        reply_to: Option<MessageId>,
    ) -> Send {
        scene.messages.push(command.into());
        Send {
            command,
            after: None,
            conversation: scene.id,
            direct_with: scene.peers.map(|(a, b)| self.people[if a == who { b } else { a }].user),
            text: text.to_owned(),
            mentions: self.mentions(text),
            reply_to,
        }
    }

    fn mentions(&self, text: &str) -> Vec<UserId> {
        let goes_on = |rest: &str| rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let named = |name: &str| {
            text.split('@').skip(1).filter_map(|rest| rest.strip_prefix(name)).any(|rest| !goes_on(rest))
        };
        let people = PEOPLE.iter().zip(&self.people);
        people.filter(|((username, _), _)| named(username)).map(|(_, person)| person.user).collect()
    }

    /// Gives a command to the writer, stores it, and reads the answer.
    fn give(&mut self, who: usize, command: Command, scene: &mut Scene) -> Result<(), DemoError> {
        self.relay.writer.command(Arc::clone(&self.people[who]), Some(1), command)?;
        self.hand.batch()?;
        for item in self.people[who].take() {
            let Item::Text(text, _) = item else { continue };
            match parse_relay_frame(&text) {
                Ok(RelayFrame::Error { error, .. }) => return Err(error.into()),
                Ok(RelayFrame::Ok { body, .. }) => {
                    let ack: confab_protocol::Ack = serde_json::from_str(body.get())
                        .map_err(|error| DemoError::Script(error.to_string()))?;
                    let delta = ack.delta.iter().flat_map(|delta| &delta.messages);
                    scene.seq = delta.map(|message| message.seq).fold(scene.seq, u64::max);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Everyone has read everything, but for what the script leaves unread, and went away a while ago.
    fn read(&mut self, scenes: &[Scene], now: u64) -> Result<(), DemoError> {
        self.clock.0.store(now - 10 * MINUTE_MS, Relaxed);
        for (place, scene) in CONVERSATIONS.iter().zip(scenes) {
            let (Place::Direct { unread, .. } | Place::Group { unread, .. }) = place;
            let conversation = scene.id;
            for who in members(place) {
                let left = unread.iter().find(|(other, _)| *other == who).map_or(0, |(_, left)| *left);
                let mark =
                    MarkRequest { conversation, read: Some(scene.seq - left), delivered: Some(scene.seq) };
                self.relay.writer.mark(Arc::clone(&self.people[who]), None, mark)?;
            }
        }
        self.hand.batch()?;
        for (number, person) in self.people.iter().enumerate() {
            let gone_at = now - (12 + 37 * number as u64) * MINUTE_MS;
            if let Some((user, session)) = person.rows() {
                self.relay.writer.present(session, user, Some(gone_at));
            }
        }
        // Marks are gathered for a moment before they are stored.
        let due_in_ms = self.hand.due_in_ms().unwrap_or(0);
        self.clock.0.fetch_add(due_in_ms, Relaxed);
        Ok(self.hand.batch()?)
    }
}

fn members(place: &Place) -> Vec<usize> {
    match place {
        Place::Direct { between: (a, b), .. } if a == b => vec![*a],
        Place::Direct { between: (a, b), .. } => vec![*a, *b],
        Place::Group { owner, members, .. } => [&[*owner], *members].concat(),
    }
}

/// When a line is said, in milliseconds since 1970.
fn time(line: &Line, now: u64) -> u64 {
    match line.days {
        0 => now - u64::from(line.minutes) * MINUTE_MS - MINUTE_MS,
        days => now - now % DAY_MS - u64::from(days) * DAY_MS + u64::from(line.minutes) * MINUTE_MS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::chat::ConversationKey;
    use crate::store::sqlite::SqliteStore;

    /// Whatever the hour at which the demo is made.
    #[test]
    fn the_story_fits_the_rules_and_ends_before_now() {
        for hour in [0, 7, 23] {
            let now = 1_790_000_000_000 / DAY_MS * DAY_MS + hour * 60 * MINUTE_MS + 5 * MINUTE_MS;
            let store = SqliteStore::in_memory().unwrap();
            perform(&store, "x", now).unwrap();
            let reads = store.reader().unwrap();
            let mira = reads.account("mira").unwrap().unwrap().user;
            let key = store.writer().unwrap().user(mira.id).unwrap().unwrap().key;
            let keys = reads.touched(key, None, ConversationKey(0), 100).unwrap();
            let heads: Vec<_> = keys.iter().map(|at| reads.head(key, *at).unwrap().unwrap()).collect();
            assert_eq!(heads.len(), CONVERSATIONS.len() - 1, "mira is in all but one");
            assert!(heads.iter().all(|head| head.last.as_ref().unwrap().at < now));
            assert!(heads.iter().any(|head| head.created_at < now - 10 * DAY_MS), "spread over days");
            let garden = heads.iter().find(|head| head.title.starts_with("Harbour")).unwrap();
            assert_eq!(garden.unread, 3);
            assert!(garden.mention_seq > garden.read, "somebody waits for mira's answer");
            assert_eq!(garden.members, 5);
        }
    }
}
