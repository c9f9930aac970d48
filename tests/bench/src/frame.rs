//! WebSocket frames (RFC 6455, section 5) as thin as can be: what measures must cost little beside what is measured.

use anyhow::{Result, bail};

/// The opcode of a text frame.
pub const TEXT: u8 = 1;
/// The opcode of a close frame.
pub const CLOSE: u8 = 8;
/// The opcode of a ping.
pub const PING: u8 = 9;
/// The opcode of a pong.
pub const PONG: u8 = 10;

/// Any key will do: nothing between here and the relay could be fooled by a known one.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// The largest frame that is believed.
const MAX_FRAME: usize = 4 << 20;

/// Appends a whole frame; a client masks, a server does not.
pub fn append(out: &mut Vec<u8>, opcode: u8, payload: &[u8], masked: bool) {
    let mask_bit = if masked { 0x80 } else { 0 };
    out.push(0x80 | opcode);
    match payload.len() {
        length @ 0..=125 => out.push(mask_bit | length as u8),
        length @ 126..=0xffff => {
            out.push(mask_bit | 126);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            out.push(mask_bit | 127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    if masked {
        out.extend_from_slice(&MASK);
        let start = out.len();
        out.extend_from_slice(payload);
        xor(&mut out[start..], MASK);
    } else {
        out.extend_from_slice(payload);
    }
}

/// Hands every whole frame at the start of `bytes` to `on`, unmasked in place, and says how many bytes they took.
///
/// # Errors
/// What is no frame, or one in pieces, which neither the relay nor the references send.
pub fn take_all(bytes: &mut [u8], mut on: impl FnMut(u8, &[u8])) -> Result<usize> {
    let mut at = 0;
    while let Some((opcode, start, end)) = head(&bytes[at..])? {
        let payload = &mut bytes[at + start..at + end];
        let stamp = unstamp(payload);
        on(opcode, &payload[stamp..]);
        at += end;
    }
    Ok(at)
}

/// Makes a frame that begins with a stamp begin with what follows it, which is told apart by its first bytes. Says how
/// many bytes are to be left out.
fn unstamp(payload: &mut [u8]) -> usize {
    if !payload.starts_with(br#"{"commit":"#) {
        return 0;
    }
    let Some(comma) = memchr::memchr(b',', payload) else { return 0 };
    payload[comma] = b'{';
    comma
}

/// As [`take_all`], for a server: the frames are masked.
///
/// # Errors
/// As [`take_all`].
pub fn take_all_masked(bytes: &mut [u8], mut on: impl FnMut(u8, &[u8])) -> Result<usize> {
    let mut at = 0;
    while let Some((opcode, start, end)) = head(&bytes[at..])? {
        let mut key = [0u8; 4];
        key.copy_from_slice(&bytes[at + start - 4..at + start]);
        xor(&mut bytes[at + start..at + end], key);
        on(opcode, &bytes[at + start..at + end]);
        at += end;
    }
    Ok(at)
}

/// The opcode and where the payload starts and ends, or `None` if the frame is not whole yet.
fn head(bytes: &[u8]) -> Result<Option<(u8, usize, usize)>> {
    let [first, second, rest @ ..] = bytes else { return Ok(None) };
    if first & 0x80 == 0 {
        bail!("a frame came in pieces");
    }
    let (length, mut start) = match (second & 0x7f, rest) {
        (126, [a, b, ..]) => (usize::from(u16::from_be_bytes([*a, *b])), 4),
        (127, [a, b, c, d, e, f, g, h, ..]) => {
            (usize::try_from(u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]))?, 10)
        }
        (126 | 127, _) => return Ok(None),
        (length, _) => (usize::from(length), 2),
    };
    if length > MAX_FRAME {
        bail!("a frame claims {length} bytes");
    }
    if second & 0x80 != 0 {
        start += 4;
    }
    Ok((bytes.len() >= start + length).then_some((first & 0x0f, start, start + length)))
}

fn xor(bytes: &mut [u8], key: [u8; 4]) {
    for chunk in bytes.chunks_mut(4) {
        for (byte, key) in chunk.iter_mut().zip(key) {
            *byte ^= key;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_left_out() {
        let mut bytes = Vec::new();
        let frames: [&[u8]; 3] = [br#"{"commit":17,"push":"delta"}"#, br#"{"id":1,"ok":{"commit":1}}"#, b""];
        for frame in frames {
            append(&mut bytes, TEXT, frame, false);
        }
        let mut got = Vec::new();
        take_all(&mut bytes, |_, payload| got.push(payload.to_vec())).unwrap();
        assert_eq!(got, [&br#"{"push":"delta"}"#[..], frames[1], frames[2]]);
    }

    #[test]
    fn frames_of_all_lengths_read_back_and_half_ones_wait() {
        for masked in [false, true] {
            let payloads: Vec<Vec<u8>> = [0, 1, 125, 126, 65_535, 65_536].map(|n| vec![b'x'; n]).into();
            let mut bytes = Vec::new();
            for payload in &payloads {
                append(&mut bytes, TEXT, payload, masked);
            }
            let whole = bytes.len();
            append(&mut bytes, TEXT, b"half of it", masked);
            bytes.truncate(bytes.len() - 1);
            let mut got = Vec::new();
            let mut keep = |opcode, payload: &[u8]| {
                assert_eq!(opcode, TEXT);
                got.push(payload.to_vec());
            };
            let taken = if masked {
                take_all_masked(&mut bytes, &mut keep).unwrap()
            } else {
                take_all(&mut bytes, &mut keep).unwrap()
            };
            assert_eq!(taken, whole);
            assert_eq!(got, payloads);
        }
    }
}
