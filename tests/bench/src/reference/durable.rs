//! A bare durable server: one thread, epoll, SQLite in WAL with `synchronous=FULL`. All that waits when it wakes up
//! goes into one commit, and to the rooms (the sender's own copy is the acknowledgement) after it.

use super::{joined, sqlite};
use crate::conn::{Conn, End, Scratch, scratch};
use anyhow::{Context as _, Result, bail};
use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token};
use rusqlite::params;
use std::collections::HashMap;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

const LISTENER: Token = Token(usize::MAX);

/// Serves until it is killed.
///
/// # Errors
/// What the socket or SQLite says.
pub fn run(port: u16, file: &Path) -> Result<()> {
    let db = sqlite::open(file)?;
    let mut listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port).into())?;
    let (mut poll, mut events) = (Poll::new()?, Events::with_capacity(1024));
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut server = Server {
        conns: Vec::new(),
        rooms: HashMap::new(),
        room_of: Vec::new(),
        taken: Vec::new(),
        scratch: scratch(),
    };
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            if event.token() == LISTENER {
                server.accept(&listener, &poll)?;
            } else {
                server.ready(event.token().0)?;
            }
        }
        server.commit(&db)?;
    }
}

struct Server {
    conns: Vec<Option<Conn>>,
    rooms: HashMap<usize, Vec<usize>>,
    room_of: Vec<usize>,
    taken: Vec<(usize, Vec<u8>)>,
    scratch: Scratch,
}

impl Server {
    fn accept(&mut self, listener: &TcpListener, poll: &Poll) -> Result<()> {
        loop {
            let stream = match listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            let Some(mut stream) = handshake(stream)? else { continue };
            let number = self.conns.len();
            let interest = Interest::READABLE | Interest::WRITABLE;
            poll.registry().register(&mut stream, Token(number), interest)?;
            self.conns.push(Some(Conn::new(stream, End::Server)));
            self.room_of.push(0);
        }
    }

    fn ready(&mut self, number: usize) -> Result<()> {
        let Some(conn) = &mut self.conns[number] else { return Ok(()) };
        conn.flush()?;
        let taken = &mut self.taken;
        if !conn.read(&mut self.scratch, |text| taken.push((number, text.to_vec())))? {
            self.conns[number] = None;
        }
        Ok(())
    }

    fn commit(&mut self, db: &rusqlite::Connection) -> Result<()> {
        let taken = std::mem::take(&mut self.taken);
        let (joins, messages): (Vec<_>, Vec<_>) =
            taken.into_iter().partition(|(_, text)| text.starts_with(b"join "));
        for (number, text) in joins {
            let room = std::str::from_utf8(&text).ok().and_then(joined).context("no room")?;
            self.room_of[number] = room;
            self.rooms.entry(room).or_default().push(number);
            self.send(number, b"joined")?;
        }
        if messages.is_empty() {
            return Ok(());
        }
        db.execute_batch("BEGIN")?;
        for (number, text) in &messages {
            let (room, sender) = (self.room_of[*number] as i64, *number as i64);
            let id = uuid::Uuid::now_v7();
            db.prepare_cached(sqlite::INSERT)?.execute(params![id.as_bytes(), room, sender, text])?;
        }
        db.execute_batch("COMMIT")?;
        let mut dirty = Vec::new();
        for (number, text) in &messages {
            for member in self.rooms.get(&self.room_of[*number]).into_iter().flatten() {
                if let Some(conn) = &mut self.conns[*member] {
                    conn.queue(text);
                    dirty.push(*member);
                }
            }
        }
        for number in dirty {
            if let Some(conn) = &mut self.conns[number] {
                conn.flush()?;
            }
        }
        Ok(())
    }

    fn send(&mut self, number: usize, text: &[u8]) -> Result<()> {
        let Some(conn) = &mut self.conns[number] else { return Ok(()) };
        conn.queue(text);
        conn.flush()
    }
}

/// Answers the upgrade, or the question whether this server is well. Blocks: only the handshake does.
fn handshake(stream: mio::net::TcpStream) -> Result<Option<mio::net::TcpStream>> {
    let mut stream = std::net::TcpStream::from(stream);
    stream.set_nonblocking(false)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut request = Vec::new();
    let mut buffer = [0u8; 2048];
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut buffer)? {
            0 => return Ok(None),
            got => request.extend_from_slice(&buffer[..got]),
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    if request.starts_with("GET /api/health ") {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")?;
        return Ok(None);
    }
    let Some(key) = request.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")) else {
        bail!("no WebSocket key");
    };
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n\
         Sec-WebSocket-Protocol: {}\r\n\r\n",
        derive_accept_key(key.trim().as_bytes()),
        confab_protocol::SUBPROTOCOL
    );
    stream.write_all(answer.as_bytes())?;
    stream.set_nonblocking(true)?;
    Ok(Some(mio::net::TcpStream::from_std(stream)))
}
