//! What the relay sends.

use crate::command::Ack;
use crate::error::ErrorBody;
use crate::sync::Push;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A frame of the relay. The answer's type follows from the request that had this id.
#[derive(Clone, Debug)]
pub enum RelayFrame<'a> {
    /// The answer to a request.
    Ok {
        /// The request.
        id: u64,
        /// Its answer, to be read with [`read`].
        body: &'a RawValue,
    },
    /// The refusal of a request.
    Error {
        /// The request.
        id: u64,
        /// Why.
        error: ErrorBody,
    },
    /// Something unasked.
    Push(Box<Push>),
}

/// A frame, and of what age it is.
#[derive(Clone, Debug)]
pub struct Stamped<'a> {
    /// No change that the relay committed after this one is in the frame. Absent where the frame tells of nothing
    /// that is stored, or of nothing that a client keeps.
    pub commit: Option<u64>,
    /// The frame.
    pub frame: RelayFrame<'a>,
}

/// Writes a frame's stamp into it. The text is a JSON object with at least one field.
pub fn stamped(commit: u64, text: &str) -> String {
    format!(r#"{{"commit":{commit},{}"#, text.strip_prefix('{').unwrap_or(text))
}

/// Reads a relay's frame.
///
/// # Errors
/// Those of `serde_json`, for what is no frame.
pub fn parse_relay_frame(text: &str) -> serde_json::Result<RelayFrame<'_>> {
    parse_stamped(text).map(|stamped| stamped.frame)
}

/// The same with the frame's stamp.
///
/// # Errors
/// Those of `serde_json`, for what is no frame.
pub fn parse_stamped(text: &str) -> serde_json::Result<Stamped<'_>> {
    #[derive(Deserialize)]
    struct Answer<'a> {
        #[serde(default)]
        commit: Option<u64>,
        #[serde(default)]
        id: Option<u64>,
        #[serde(borrow, default)]
        ok: Option<&'a RawValue>,
        #[serde(default)]
        error: Option<ErrorBody>,
    }
    let answer: Answer<'_> = serde_json::from_str(text)?;
    let commit = answer.commit;
    let frame = match answer {
        Answer { id: Some(id), ok: Some(body), .. } => RelayFrame::Ok { id, body },
        Answer { id: Some(id), error: Some(error), .. } => RelayFrame::Error { id, error },
        _ => RelayFrame::Push(Box::new(parse_push(text)?)),
    };
    Ok(Stamped { commit, frame })
}

fn parse_push(text: &str) -> serde_json::Result<Push> {
    #[derive(Deserialize)]
    struct Named<'a> {
        #[serde(borrow)]
        push: std::borrow::Cow<'a, str>,
    }
    serde_json::from_str(text).or_else(|error| match serde_json::from_str::<Named<'_>>(text) {
        Ok(named) if !Push::NAMES.contains(&named.push.as_ref()) => Ok(Push::Unknown),
        _ => Err(error),
    })
}

/// Reads an answer's body as the type that its request calls for.
///
/// # Errors
/// Those of `serde_json`.
pub fn read<'a, T: Deserialize<'a>>(body: &'a RawValue) -> serde_json::Result<T> {
    serde_json::from_str(body.get())
}

/// Writes an answer.
///
/// # Errors
/// Those of `serde_json`, which the types of this crate do not cause.
pub fn answer<T: Serialize>(id: u64, body: &T) -> serde_json::Result<String> {
    #[derive(Serialize)]
    struct Out<'a, T> {
        id: u64,
        ok: &'a T,
    }
    serde_json::to_string(&Out { id, ok: body })
}

/// Writes an answer whose body `write` appends as JSON: for what is too large to be made twice.
///
/// # Errors
/// Those of `write`.
pub fn encoded_answer<E>(
    commit: u64,
    id: u64,
    write: impl FnOnce(&mut String) -> Result<(), E>,
) -> Result<String, E> {
    let mut text = format!(r#"{{"commit":{commit},"id":{id},"ok":"#);
    write(&mut text)?;
    text.push('}');
    Ok(text)
}

/// Writes a refusal: to the request `id`, or as an `error` push if it had none.
///
/// # Errors
/// Those of `serde_json`, which the types of this crate do not cause.
pub fn refusal(id: Option<u64>, error: &ErrorBody) -> serde_json::Result<String> {
    #[derive(Serialize)]
    struct Out<'a> {
        id: u64,
        error: &'a ErrorBody,
    }
    match id {
        Some(id) => serde_json::to_string(&Out { id, error }),
        None => serde_json::to_string(&Push::Error(error.clone())),
    }
}

/// An [`Ack`] whose delta is already encoded: written once, sent to the sender as an answer and to the others as a push.
#[derive(Clone, Debug)]
pub struct EncodedDelta(Box<RawValue>);

impl EncodedDelta {
    /// Encodes a delta.
    ///
    /// # Errors
    /// Those of `serde_json`, which this type does not cause.
    pub fn new(delta: &crate::sync::Delta) -> serde_json::Result<Self> {
        serde_json::value::to_raw_value(delta).map(Self)
    }

    /// The push that holds it, stamped with the commit that made it.
    pub fn push(&self, commit: u64) -> String {
        format!(r#"{{"commit":{commit},"push":"delta","body":{}}}"#, self.0.get())
    }

    /// The answer to the command that caused it, stamped like the push.
    ///
    /// # Errors
    /// Those of `serde_json`, which these types do not cause.
    pub fn ack(&self, id: u64, ack: &Ack, commit: u64) -> serde_json::Result<String> {
        #[derive(Serialize)]
        struct Out<'a> {
            commit: u64,
            id: u64,
            ok: Body<'a>,
        }
        #[derive(Serialize)]
        struct Body<'a> {
            command: crate::ids::CommandId,
            #[serde(skip_serializing_if = "Option::is_none")]
            seq: Option<u64>,
            #[serde(skip_serializing_if = "Option::is_none")]
            rev: Option<u64>,
            delta: &'a RawValue,
        }
        let ok = Body { command: ack.command, seq: ack.seq, rev: ack.rev, delta: &self.0 };
        serde_json::to_string(&Out { commit, id, ok })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Nothing;
    use super::*;
    use crate::ids::{CommandId, ConversationId};
    use crate::sync::Delta;
    use uuid::Uuid;

    fn delta() -> Delta {
        Delta {
            conversation: ConversationId(Uuid::from_u128(2)),
            from: 3,
            to: 4,
            lineage: Some("00".into()),
            more: false,
            title: None,
            messages: vec![],
            members: vec![],
            users: vec![],
        }
    }

    #[test]
    fn one_encoding_serves_the_push_and_the_ack() {
        let encoded = EncodedDelta::new(&delta()).unwrap();
        let text = encoded.push(12);
        let pushed = parse_stamped(&text).unwrap();
        let RelayFrame::Push(push) = pushed.frame else { panic!("no push") };
        assert_eq!((pushed.commit, *push), (Some(12), Push::Delta(delta())));
        let ack = Ack {
            command: CommandId(Uuid::from_u128(1)),
            seq: Some(9),
            rev: Some(4),
            replayed: false,
            delta: None,
        };
        let text = encoded.ack(7, &ack, 12).unwrap();
        let answered = parse_stamped(&text).unwrap();
        let RelayFrame::Ok { id: 7, body } = answered.frame else { panic!("no answer") };
        assert_eq!(answered.commit, Some(12));
        assert_eq!(read::<Ack>(body).unwrap(), Ack { delta: Some(delta()), ..ack });
    }

    #[test]
    fn a_stamp_is_read_back_and_changes_nothing_else() {
        let push = Push::Removed { conversation: ConversationId(Uuid::from_u128(2)) };
        let plain = serde_json::to_string(&push).unwrap();
        for (text, commit) in [(plain.clone(), None), (stamped(u64::MAX, &plain), Some(u64::MAX))] {
            let pushed = parse_stamped(&text).unwrap();
            let RelayFrame::Push(found) = pushed.frame else { panic!("no push") };
            assert_eq!((pushed.commit, *found), (commit, push.clone()));
        }
        let text = stamped(3, &answer(1, &Nothing {}).unwrap());
        assert!(matches!(
            parse_stamped(&text).unwrap(),
            Stamped { commit: Some(3), frame: RelayFrame::Ok { id: 1, .. } }
        ));
    }

    #[test]
    fn a_push_of_a_later_version_is_unknown_and_no_error() {
        let frame = parse_relay_frame(r#"{"push":"confetti","body":{"colour":"red"}}"#).unwrap();
        assert!(matches!(frame, RelayFrame::Push(push) if *push == Push::Unknown));
        let content: crate::Content = serde_json::from_str(r#"{"type":"hologram","x":1}"#).unwrap();
        assert_eq!(content, crate::Content::Unknown);
    }
}
