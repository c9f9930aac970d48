//! One socket of many in one thread: non-blocking, with next to no memory of its own while it is quiet.

use crate::frame;
use anyhow::{Result, bail};
use mio::net::TcpStream;
use std::io::{ErrorKind, Read as _, Write as _};

/// Which end this is: a client masks what it sends, a server unmasks what it gets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Masks.
    Client,
    /// Unmasks.
    Server,
}

/// A connected socket after its handshake.
pub struct Conn {
    /// The socket, to be registered for edge-triggered readiness.
    pub stream: TcpStream,
    end: End,
    partial: Vec<u8>,
    out: Vec<u8>,
    sent: usize,
}

/// Read at once, for all sockets.
pub type Scratch = Box<[u8; 256 * 1024]>;

/// A [`Scratch`].
pub fn scratch() -> Scratch {
    // Not `Box::new([0; _])`, which would pass through the stack.
    let buffer = vec![0u8; 256 * 1024].into_boxed_slice();
    buffer.try_into().unwrap_or_else(|_| Box::new([0; 256 * 1024]))
}

impl Conn {
    /// A socket whose handshake is done.
    pub fn new(stream: TcpStream, end: End) -> Self {
        Self { stream, end, partial: Vec::new(), out: Vec::new(), sent: 0 }
    }

    /// Reads what there is and hands every text frame to `on`. Pings are answered here. `false`: the other end closed.
    ///
    /// # Errors
    /// What the socket says, and what is no frame.
    pub fn read(&mut self, scratch: &mut Scratch, mut on: impl FnMut(&[u8])) -> Result<bool> {
        loop {
            let got = match self.stream.read(&mut scratch[..]) {
                Ok(0) => return Ok(false),
                Ok(got) => got,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return Ok(false),
                Err(error) => return Err(error.into()),
            };
            let (mut open, mut pongs) = (true, Vec::new());
            let mut sort = |opcode, payload: &[u8]| match opcode {
                frame::TEXT => on(payload),
                frame::PING => frame::append(&mut pongs, frame::PONG, payload, self.end == End::Client),
                frame::CLOSE => open = false,
                _ => {}
            };
            let take = |bytes: &mut [u8], sort: &mut dyn FnMut(u8, &[u8])| match self.end {
                End::Client => frame::take_all(bytes, sort),
                End::Server => frame::take_all_masked(bytes, sort),
            };
            if self.partial.is_empty() {
                let taken = take(&mut scratch[..got], &mut sort)?;
                self.partial.extend_from_slice(&scratch[taken..got]);
            } else {
                self.partial.extend_from_slice(&scratch[..got]);
                let taken = take(&mut self.partial, &mut sort)?;
                self.partial.drain(..taken);
                if self.partial.is_empty() {
                    self.partial = Vec::new();
                }
            }
            if !pongs.is_empty() {
                self.out.extend_from_slice(&pongs);
                self.flush()?;
            }
            if !open {
                return Ok(false);
            }
            // A short read has emptied the socket; the next readiness tells of more (epoll(7), question 9).
            if got < scratch.len() {
                return Ok(true);
            }
        }
    }

    /// Puts a text frame into the queue. [`Conn::flush`] sends it.
    pub fn queue(&mut self, text: &[u8]) {
        frame::append(&mut self.out, frame::TEXT, text, self.end == End::Client);
    }

    /// Sends what is queued, as far as the socket takes it.
    ///
    /// # Errors
    /// What the socket says.
    pub fn flush(&mut self) -> Result<()> {
        while self.sent < self.out.len() {
            match self.stream.write(&self.out[self.sent..]) {
                Ok(0) => bail!("the socket takes nothing more"),
                Ok(sent) => self.sent += sent,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.sent = 0;
        if self.out.capacity() > 4096 {
            self.out = Vec::new();
        } else {
            self.out.clear();
        }
        Ok(())
    }
}
