//! Rules for the texts that people write. Both sides apply them: the client to help, the relay to be sure.
//!
//! Each function returns the text as it is to be kept, or an [`ErrorBody`] that says what is wrong in words for people.

use crate::error::{Code, ErrorBody};
use crate::limits;

fn invalid(message: impl Into<String>) -> ErrorBody {
    ErrorBody::new(Code::Invalid, message)
}

/// Characters that hide, reorder or break text where a name or title stands in a line with others: controls, line
/// separators, bidirectional embeddings, overrides and isolates, and those without a shape.
fn is_unsafe_in_line(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}'
            | '\u{200F}' | '\u{061C}' | '\u{FEFF}' | '\u{200B}' | '\u{2060}'..='\u{2064}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}' | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}')
}

/// Most combining marks in a row that a name keeps; more is drawing over one's neighbours.
const MARKS_IN_A_ROW: usize = 3;

fn is_combining(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}' | '\u{0483}'..='\u{0489}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

/// One line of text: trimmed, runs of space as one, without characters that hide or reorder and without towers of marks.
fn one_line(text: &str, what: &str, max_chars: usize) -> Result<String, ErrorBody> {
    if text.len() > max_chars * 16 {
        return Err(invalid(format!("The {what} is longer than {max_chars} characters.")));
    }
    let mut out = String::with_capacity(text.len());
    let mut marks = 0;
    for c in text.chars() {
        if c.is_whitespace() {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
            marks = 0;
        } else if is_unsafe_in_line(c) {
            continue;
        } else if is_combining(c) {
            marks += 1;
            if marks <= MARKS_IN_A_ROW && !out.is_empty() {
                out.push(c);
            }
        } else {
            marks = 0;
            out.push(c);
        }
    }
    let kept = out.trim_end().to_owned();
    if kept.is_empty() {
        return Err(invalid(format!("The {what} is empty.")));
    }
    if kept.chars().count() > max_chars {
        return Err(invalid(format!("The {what} is longer than {max_chars} characters.")));
    }
    Ok(kept)
}

/// How many bytes a text takes inside a JSON string as serde_json writes it: quotes, backslashes and the usual
/// controls take two, the other controls six.
pub fn json_bytes(text: &str) -> usize {
    text.bytes()
        .map(|byte| match byte {
            b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0C => 2,
            0..=0x1F => 6,
            _ => 1,
        })
        .sum()
}

/// A user name: 3 to 32 of `a-z`, `0-9`, `_`, `-` and `.`, starting with a letter or digit. Capitals become small.
///
/// # Errors
/// `invalid`.
pub fn username(text: &str) -> Result<String, ErrorBody> {
    let (min, max) = limits::USERNAME_CHARS;
    let name = text.trim().to_ascii_lowercase();
    let fits = (min..=max).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.'));
    if fits {
        Ok(name)
    } else {
        Err(invalid(format!(
            "A user name has {min} to {max} letters (a to z), digits, and the signs _ - and . and starts with a \
             letter or digit."
        )))
    }
}

/// A display name: one line of at most 64 characters.
///
/// # Errors
/// `invalid`.
pub fn display_name(text: &str) -> Result<String, ErrorBody> {
    one_line(text, "name", limits::NAME_CHARS)
}

/// A device's name: one line of at most 64 characters.
///
/// # Errors
/// `invalid`.
pub fn device_name(text: &str) -> Result<String, ErrorBody> {
    one_line(text, "device's name", limits::NAME_CHARS)
}

/// A group's title: one line of at most 128 characters.
///
/// # Errors
/// `invalid`.
pub fn title(text: &str) -> Result<String, ErrorBody> {
    one_line(text, "title", limits::TITLE_CHARS)
}

/// A password: 8 to 256 characters, any of them, kept as it is.
///
/// # Errors
/// `invalid`.
pub fn password(text: &str) -> Result<(), ErrorBody> {
    let (min, max) = limits::PASSWORD_CHARS;
    if (min..=max).contains(&text.chars().count()) {
        Ok(())
    } else {
        Err(invalid(format!("A password has {min} to {max} characters.")))
    }
}

/// A message's text: at most 16 KiB, with something to see in it, and without NUL. Kept as it is.
///
/// # Errors
/// `invalid` or `too_large`.
pub fn message(text: &str) -> Result<(), ErrorBody> {
    if text.len() > limits::TEXT_BYTES {
        return Err(ErrorBody::new(
            Code::TooLarge,
            format!(
                "A message has at most {} bytes of text; this one has {}.",
                limits::TEXT_BYTES,
                text.len()
            ),
        ));
    }
    if text.contains('\0') {
        return Err(invalid("The text has a NUL character in it."));
    }
    if text.chars().all(|c| c.is_whitespace() || is_unsafe_in_line(c)) {
        return Err(invalid("The message is empty."));
    }
    Ok(())
}

/// A reaction: at most 64 bytes, no letters of the Latin alphabet, spaces or controls.
///
/// # Errors
/// `invalid`.
pub fn emoji(text: &str) -> Result<(), ErrorBody> {
    let plausible = !text.is_empty()
        && text.len() <= limits::EMOJI_BYTES
        && !text.chars().any(|c| c.is_control() || c.is_whitespace() || c.is_ascii_alphabetic())
        && !text.is_ascii();
    if plausible { Ok(()) } else { Err(invalid("A reaction is one emoji.")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_names() {
        assert_eq!(username(" Alice.B ").unwrap(), "alice.b");
        for bad in ["al", "-alice", "al ice", "älice", "a/../b", "alice\0", &"a".repeat(33)] {
            assert!(username(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn names_lose_what_hides_or_reorders() {
        assert_eq!(display_name("  Al\u{202E}ice \n\t B\u{200B}ob ").unwrap(), "Alice Bob");
        assert_eq!(display_name("Z\u{300}\u{301}\u{302}\u{303}\u{304}o").unwrap(), "Z\u{300}\u{301}\u{302}o");
        assert!(display_name("\u{200B}\u{2066}").is_err());
        assert!(display_name(&"x".repeat(65)).is_err());
        assert_eq!(display_name("👩‍💻 Ада").unwrap(), "👩‍💻 Ада");
    }

    #[test]
    fn a_text_is_weighed_as_it_is_written() {
        for text in ["", "plain", "\"quoted\" \\ \n\r\t\u{8}\u{c}", "\u{1}\u{1f}\u{7f}", "söme 👩‍💻"]
        {
            assert_eq!(json_bytes(text) + 2, serde_json::to_string(text).unwrap().len(), "{text:?}");
        }
    }

    #[test]
    fn messages_have_something_to_see() {
        assert!(message("hi\nthere").is_ok());
        assert!(message(" \n\u{200B}").is_err());
        assert!(message("a\0b").is_err());
        assert_eq!(message(&"x".repeat(16 * 1024 + 1)).unwrap_err().code, Code::TooLarge);
        assert!(message(&"x".repeat(16 * 1024)).is_ok());
    }

    #[test]
    fn reactions_are_emoji() {
        for good in ["👍", "❤️", "👩‍💻", "1️⃣"] {
            assert!(emoji(good).is_ok(), "{good}");
        }
        for bad in ["", "ok", "👍 ", "1", "<b>"] {
            assert!(emoji(bad).is_err(), "{bad:?}");
        }
    }
}
