//! The relay under measurement: a data folder with as many users as wanted, and what its clients say.

use crate::process::{Cores, Server};
use crate::swarm::Swarm;
use crate::traffic::{Sender, Words, digits};
use anyhow::{Context as _, Result, bail, ensure};
use confab_protocol::command::{AddMembers, Command, CreateGroup, Send};
use confab_protocol::frame::Request;
use confab_protocol::limits::MEMBERS_PER_COMMAND;
use confab_protocol::sync::Hello;
use confab_protocol::{CommandId, ConversationId, DeviceId, UserId};
use jsonwebtoken::{EncodingKey, Header, encode};
use rusqlite::{Connection, params};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use tempfile::TempDir;
use uuid::Uuid;

const SECRET: &str = "a secret for measuring and nothing else";

/// Someone who can say `hello`.
#[derive(Clone)]
pub struct Account {
    /// Who.
    pub user: UserId,
    /// An access token.
    pub token: String,
    /// The sync token of the last log-in, once there was one.
    pub since: Option<String>,
}

/// A data folder and its users. The folder is removed when this is dropped.
pub struct Fixture {
    cores: Cores,
    program: PathBuf,
    folder: TempDir,
    /// The users.
    pub accounts: Vec<Account>,
}

impl Fixture {
    /// A new folder below `data` with so many users. The rows are written directly: a registration costs what a
    /// password hash must cost, and ten thousand of them would take half an hour.
    ///
    /// # Errors
    /// The relay does not start; what SQLite says.
    pub fn new(cores: Cores, program: &Path, data: &Path, users: usize) -> Result<Self> {
        let folder = TempDir::new_in(data)?;
        let mut fixture = Self { cores, program: program.to_owned(), folder, accounts: Vec::new() };
        // The first start makes the tables.
        fixture.start()?.stop()?;
        let mut db = fixture.database()?;
        fixture.accounts = add_users(&mut db, users)?;
        Ok(fixture)
    }

    /// Starts the relay on it.
    ///
    /// # Errors
    /// Those of [`Server::start`].
    pub fn start(&self) -> Result<Server> {
        let folder = self.folder.path().to_string_lossy().into_owned();
        let arguments = [
            "serve",
            "--host",
            "127.0.0.1",
            "--data-dir",
            &folder,
            "--jwt-secret",
            SECRET,
            "--max-greeting-per-address",
            "100000",
            "--log",
            "warn",
        ];
        Server::start(self.cores, &self.program, &arguments, &self.folder.path().join("relay.log"))
    }

    /// The database, while the relay is not running.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn database(&self) -> Result<Connection> {
        let db = Connection::open(self.folder.path().join("confab.db"))?;
        // Only seeding comes through here, and it is done before anything is measured.
        db.execute_batch("PRAGMA synchronous = OFF")?;
        Ok(db)
    }
}

fn add_users(db: &mut Connection, count: usize) -> Result<Vec<Account>> {
    #[derive(Serialize)]
    struct Claims {
        sub: UserId,
        sid: DeviceId,
        iat: u64,
        exp: u64,
    }
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let header = Header::default();
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let now_ms = i64::try_from(now * 1000)?;
    let transaction = db.transaction()?;
    let mut accounts = Vec::with_capacity(count);
    for number in 0..count {
        let (user, device) = (UserId(Uuid::now_v7()), DeviceId(Uuid::now_v7()));
        transaction
            .prepare_cached(
                "INSERT INTO users (uid, username, display_name, password, created_at) VALUES (?1, ?2, ?3, '', ?4)",
            )?
            .execute(params![user.0.as_bytes(), format!("user{number:05}"), format!("User {number}"), now_ms])?;
        transaction
            .prepare_cached(
                "INSERT INTO sessions (uid, user, name, generation, nonce, created_at, last_seen)
                 VALUES (?1, last_insert_rowid(), 'bench', 0, ?2, ?3, ?3)",
            )?
            .execute(params![device.0.as_bytes(), Uuid::new_v4().as_bytes(), now_ms])?;
        // Longer than a relay's own tokens last, so that a slow machine's run is not cut.
        let claims = Claims { sub: user, sid: device, iat: now, exp: now + 24 * 3600 };
        accounts.push(Account { user, token: encode(&header, &claims, &key)?, since: None });
    }
    transaction.commit()?;
    Ok(accounts)
}

/// The `hello` of an account.
///
/// # Errors
/// None that these types cause.
pub fn hello(account: &Account) -> Result<String> {
    let hello = Hello {
        access_token: account.token.clone(),
        since: account.since.clone(),
        seen: None,
        client: "bench".into(),
    };
    Ok(Request::Hello(hello).to_text(Some(0))?)
}

/// Logs connections in, all at once, and gives back the sync token of each.
///
/// # Errors
/// A refused `hello`.
pub fn log_in(
    swarm: &mut Swarm,
    conns: impl Iterator<Item = (usize, Account)>,
) -> Result<Vec<(usize, String)>> {
    let mut count = 0;
    for (conn, account) in conns {
        swarm.send(conn, &hello(&account)?)?;
        count += 1;
    }
    let (mut refused, mut tokens) = (None, Vec::with_capacity(count));
    swarm.expect(count, |conn, frame| {
        if let Some(token) = sync_token(frame) {
            tokens.push((conn, token));
        }
        if frame.starts_with(br#"{"id":0,"error""#) {
            refused.get_or_insert_with(|| String::from_utf8_lossy(frame).into_owned());
        }
        frame.starts_with(br#"{"id":0,"#)
    })?;
    match refused {
        Some(refused) => bail!("hello was refused: {refused}"),
        None => Ok(tokens),
    }
}

/// The sync token at the end of a welcome.
fn sync_token(frame: &[u8]) -> Option<String> {
    let start = memchr::memmem::rfind(frame, br#","token":""#)? + 10;
    let length = frame[start..].iter().position(|byte| *byte == b'"')?;
    String::from_utf8(frame[start..start + length].to_vec()).ok()
}

/// Asks and waits for the answer's frame.
///
/// # Errors
/// A refusal.
pub fn ask(swarm: &mut Swarm, conn: usize, id: u64, request: &Request) -> Result<String> {
    swarm.send(conn, &request.to_text(Some(id))?)?;
    let mut answer = None;
    swarm.expect(1, |from, frame| {
        let is_it = from == conn && frame.strip_prefix(br#"{"id":"#).is_some_and(|rest| digits(rest) == id);
        if is_it {
            answer = Some(String::from_utf8_lossy(frame).into_owned());
        }
        is_it
    })?;
    let answer = answer.context("no answer")?;
    ensure!(!answer.starts_with(&format!(r#"{{"id":{id},"error""#)), "refused: {answer}");
    Ok(answer)
}

/// Makes a group of the caller and these.
///
/// # Errors
/// A refusal.
pub fn make_group(swarm: &mut Swarm, conn: usize, members: &[UserId]) -> Result<ConversationId> {
    let conversation = ConversationId(Uuid::now_v7());
    let mut id = 1;
    let mut command = |command| {
        id += 1;
        ask(swarm, conn, id, &Request::Command(command))
    };
    let title = "A large group".to_owned();
    command(Command::CreateGroup(CreateGroup {
        command: new_command(),
        conversation,
        title,
        members: vec![],
    }))?;
    for users in members.chunks(MEMBERS_PER_COMMAND) {
        let users = users.to_vec();
        let add = AddMembers { command: new_command(), after: None, conversation, users };
        command(Command::AddMembers(add))?;
    }
    Ok(conversation)
}

/// Sends one message and waits until it is acknowledged.
///
/// # Errors
/// A refusal.
pub fn say(swarm: &mut Swarm, conn: usize, conversation: ConversationId, text: &str) -> Result<()> {
    let sender = Sender { conn, room: 0 };
    swarm.send(conn, &Confab(vec![(conversation, None)]).send(sender, 1, text)?)?;
    swarm.expect(1, |_, frame| frame.starts_with(br#"{"id":1,"ok""#))
}

fn new_command() -> CommandId {
    CommandId(Uuid::now_v7())
}

/// The relay's language, room by room: its conversation and, in a direct one, the other user.
pub struct Confab(pub Vec<(ConversationId, Option<UserId>)>);

impl Words for Confab {
    fn send(&mut self, sender: Sender, number: u32, text: &str) -> Result<String> {
        let (conversation, direct_with) = self.0[sender.room];
        let send = Send {
            command: new_command(),
            after: None,
            conversation,
            direct_with,
            text: text.to_owned(),
            mentions: Vec::new(),
            reply_to: None,
        };
        Ok(Request::Command(Command::Send(send)).to_text(Some(number.into()))?)
    }
}
