//! The load: any number of WebSocket clients in this one thread.

use crate::conn::{Conn, End, Scratch, scratch};
use anyhow::{Context as _, Result, bail, ensure};
use mio::{Events, Interest, Poll, Token};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Connected clients, numbered from 0 in the order in which they came.
pub struct Swarm {
    conns: Vec<Conn>,
    poll: Poll,
    events: Events,
    scratch: Scratch,
}

impl Swarm {
    /// Nobody yet.
    ///
    /// # Errors
    /// What epoll says.
    pub fn new() -> Result<Self> {
        let (poll, events) = (Poll::new()?, Events::with_capacity(1024));
        Ok(Self { conns: Vec::new(), poll, events, scratch: scratch() })
    }

    /// Connects one more and does the WebSocket handshake; answers its number.
    ///
    /// # Errors
    /// What the socket says; an answer other than 101.
    pub fn connect(&mut self, address: SocketAddr) -> Result<usize> {
        let mut stream = TcpStream::connect(address).context("connecting")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let request = format!(
            "GET /ws HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: {}\r\n\r\n",
            confab_protocol::SUBPROTOCOL
        );
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        let mut buffer = [0u8; 2048];
        while !answer.ends_with(b"\r\n\r\n") {
            let got = stream.read(&mut buffer).context("waiting for the handshake")?;
            ensure!(got > 0, "closed during the handshake: {}", String::from_utf8_lossy(&answer));
            answer.extend_from_slice(&buffer[..got]);
        }
        ensure!(
            answer.starts_with(b"HTTP/1.1 101 "),
            "no WebSocket: {}",
            String::from_utf8_lossy(&answer).lines().next().unwrap_or_default()
        );
        stream.set_nonblocking(true)?;
        let mut stream = mio::net::TcpStream::from_std(stream);
        let number = self.conns.len();
        self.poll.registry().register(&mut stream, Token(number), Interest::READABLE | Interest::WRITABLE)?;
        self.conns.push(Conn::new(stream, End::Client));
        Ok(number)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.conns.len()
    }

    /// Sends a text frame from one of them.
    ///
    /// # Errors
    /// What the socket says.
    pub fn send(&mut self, number: usize, text: &str) -> Result<()> {
        let conn = &mut self.conns[number];
        conn.queue(text.as_bytes());
        conn.flush().with_context(|| format!("sending on connection {number}"))
    }

    /// Waits for something to come, at most so long, and hands every text frame to `on` with the number of the
    /// connection and the time of its arrival. Answers whether anything came.
    ///
    /// # Errors
    /// Any connection closed by the other side, and what its socket says: nothing here is meant to close.
    pub fn poll(&mut self, wait: Duration, mut on: impl FnMut(usize, Instant, &[u8])) -> Result<bool> {
        if let Err(error) = self.poll.poll(&mut self.events, Some(wait)) {
            if error.kind() == std::io::ErrorKind::Interrupted {
                return Ok(false);
            }
            return Err(error.into());
        }
        let mut any = false;
        for event in &self.events {
            let number = event.token().0;
            let conn = &mut self.conns[number];
            if event.is_writable() {
                conn.flush().with_context(|| format!("sending on connection {number}"))?;
            }
            if event.is_readable() {
                let now = Instant::now();
                let open = conn.read(&mut self.scratch, |payload| {
                    any = true;
                    on(number, now, payload);
                });
                if !open.with_context(|| format!("reading from connection {number}"))? {
                    bail!("the server closed connection {number}");
                }
            }
        }
        Ok(any)
    }

    /// Hands every text frame that comes to `on` until it has answered `true` so many times.
    ///
    /// # Errors
    /// As [`Swarm::poll`]; nothing for ten seconds.
    pub fn expect(&mut self, wanted: usize, mut on: impl FnMut(usize, &[u8]) -> bool) -> Result<()> {
        let (mut got, mut last) = (0, Instant::now());
        while got < wanted {
            let any = self.poll(Duration::from_millis(500), |number, _, payload| {
                got += usize::from(on(number, payload));
            })?;
            if any {
                last = Instant::now();
            }
            ensure!(
                last.elapsed() < Duration::from_secs(10),
                "{got} of {wanted} answers, then nothing for 10 s"
            );
        }
        Ok(())
    }

    /// Takes in and forgets what still comes, until nothing has for so long.
    ///
    /// # Errors
    /// As [`Swarm::poll`].
    pub fn settle(&mut self, quiet: Duration) -> Result<()> {
        while self.poll(quiet, |_, _, _| {})? {}
        Ok(())
    }
}
