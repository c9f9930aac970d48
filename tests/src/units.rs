//! A stream of bytes taken apart into HTTP messages and WebSocket frames.

/// One of them, as it was on the wire.
pub(crate) struct Unit {
    pub bytes: Vec<u8>,
    /// Where a frame's payload begins; 0 for an HTTP message.
    payload: usize,
}

impl Unit {
    /// The text of an unmasked text frame.
    pub fn text(&self) -> Option<String> {
        let text = self.payload > 0 && self.bytes[0] & 0x0f == 1;
        text.then(|| String::from_utf8_lossy(&self.bytes[self.payload..]).into_owned())
    }
}

/// What came of one direction of a connection.
#[derive(Default)]
pub(crate) struct Units {
    pub waiting: Vec<u8>,
    /// After the upgrade.
    frames: bool,
}

impl Units {
    /// The next one that is complete.
    pub fn next(&mut self) -> Option<Unit> {
        let (length, payload) = if self.frames { self.frame()? } else { (self.message()?, 0) };
        if self.waiting.len() < length {
            return None;
        }
        let bytes = self.waiting.drain(..length).collect();
        let unit = Unit { bytes, payload };
        if !self.frames {
            let head = String::from_utf8_lossy(&unit.bytes).to_ascii_lowercase();
            // The client's half begins with its request, the relay's with the answer that grants it.
            self.frames = head.starts_with("http/1.1 101") || head.contains("\r\nupgrade: websocket");
        }
        Some(unit)
    }

    /// The length of an HTTP message.
    fn message(&self) -> Option<usize> {
        let end = self.waiting.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
        let head = String::from_utf8_lossy(&self.waiting[..end]).to_ascii_lowercase();
        assert!(!head.contains("transfer-encoding"), "bodies of no known length are not expected");
        let body = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        Some(end + body.map_or(0, |length| length.trim().parse::<usize>().unwrap()))
    }

    /// The length of a frame, and where its payload begins.
    fn frame(&self) -> Option<(usize, usize)> {
        let second = *self.waiting.get(1)?;
        let mask = if second & 0x80 == 0 { 0 } else { 4 };
        let (length, head) = match second & 0x7f {
            126 => (usize::from(u16::from_be_bytes(self.waiting.get(2..4)?.try_into().ok()?)), 4),
            127 => (u64::from_be_bytes(self.waiting.get(2..10)?.try_into().ok()?) as usize, 10),
            short => (usize::from(short), 2),
        };
        Some((head + mask + length, head + mask))
    }
}
