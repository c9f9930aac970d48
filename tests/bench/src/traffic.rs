//! Messages from some to others, each counted: when it was acknowledged, when it arrived, and that it did so once.

use crate::report::percentile;
use crate::swarm::Swarm;
use anyhow::{Result, bail, ensure};
use memchr::memmem::Finder;
use std::time::{Duration, Instant};

/// The bodies' length, in bytes.
pub const BODY_BYTES: usize = 100;

/// When a sender goes on to the next message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Once this one is acknowledged.
    Acknowledged,
    /// Once all have it.
    Delivered,
}

/// One who sends, one message after the other.
#[derive(Clone, Copy)]
pub struct Sender {
    /// From which connection.
    pub conn: usize,
    /// To which of the rooms.
    pub room: usize,
}

/// What to send.
pub struct Load<'a> {
    /// The connections of each room. A connection is in one room only.
    pub rooms: &'a [Vec<usize>],
    /// Those who send.
    pub senders: &'a [Sender],
    /// When they go on.
    pub next: Next,
    /// How many messages in all.
    pub messages: usize,
}

/// How a server is spoken to. Deliveries are frames that begin with `{"push":"delta"` and hold the text;
/// acknowledgements are answers to the request with the message's number, or the sender's own delivery.
pub trait Words {
    /// The frame that sends this text as request `number`.
    fn send(&mut self, sender: Sender, number: u32, text: &str) -> Result<String>;
}

/// What came of it.
pub struct Outcome {
    /// From the first sending to the last acknowledgement.
    pub elapsed: Duration,
    /// Messages that reached another one.
    pub deliveries: usize,
    /// Deliveries that never came, came twice, or left a gap in the revs.
    pub wrong: usize,
    /// From sending to the acknowledgement, in µs.
    pub acknowledged: Vec<f64>,
    /// From sending to each delivery, in µs.
    pub received: Vec<f64>,
}

impl Outcome {
    /// Takes another run's outcome in.
    pub fn add(&mut self, more: Outcome) {
        self.elapsed += more.elapsed;
        self.deliveries += more.deliveries;
        self.wrong += more.wrong;
        self.acknowledged.extend(more.acknowledged);
        self.received.extend(more.received);
    }

    /// This share of the acknowledgements took at most so long, in µs.
    pub fn ack(&mut self, share: f64) -> f64 {
        percentile(&mut self.acknowledged, share)
    }

    /// This share of the deliveries took at most so long, in µs.
    pub fn receipt(&mut self, share: f64) -> f64 {
        percentile(&mut self.received, share)
    }
}

struct Message {
    sender: usize,
    sent: Instant,
    missing: usize,
    acknowledged: bool,
}

struct Run<'a> {
    load: &'a Load<'a>,
    messages: Vec<Message>,
    seen: Vec<u64>,
    words_per_conn: usize,
    revs: Vec<u64>,
    free: Vec<usize>,
    open: usize,
    outcome: Outcome,
    refusal: Option<String>,
    text: Finder<'static>,
}

/// Sends the load and waits until all of it has arrived, or nothing has come for five seconds.
///
/// # Errors
/// A refused message; a closed connection.
pub fn drive(swarm: &mut Swarm, words: &mut dyn Words, load: &Load<'_>) -> Result<Outcome> {
    let words_per_conn = load.messages.div_ceil(64);
    let mut run = Run {
        load,
        messages: Vec::with_capacity(load.messages),
        seen: vec![0; words_per_conn * swarm.len()],
        words_per_conn,
        revs: vec![0; swarm.len()],
        free: (0..load.senders.len()).rev().collect(),
        open: 0,
        outcome: Outcome {
            elapsed: Duration::ZERO,
            deliveries: 0,
            wrong: 0,
            acknowledged: Vec::with_capacity(load.messages),
            received: Vec::with_capacity(load.messages * (load.rooms[0].len() - 1)),
        },
        refusal: None,
        text: Finder::new(br#""text":""#),
    };
    let padding =
        "and so it goes on, as people do when they have time and nothing that presses them to be brief. ";
    let begin = Instant::now();
    let mut last = begin;
    loop {
        while run.messages.len() < load.messages {
            let Some(slot) = run.free.pop() else { break };
            let (sender, number) = (load.senders[slot], run.messages.len() as u32);
            let mut text = format!("{number:08} {padding}");
            text.truncate(BODY_BYTES);
            let frame = words.send(sender, number, &text)?;
            run.messages.push(Message {
                sender: slot,
                sent: Instant::now(),
                missing: load.rooms[sender.room].len() - 1,
                acknowledged: false,
            });
            run.open += 1;
            swarm.send(sender.conn, &frame)?;
        }
        if run.open == 0 {
            break;
        }
        if swarm.poll(Duration::from_millis(200), |conn, now, frame| run.take(conn, now, frame))? {
            last = Instant::now();
        }
        if let Some(refusal) = run.refusal.take() {
            bail!("the server refused: {refusal}");
        }
        if last.elapsed() > Duration::from_secs(5) {
            ensure!(!run.outcome.acknowledged.is_empty(), "nothing was acknowledged");
            run.outcome.wrong +=
                run.messages.iter().map(|m| m.missing + usize::from(!m.acknowledged)).sum::<usize>();
            break;
        }
    }
    // What comes twice comes after all that was waited for.
    while swarm.poll(Duration::from_millis(50), |conn, now, frame| run.take(conn, now, frame))? {}
    Ok(run.outcome)
}

impl Run<'_> {
    fn take(&mut self, conn: usize, now: Instant, frame: &[u8]) {
        if let Some(rest) = frame.strip_prefix(br#"{"id":"#) {
            if !rest.iter().take(24).any(|byte| *byte == b'o') || self.is_refusal(rest) {
                self.refusal = Some(String::from_utf8_lossy(frame).into_owned());
                return;
            }
            self.follow(conn, frame);
            self.acknowledge(digits(rest) as usize, conn, now);
        } else if frame.starts_with(br#"{"push":"delta""#) {
            self.follow(conn, frame);
            if let Some(at) = self.text.find(frame) {
                self.deliver(digits(&frame[at + 8..]) as usize, conn, now);
            }
        } else if frame.starts_with(br#"{"push":"behind""#) {
            self.outcome.wrong += 1;
        }
    }

    fn is_refusal(&self, rest: &[u8]) -> bool {
        let after = rest.iter().position(|byte| *byte == b',').unwrap_or(0);
        rest[after..].starts_with(br#","error""#)
    }

    /// The revs of a room leave no hole, where the server counts them.
    fn follow(&mut self, conn: usize, frame: &[u8]) {
        let head = &frame[..frame.len().min(220)];
        let Some(from) = memchr::memmem::find(head, br#""from":"#) else { return };
        let Some(to) = memchr::memmem::find(head, br#""to":"#) else { return };
        let (from, to) = (digits(&head[from + 7..]), digits(&head[to + 5..]));
        let known = &mut self.revs[conn];
        if *known != 0 && from != *known {
            self.outcome.wrong += 1;
        }
        *known = to;
    }

    fn acknowledge(&mut self, number: usize, conn: usize, now: Instant) {
        let Some(message) = self.messages.get_mut(number) else { return };
        if message.acknowledged || self.load.senders[message.sender].conn != conn {
            self.outcome.wrong += 1;
            return;
        }
        message.acknowledged = true;
        let took = now.saturating_duration_since(message.sent);
        self.outcome.acknowledged.push(took.as_nanos() as f64 / 1e3);
        self.outcome.elapsed = self.outcome.elapsed.max(now.saturating_duration_since(self.messages[0].sent));
        self.progress(number, true);
    }

    fn deliver(&mut self, number: usize, conn: usize, now: Instant) {
        let Some(message) = self.messages.get_mut(number) else { return };
        let sender = self.load.senders[message.sender];
        if sender.conn == conn {
            return self.acknowledge(number, conn, now);
        }
        let word = &mut self.seen[conn * self.words_per_conn + number / 64];
        if *word & (1 << (number % 64)) != 0 || message.missing == 0 {
            self.outcome.wrong += 1;
            return;
        }
        *word |= 1 << (number % 64);
        message.missing -= 1;
        self.outcome.deliveries += 1;
        let took = now.saturating_duration_since(message.sent);
        self.outcome.received.push(took.as_nanos() as f64 / 1e3);
        self.progress(number, false);
    }

    /// Frees the sender if this was what it waited for.
    fn progress(&mut self, number: usize, by_ack: bool) {
        let message = &self.messages[number];
        let whole = message.acknowledged && message.missing == 0;
        self.open -= usize::from(whole);
        let go_on = match self.load.next {
            Next::Acknowledged => by_ack,
            Next::Delivered => whole,
        };
        if go_on {
            self.free.push(message.sender);
        }
    }
}

/// The number at the start; 0 if there is none.
pub fn digits(bytes: &[u8]) -> u64 {
    let mut number = 0u64;
    for byte in bytes.iter().take_while(|byte| byte.is_ascii_digit()).take(18) {
        number = number * 10 + u64::from(byte - b'0');
    }
    number
}
