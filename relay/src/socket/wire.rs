//! One upgraded connection: frames in, what is queued out.
//!
//! A quiet connection holds no buffer. Reading goes through a buffer of the thread; writing hands the shared bytes
//! to the system as they are, or gathers small frames in another buffer of the thread, so that a burst costs one call.

use super::frames::{Decoder, Head, Incoming, Malformed, Opcode};
use crate::hub::connection::Close;
use crate::hub::queue::Item;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};

/// What is read in one call, in bytes.
const READ_BYTES: usize = 8 * 1024;
/// Small frames are gathered up to this many bytes for one call.
const GATHER_BYTES: usize = 32 * 1024;
/// A payload up to this many bytes is copied to be gathered; a larger one goes out from where it is.
const SMALL_BYTES: usize = 4 * 1024;

thread_local! {
    static READ: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_BYTES].into());
    static GATHER: RefCell<Vec<u8>> = RefCell::new(Vec::with_capacity(GATHER_BYTES));
}

/// See the module.
pub struct Wire<S> {
    stream: S,
    decoder: Decoder,
    out: Out,
    /// The answer to the latest ping; older ones need none (RFC 6455, section 5.5.3).
    pong: Option<Box<[u8]>>,
}

/// Why nothing more can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The client has gone.
    Gone,
    /// What it sent makes no sense.
    Malformed(Malformed),
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// Over a stream from which `early` was read already.
    pub fn new(stream: S, early: &[u8]) -> Self {
        let mut decoder = Decoder::default();
        decoder.feed(early);
        Self { stream, decoder, out: Out::default(), pong: None }
    }

    /// The next message. A ping is noted to be answered with the next [`Wire::send`]. May be dropped at any time.
    ///
    /// # Errors
    /// [`End`]
    pub async fn receive(&mut self) -> Result<Incoming, End> {
        loop {
            match self.decoder.next().map_err(End::Malformed)? {
                Some(Incoming::Ping(payload)) => {
                    self.pong = Some(payload.clone());
                    return Ok(Incoming::Ping(payload));
                }
                Some(incoming) => return Ok(incoming),
                None => match poll_fn(|cx| self.poll_fill(cx)).await {
                    Ok(0) | Err(_) => return Err(End::Gone),
                    Ok(_) => {}
                },
            }
        }
    }

    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        READ.with_borrow_mut(|bytes| {
            let mut into = ReadBuf::new(bytes);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut into))?;
            self.decoder.feed(into.filled());
            Poll::Ready(Ok(into.filled().len()))
        })
    }

    /// Whether a ping waits for its answer.
    pub fn owes_pong(&self) -> bool {
        self.pong.is_some()
    }

    /// Writes what is to be answered to a ping, and all items. If it is dropped before it is done, the next call goes
    /// on from there.
    ///
    /// # Errors
    /// Those of the stream.
    pub async fn send(&mut self, items: VecDeque<Item>) -> io::Result<()> {
        self.out.add(self.pong.take().map(Item::Pong).into_iter().collect());
        self.out.add(items);
        poll_fn(|cx| self.out.poll_write(cx, Pin::new(&mut self.stream))).await
    }

    /// Finishes the frame under way, gives up those after it, and writes this one.
    async fn last(&mut self, item: Item) -> io::Result<()> {
        self.out.cut();
        self.send(VecDeque::from([item])).await?;
        self.stream.shutdown().await
    }

    /// Says goodbye and waits for the client to go; without that, the reason could be lost in a reset.
    ///
    /// # Errors
    /// Those of the stream.
    pub async fn close(mut self, close: Close) -> io::Result<()> {
        let payload = [&close.code.to_be_bytes(), close.reason.as_bytes()].concat();
        self.last(Item::Close(payload.into())).await?;
        loop {
            match self.receive().await {
                Ok(Incoming::Close(_)) | Err(End::Gone) => return Ok(()),
                Ok(_) => {}
                // What cannot be read is taken all the same.
                Err(End::Malformed(_)) => {
                    if poll_fn(|cx| self.poll_fill(cx)).await? == 0 {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Answers the client's close frame, which gave this code or none (section 5.5.1).
    ///
    /// # Errors
    /// Those of the stream.
    pub async fn answer_close(mut self, code: Option<u16>) -> io::Result<()> {
        let payload = code.map_or_else(Vec::new, |code| code.to_be_bytes().into());
        self.last(Item::Close(payload.into())).await
    }
}

/// What is being written. The buffer for gathering belongs to the thread, so it is filled anew when a write goes on.
#[derive(Debug, Default)]
struct Out {
    items: VecDeque<Item>,
    /// Bytes of the first item's frame that are written already.
    written: usize,
}

fn parts(item: &Item) -> (Head, &[u8]) {
    let (opcode, payload) = match item {
        Item::Text(text, _) => (Opcode::Text, text.as_bytes()),
        Item::Ping => (Opcode::Ping, &[][..]),
        Item::Pong(payload) => (Opcode::Pong, &**payload),
        Item::Close(payload) => (Opcode::Close, &**payload),
    };
    (Head::of(opcode, payload.len()), payload)
}

impl Out {
    fn add(&mut self, mut items: VecDeque<Item>) {
        if self.items.is_empty() {
            self.items = items;
        } else {
            self.items.append(&mut items);
        }
    }

    /// Gives up what has not been begun.
    fn cut(&mut self) {
        self.items.truncate(usize::from(self.written > 0));
    }

    fn poll_write<S: AsyncWrite>(
        &mut self,
        cx: &mut Context<'_>,
        mut stream: Pin<&mut S>,
    ) -> Poll<io::Result<()>> {
        while let Some(first) = self.items.front() {
            let (head, payload) = parts(first);
            let written = if payload.len() > SMALL_BYTES {
                let head = head.as_slice();
                let in_head = self.written.min(head.len());
                let slices =
                    [IoSlice::new(&head[in_head..]), IoSlice::new(&payload[self.written - in_head..])];
                ready!(stream.as_mut().poll_write_vectored(cx, &slices))?
            } else {
                ready!(GATHER.with_borrow_mut(|buffer| {
                    self.gather(buffer);
                    stream.as_mut().poll_write(cx, &buffer[self.written..])
                }))?
            };
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.advance(written);
        }
        self.items = VecDeque::new();
        Poll::Ready(Ok(()))
    }

    /// The small frames at the front, as far as there is room.
    fn gather(&self, buffer: &mut Vec<u8>) {
        buffer.clear();
        for item in &self.items {
            let (head, payload) = parts(item);
            let fits = buffer.len() + head.as_slice().len() + payload.len() <= GATHER_BYTES;
            if payload.len() > SMALL_BYTES || !fits {
                return;
            }
            buffer.extend_from_slice(head.as_slice());
            buffer.extend_from_slice(payload);
        }
    }

    fn advance(&mut self, mut bytes: usize) {
        bytes += self.written;
        while let Some(first) = self.items.front() {
            let (head, payload) = parts(first);
            let whole = head.as_slice().len() + payload.len();
            if bytes < whole {
                break;
            }
            bytes -= whole;
            self.items.pop_front();
        }
        self.written = bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::queue::Class;
    use futures::StreamExt;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, duplex};
    use tokio_tungstenite::WebSocketStream;
    use tokio_tungstenite::tungstenite::protocol::{Message, Role};

    fn text(byte: u8, len: usize) -> Item {
        Item::Text(String::from_utf8(vec![byte; len]).unwrap().into(), Class::Answer)
    }

    /// Small, large and empty frames, over a stream that takes a few bytes at a time, by writes that are given up and
    /// taken up again: each comes whole and in order.
    #[tokio::test]
    async fn frames_come_whole_however_the_writes_are_cut() {
        let lens = [0, 1, 125, 126, 4_096, 4_097, 65_535, 65_536, 200_000, 3, 40_000, 7];
        for room in [11, 1_000, 30_000] {
            let (ours, theirs) = duplex(room);
            let mut wire = Wire::new(ours, &[]);
            let writing = tokio::spawn(async move {
                for (at, len) in lens.into_iter().enumerate() {
                    let items = VecDeque::from([text(b'a' + at as u8, len), Item::Ping, text(b'!', at)]);
                    // Given up at the first moment at which it waits; the next goes on.
                    tokio::select! {
                        biased;
                        sent = wire.send(items) => sent.unwrap(),
                        () = std::future::ready(()) => {}
                    }
                }
                wire.send(VecDeque::new()).await.unwrap();
                wire.close(Close { code: 4400, reason: "enough" }).await.unwrap();
            });
            let mut client = WebSocketStream::from_raw_socket(theirs, Role::Client, None).await;
            let mut next = async || client.next().await.unwrap().unwrap();
            for (at, len) in lens.into_iter().enumerate() {
                let came = next().await.into_text().unwrap();
                assert!(came.len() == len && came.bytes().all(|byte| byte == b'a' + at as u8), "{at}");
                assert!(next().await.is_ping());
                assert_eq!(next().await.into_text().unwrap().len(), at);
            }
            let Message::Close(Some(close)) = next().await else { panic!("no close") };
            assert_eq!((u16::from(close.code), close.reason.as_str()), (4400, "enough"));
            assert!(client.next().await.is_none());
            drop(client);
            writing.await.unwrap();
        }
    }

    /// A frame that is half written is finished before the goodbye; those behind it are not.
    #[tokio::test]
    async fn a_goodbye_cuts_no_frame() {
        let (ours, mut theirs) = duplex(1_000);
        let mut wire = Wire::new(ours, &[]);
        let items = VecDeque::from([text(b'a', 5_000), text(b'b', 5_000)]);
        assert!(tokio::time::timeout(Duration::ZERO, wire.send(items)).await.is_err());
        let closing = tokio::spawn(wire.close(Close { code: 1013, reason: "slow" }));
        let mut bytes = Vec::new();
        theirs.read_to_end(&mut bytes).await.unwrap();
        drop(theirs);
        closing.await.unwrap().unwrap();
        assert_eq!(bytes.len(), 4 + 5_000 + 2 + 6);
        assert_eq!(bytes[5_004..], *b"\x88\x06\x03\xf5slow");
    }

    /// Two pings come at once; the latest is answered, before anything else.
    #[tokio::test]
    async fn a_ping_is_answered() {
        let (ours, mut theirs) = duplex(1_000);
        let mut wire = Wire::new(ours, b"\x89\x81\0\0\0\0a\x89\x81\0\0\0\0b");
        assert_eq!(wire.receive().await, Ok(Incoming::Ping(b"a"[..].into())));
        assert_eq!(wire.receive().await, Ok(Incoming::Ping(b"b"[..].into())));
        wire.send(VecDeque::from([text(b'c', 1)])).await.unwrap();
        let mut bytes = [0; 6];
        theirs.read_exact(&mut bytes).await.unwrap();
        assert_eq!(bytes, *b"\x8a\x01b\x81\x01c");
    }
}
