//! WebSocket frames (RFC 6455, section 5) without a socket: bytes of a client go in, its messages come out; and the
//! head of what the relay sends.
//!
//! The relay does this itself so that a quiet connection keeps no buffer at all: a library's grows with the largest
//! frame that it ever saw, for each connection. What is read ahead lives in the thread's buffer (`wire`); only a message
//! that has not come whole is kept here.

use confab_protocol::error::close;
use confab_protocol::limits;
use std::collections::VecDeque;

/// Longest payload of a ping, pong or close, in bytes (section 5.5).
pub const CONTROL_BYTES: usize = 125;
/// Longest head of a client's frame: two bytes, eight of length, four of mask.
const HEAD_BYTES: usize = 14;
/// Room that is made for a frame before its bytes have come.
const TRUSTED_BYTES: usize = 4096;

/// What the four bits say that name a frame (section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    /// More of the message under way.
    Continuation = 0,
    /// UTF-8.
    Text = 1,
    /// Anything else.
    Binary = 2,
    /// The end.
    Close = 8,
    /// To be answered.
    Ping = 9,
    /// The answer.
    Pong = 10,
}

impl Opcode {
    fn of(bits: u8) -> Option<Self> {
        Some(match bits {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            _ => return None,
        })
    }

    fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// Something whole that a client sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A text message.
    Text(String),
    /// A binary message. What was in it is not kept: it means nothing here.
    Binary,
    /// To be answered with the same payload.
    Ping(Box<[u8]>),
    /// An answer, asked for or not.
    Pong,
    /// The client closes, with this code if it gave one. Nothing follows.
    Close(Option<u16>),
}

/// Why a connection cannot go on: a close code and words for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// 1002, 1007 or 1009.
    pub code: u16,
    /// Why.
    pub reason: &'static str,
}

const fn wrong(reason: &'static str) -> Malformed {
    Malformed { code: close::PROTOCOL, reason }
}

const TOO_LARGE: Malformed = Malformed { code: close::TOO_LARGE, reason: "a frame over the limit" };
const NO_TEXT: Malformed = Malformed { code: close::NO_UTF8, reason: "a text that is not UTF-8" };

/// The frame whose payload is coming.
#[derive(Clone, Copy, Debug)]
struct Frame {
    opcode: Opcode,
    last: bool,
    mask: [u8; 4],
    left: usize,
}

/// Takes a client's bytes apart. See the module.
#[derive(Debug, Default)]
pub struct Decoder {
    head: [u8; HEAD_BYTES],
    head_len: u8,
    frame: Option<Frame>,
    /// The kind of the message that is under way, in one frame or several.
    message: Option<Opcode>,
    message_bytes: usize,
    text: Vec<u8>,
    /// So much of the text is known to be UTF-8.
    checked: usize,
    control: Vec<u8>,
    ready: VecDeque<Incoming>,
    end: Option<Result<(), Malformed>>,
}

impl Decoder {
    /// Takes bytes in. What they complete is to be had from [`Decoder::next`]; after a close or what is malformed all
    /// further bytes are ignored.
    pub fn feed(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && self.end.is_none() {
            let fed = match self.frame {
                None => self.feed_head(&mut bytes),
                Some(frame) => self.feed_payload(frame, &mut bytes),
            };
            if let Err(malformed) = fed {
                self.end = Some(Err(malformed));
                (self.text, self.control) = (Vec::new(), Vec::new());
            }
        }
    }

    /// The next message.
    ///
    /// # Errors
    /// [`Malformed`], again and again, once everything before it has been taken.
    pub fn next(&mut self) -> Result<Option<Incoming>, Malformed> {
        if let Some(incoming) = self.ready.pop_front() {
            if self.ready.is_empty() {
                self.ready = VecDeque::new();
            }
            return Ok(Some(incoming));
        }
        match self.end {
            Some(Err(malformed)) => Err(malformed),
            _ => Ok(None),
        }
    }

    fn feed_head(&mut self, bytes: &mut &[u8]) -> Result<(), Malformed> {
        while let Some((&byte, rest)) = bytes.split_first() {
            self.head[usize::from(self.head_len)] = byte;
            self.head_len += 1;
            *bytes = rest;
            let head = &self.head[..usize::from(self.head_len)];
            if let [_, second, ..] = *head
                && head.len() == head_len(second)
            {
                let frame = frame(head)?;
                self.head_len = 0;
                self.begin(frame)?;
                return if frame.left == 0 { self.complete(frame) } else { Ok(()) };
            }
        }
        Ok(())
    }

    /// A frame's head has come: may it stand here, and is there room?
    fn begin(&mut self, frame: Frame) -> Result<(), Malformed> {
        self.frame = Some(frame);
        match frame.opcode {
            Opcode::Continuation if self.message.is_none() => return Err(wrong("nothing to continue")),
            Opcode::Text | Opcode::Binary if self.message.is_some() => {
                return Err(wrong("a message within a message"));
            }
            Opcode::Text | Opcode::Binary => self.message = Some(frame.opcode),
            _ => {}
        }
        if frame.opcode.is_control() {
            self.control = Vec::with_capacity(frame.left);
            return Ok(());
        }
        self.message_bytes = self.message_bytes.saturating_add(frame.left);
        if self.message_bytes > limits::CLIENT_FRAME_BYTES {
            return Err(TOO_LARGE);
        }
        if self.message == Some(Opcode::Text) {
            self.text.reserve_exact(frame.left.min(TRUSTED_BYTES));
        }
        Ok(())
    }

    fn feed_payload(&mut self, mut frame: Frame, bytes: &mut &[u8]) -> Result<(), Malformed> {
        let (part, rest) = bytes.split_at(frame.left.min(bytes.len()));
        *bytes = rest;
        let into = match (frame.opcode.is_control(), self.message) {
            (true, _) => Some(&mut self.control),
            (false, Some(Opcode::Text)) => Some(&mut self.text),
            (false, _) => None,
        };
        if let Some(into) = into {
            let begin = into.len();
            into.extend_from_slice(part);
            unmask(&mut into[begin..], frame.mask);
        }
        frame.left -= part.len();
        frame.mask.rotate_left(part.len() % 4);
        self.frame = Some(frame);
        if frame.left == 0 { self.complete(frame) } else { Ok(()) }
    }

    /// A frame has come whole.
    fn complete(&mut self, frame: Frame) -> Result<(), Malformed> {
        self.frame = None;
        let incoming = match frame.opcode {
            Opcode::Ping => Incoming::Ping(std::mem::take(&mut self.control).into()),
            Opcode::Pong => {
                self.control = Vec::new();
                Incoming::Pong
            }
            Opcode::Close => {
                let code = close_code(&std::mem::take(&mut self.control))?;
                self.end = Some(Ok(()));
                (self.text, self.message) = (Vec::new(), None);
                Incoming::Close(code)
            }
            _ if !frame.last => return self.check_part(),
            _ => {
                (self.message_bytes, self.checked) = (0, 0);
                match self.message.take() {
                    Some(Opcode::Text) => {
                        let text = std::mem::take(&mut self.text);
                        Incoming::Text(String::from_utf8(text).map_err(|_| NO_TEXT)?)
                    }
                    _ => Incoming::Binary,
                }
            }
        };
        self.ready.push_back(incoming);
        Ok(())
    }

    /// A text that comes in parts is refused at the first part that cannot be UTF-8.
    fn check_part(&mut self) -> Result<(), Malformed> {
        match std::str::from_utf8(&self.text[self.checked..]) {
            Ok(_) => self.checked = self.text.len(),
            // A character may go on in the next part.
            Err(error) if error.error_len().is_none() => self.checked += error.valid_up_to(),
            Err(_) => return Err(NO_TEXT),
        }
        Ok(())
    }
}

/// How long a head is, by its second byte.
fn head_len(second: u8) -> usize {
    let length = match second & 0x7f {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    2 + length + if second & 0x80 == 0 { 0 } else { 4 }
}

/// Reads a whole head.
fn frame(head: &[u8]) -> Result<Frame, Malformed> {
    let [first, second, rest @ ..] = head else { return Err(wrong("half a head")) };
    if first & 0x70 != 0 {
        return Err(wrong("a reserved bit is set"));
    }
    let opcode = Opcode::of(first & 0x0f).ok_or(wrong("an unknown kind of frame"))?;
    let Some((length, mask)) = rest.split_last_chunk::<4>().filter(|_| second & 0x80 != 0) else {
        return Err(wrong("a frame without a mask"));
    };
    let left = match length {
        [] => u64::from(second & 0x7f),
        _ => length.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
    };
    let last = first & 0x80 != 0;
    if opcode.is_control() && (!last || left > CONTROL_BYTES as u64) {
        return Err(wrong("a control frame that is long or in parts"));
    }
    // Whatever does not fit is far over the limit.
    Ok(Frame { opcode, last, mask: *mask, left: usize::try_from(left).unwrap_or(usize::MAX) })
}

/// Section 7.4: which codes may stand in a close frame.
fn close_code(payload: &[u8]) -> Result<Option<u16>, Malformed> {
    let Some((code, reason)) = payload.split_first_chunk::<2>() else {
        return if payload.is_empty() { Ok(None) } else { Err(wrong("half a close code")) };
    };
    let code = u16::from_be_bytes(*code);
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(wrong("a close code that may not be sent"));
    }
    std::str::from_utf8(reason).map_err(|_| NO_TEXT)?;
    Ok(Some(code))
}

/// Section 5.3. `mask` begins with the byte for the first of `bytes`.
fn unmask(bytes: &mut [u8], mask: [u8; 4]) {
    let word = u64::from(u32::from_ne_bytes(mask));
    let wide = word | word << 32;
    let (chunks, rest) = bytes.as_chunks_mut::<8>();
    for chunk in chunks {
        *chunk = (u64::from_ne_bytes(*chunk) ^ wide).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
}

/// The head of a frame of the relay's, which is whole and has no mask.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    bytes: [u8; 10],
    len: u8,
}

impl Head {
    /// Of a payload of so many bytes.
    pub fn of(opcode: Opcode, payload: usize) -> Self {
        let mut bytes = [0; 10];
        bytes[0] = 0x80 | opcode as u8;
        let len = if payload <= CONTROL_BYTES {
            bytes[1] = payload as u8;
            2
        } else if let Ok(short) = u16::try_from(payload) {
            bytes[1] = 126;
            bytes[2..4].copy_from_slice(&short.to_be_bytes());
            4
        } else {
            bytes[1] = 127;
            bytes[2..].copy_from_slice(&(payload as u64).to_be_bytes());
            10
        };
        Self { bytes, len }
    }

    /// It.
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

#[cfg(test)]
#[path = "frames_tests.rs"]
mod tests;
