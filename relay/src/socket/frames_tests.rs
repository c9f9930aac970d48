//! Our reading of frames against another implementation's (tungstenite), and against the standard's words.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;
use std::io::Cursor;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{Frame as Theirs, FrameHeader};
use tokio_tungstenite::tungstenite::protocol::{Message, Role, WebSocket, WebSocketConfig};

/// A client's frame as tungstenite writes it.
fn encode(opcode: u8, last: bool, payload: &[u8], mask: [u8; 4]) -> Vec<u8> {
    let opcode = match opcode {
        0 => OpCode::Data(Data::Continue),
        1 => OpCode::Data(Data::Text),
        2 => OpCode::Data(Data::Binary),
        8 => OpCode::Control(Control::Close),
        9 => OpCode::Control(Control::Ping),
        10 => OpCode::Control(Control::Pong),
        other => OpCode::from(other),
    };
    let header = FrameHeader { is_final: last, opcode, mask: Some(mask), ..FrameHeader::default() };
    let frame = Theirs::from_payload(header, payload.to_vec().into());
    let mut bytes = Vec::new();
    frame.format(&mut bytes).unwrap();
    bytes
}

/// What comes out when the bytes come in pieces that end at `cuts`.
fn decode(bytes: &[u8], cuts: &[usize]) -> (Vec<Incoming>, Option<Malformed>) {
    let mut decoder = Decoder::default();
    let mut incoming = Vec::new();
    let mut rest = bytes;
    let mut cuts = cuts.iter().cycle();
    while !rest.is_empty() {
        let at = cuts.next().map_or(rest.len(), |cut| (cut + 1).min(rest.len()));
        decoder.feed(&rest[..at]);
        rest = &rest[at..];
        loop {
            match decoder.next() {
                Ok(Some(message)) => incoming.push(message),
                Ok(None) => break,
                Err(malformed) => return (incoming, Some(malformed)),
            }
        }
    }
    (incoming, None)
}

/// What tungstenite makes of the same bytes; whether it found them malformed.
fn theirs(bytes: &[u8]) -> (Vec<Incoming>, bool) {
    let config = WebSocketConfig::default()
        .max_message_size(Some(limits::CLIENT_FRAME_BYTES))
        .max_frame_size(Some(limits::CLIENT_FRAME_BYTES));
    // What it answers goes where it is not read again.
    struct Stream<'a>(Cursor<&'a [u8]>);
    impl std::io::Read for Stream<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            self.0.read(into)
        }
    }
    impl std::io::Write for Stream<'_> {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut socket = WebSocket::from_raw_socket(Stream(Cursor::new(bytes)), Role::Server, Some(config));
    let mut incoming = Vec::new();
    loop {
        incoming.push(match socket.read() {
            Ok(Message::Text(text)) => Incoming::Text(text.as_str().to_owned()),
            Ok(Message::Binary(_)) => Incoming::Binary,
            Ok(Message::Ping(payload)) => Incoming::Ping(payload.to_vec().into()),
            Ok(Message::Pong(_)) => Incoming::Pong,
            Ok(Message::Close(close)) => {
                incoming.push(Incoming::Close(close.map(|close| close.code.into())));
                return (incoming, false);
            }
            Ok(Message::Frame(_)) => unreachable!("never read"),
            Err(Error::Protocol(
                tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
            )) => return (incoming, false),
            Err(Error::Io(_)) => return (incoming, false),
            Err(_) => return (incoming, true),
        });
    }
}

fn payload() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => "\\PC{0,40}".prop_map(String::into_bytes),
        2 => vec(any::<u8>(), 0..20),
        1 => (100_usize..140).prop_map(|len| vec![b'x'; len]),
        1 => (65_530_usize..65_545).prop_map(|len| vec![b'y'; len]),
    ]
}

/// Frames that make sense one by one; together they may not.
fn frames() -> impl Strategy<Value = Vec<(u8, bool, Vec<u8>, [u8; 4])>> {
    let opcode = prop_oneof![4 => Just(1), 3 => Just(0), 1 => Just(2), 2 => Just(9), 1 => Just(10)];
    vec((opcode, any::<bool>(), payload(), any::<[u8; 4]>()), 1..12)
}

proptest! {
    /// Whatever is fragmented, interleaved or cut: we read what tungstenite reads, and refuse what it refuses.
    #[test]
    fn we_read_what_others_read(
        frames in frames(),
        cuts in vec(0_usize..2_000, 1..20),
        flips in vec((any::<prop::sample::Index>(), any::<u8>()), 0..2),
    ) {
        let mut bytes: Vec<u8> =
            frames.iter().flat_map(|(opcode, last, payload, mask)| encode(*opcode, *last, payload, *mask)).collect();
        for (at, bits) in &flips {
            let at = at.index(bytes.len());
            bytes[at] ^= bits;
        }
        if !flips.is_empty() {
            // The other waits for all of a frame before it judges the head. What follows makes no sense to either.
            bytes.extend_from_slice(&[0; limits::CLIENT_FRAME_BYTES + 14]);
        }
        let (ours, malformed) = decode(&bytes, &cuts);
        let (others, refused) = theirs(&bytes);
        // Which close frames are good is said below; nothing is to be compared after one.
        let until = |incoming: &[Incoming]| {
            incoming.iter().position(|one| matches!(one, Incoming::Close(_))).unwrap_or(incoming.len())
        };
        let closes = until(&ours) < ours.len() || until(&others) < others.len();
        prop_assert_eq!(&ours[..until(&ours)], &others[..until(&others)]);
        prop_assert!(closes || malformed.is_some() == refused, "{:?} {}", malformed, refused);
    }

    /// However the bytes are cut, the same comes out.
    #[test]
    fn cuts_change_nothing(frames in frames(), cuts in vec(0_usize..300, 1..20)) {
        let bytes: Vec<u8> =
            frames.iter().flat_map(|(opcode, last, payload, mask)| encode(*opcode, *last, payload, *mask)).collect();
        prop_assert_eq!(decode(&bytes, &cuts), decode(&bytes, &[]));
    }

    #[test]
    fn our_heads_are_read_by_others(len in prop_oneof![0_usize..300, 65_000_usize..66_000, Just(1 << 20)]) {
        let head = Head::of(Opcode::Text, len);
        let (theirs, length) = FrameHeader::parse(&mut Cursor::new(head.as_slice())).unwrap().unwrap();
        prop_assert_eq!(length, len as u64);
        prop_assert!(theirs.is_final && theirs.mask.is_none());
        prop_assert_eq!(theirs.opcode, OpCode::Data(Data::Text));
    }
}

fn refused(bytes: &[u8]) -> u16 {
    decode(bytes, &[]).1.expect("it was taken").code
}

#[test]
fn what_the_standard_forbids() {
    let mask = [1, 2, 3, 4];
    let text = |last, payload: &[u8]| encode(1, last, payload, mask);
    assert_eq!(refused(&[0x81, 0x02, b'h', b'i']), 1002, "no mask");
    for bit in [0x40, 0x20, 0x10] {
        let mut bytes = text(true, b"hi");
        bytes[0] |= bit;
        assert_eq!(refused(&bytes), 1002, "a reserved bit");
    }
    for opcode in [3, 7, 11, 15] {
        assert_eq!(refused(&[0x80 | opcode, 0x80, 0, 0, 0, 0]), 1002, "opcode {opcode}");
    }
    assert_eq!(refused(&encode(0, true, b"hi", mask)), 1002, "nothing to continue");
    assert_eq!(refused(&[text(false, b"a"), text(true, b"b")].concat()), 1002, "a message within a message");
    assert_eq!(refused(&encode(9, false, b"", mask)), 1002, "a ping in parts");
    assert_eq!(refused(&encode(9, true, &[0; 126], mask)), 1002, "a long ping");
    assert_eq!(refused(&text(true, b"\xff")), 1007);
    assert_eq!(refused(&text(false, b"\xce\xba\xff")), 1007, "before the last part");
    assert_eq!(refused(&text(true, b"\xe2\x82")), 1007, "half a character");
    let split = [text(false, b"\xe2\x82"), encode(0, true, b"\xac", mask)].concat();
    assert_eq!(decode(&split, &[]).0, [Incoming::Text("€".into())], "a character in two parts");
}

#[test]
fn close_frames_say_good_codes_or_none() {
    let close = |payload: &[u8]| encode(8, true, payload, [9, 8, 7, 6]);
    assert_eq!(decode(&close(b""), &[]), (vec![Incoming::Close(None)], None));
    for code in [1000_u16, 1001, 1003, 1007, 1011, 1014, 3000, 4999] {
        let payload = [&code.to_be_bytes()[..], "tschüß".as_bytes()].concat();
        assert_eq!(decode(&close(&payload), &[]), (vec![Incoming::Close(Some(code))], None));
    }
    for code in [0_u16, 999, 1004, 1005, 1006, 1015, 1100, 2999, 5000, 65535] {
        assert_eq!(refused(&close(&code.to_be_bytes())), 1002, "{code}");
    }
    assert_eq!(refused(&close(b"\x03")), 1002);
    assert_eq!(refused(&close(b"\x03\xe8\xff")), 1007);
    let after = [close(b"\x03\xe8"), encode(1, true, b"more", [0; 4])].concat();
    assert_eq!(decode(&after, &[]), (vec![Incoming::Close(Some(1000))], None), "nothing follows");
}

#[test]
fn what_is_too_large_is_refused_by_its_head() {
    let largest = vec![b'x'; limits::CLIENT_FRAME_BYTES];
    assert_eq!(decode(&encode(1, true, &largest, [5; 4]), &[1000]).0.len(), 1);
    let head = |bytes: u64| [&[0x81, 0xff][..], &bytes.to_be_bytes(), &[0; 4]].concat();
    for bytes in [limits::CLIENT_FRAME_BYTES as u64 + 1, 1 << 62, u64::MAX] {
        assert_eq!(refused(&head(bytes)), 1009);
    }
    // In parts as well, of text or of what would not be kept.
    for opcode in [1, 2] {
        let parts = [encode(opcode, false, &largest, [5; 4]), encode(0, true, b"x", [5; 4])].concat();
        assert_eq!(refused(&parts), 1009);
    }
    let twice = [encode(1, true, &largest, [5; 4]), encode(1, true, &largest, [5; 4])].concat();
    assert_eq!(decode(&twice, &[]).0.len(), 2, "a limit of one message, not of all");
}

/// A head that promises much gets little room, and nothing stays when a message has been taken.
#[test]
fn nothing_is_kept_that_did_not_come() {
    let mut decoder = Decoder::default();
    decoder.feed(&[0x81, 0xff, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0, 0, 0, 0, b'x']);
    assert!(decoder.text.capacity() <= TRUSTED_BYTES);
    let mut decoder = Decoder::default();
    decoder.feed(&encode(1, true, &vec![b'x'; 100_000], [1; 4]));
    decoder.feed(&encode(9, true, b"?", [1; 4]));
    while decoder.next().unwrap().is_some() {}
    assert_eq!((decoder.text.capacity(), decoder.control.capacity(), decoder.ready.capacity()), (0, 0, 0));
}
