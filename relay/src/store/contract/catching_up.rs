use super::{Bench, NOW, changes};
use crate::store::chat::{ConversationKey, ConversationRow, Left};
use crate::store::{Reads, Store};
use confab_protocol::{Kind, Message, Role, RunId, UserId};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A member's row: rev, who, role.
type Seat = (u64, UserId, Option<Role>);

/// A conversation as it should be: every row by its rev.
struct Model {
    row: ConversationRow,
    messages: Vec<Message>,
    members: BTreeMap<UserId, (u64, Option<Role>)>,
}

impl Model {
    /// Messages of these seqs and members that changed after `since`, by rev.
    fn since(&self, since: u64, held: impl Fn(u64) -> bool) -> (Vec<Message>, Vec<Seat>) {
        let mut messages: Vec<Message> =
            self.messages.iter().filter(|m| m.rev > since && held(m.seq)).cloned().collect();
        messages.sort_by_key(|message| message.rev);
        let members = self.members.iter().map(|(user, (rev, role))| (*rev, *user, *role));
        let mut members: Vec<_> = members.filter(|(rev, ..)| *rev > since).collect();
        members.sort_unstable();
        (messages, members)
    }

    /// Pulls pages until there are no more, and compares.
    fn compare(&self, reads: &dyn Reads, since: u64, ranges: Option<&[(u64, Option<u64>)]>, limit: usize) {
        let row = &self.row;
        let (mut at, mut messages, mut members, mut title) = (since, Vec::new(), Vec::new(), None);
        loop {
            let delta = changes(reads, row, at, ranges, limit);
            assert!(delta.from == at && (delta.to > at || at == row.rev));
            assert!(delta.messages.len() + delta.members.len() <= limit);
            assert_eq!(delta.lineage.is_some(), !delta.more);
            let revs = delta.messages.iter().map(|m| m.rev).chain(delta.members.iter().map(|m| m.rev));
            assert!(revs.into_iter().all(|rev| rev > at && rev <= delta.to), "a row outside of its page");
            assert_eq!(delta.users.len(), delta.members.len());
            messages.extend(delta.messages);
            members.extend(delta.members.iter().map(|m| (m.rev, m.user, m.role)));
            title = title.or(delta.title);
            at = delta.to;
            if !delta.more {
                break;
            }
        }
        assert_eq!(at, row.rev);
        let held = |seq: u64| {
            ranges.is_none_or(|r| r.iter().any(|(from, to)| seq >= *from && to.is_none_or(|to| seq <= to)))
        };
        let what = format!("since {since} by {limit} of {ranges:?}");
        let expected = self.since(since, held);
        assert!(messages == expected.0, "{what}: {messages:?} for {:?}", expected.0);
        assert_eq!(members, expected.1, "{what}");
        assert_eq!(title.as_ref(), Some(&row.title).filter(|_| row.title_rev > since), "{what}");
    }
}

/// A history of messages, edits, members and titles in an order that `seed` decides.
fn any_history(bench: &Bench<'_>, seed: u64) -> Model {
    let (alice, a, _) = bench.person("alice");
    let (bob, b, _) = bench.person("bob");
    let row = bench.conversation(Kind::Group, &[a, b]);
    let members = BTreeMap::from([(alice, (2, Some(Role::Member))), (bob, (3, Some(Role::Member)))]);
    let mut model = Model { row, messages: Vec::new(), members };
    let mut state = seed;
    let mut below = |bound: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % bound
    };
    for step in 0..120 {
        let at = below(model.messages.len().max(1) as u64) as usize;
        match below(100) {
            0..30 if !model.messages.is_empty() => {
                model.row.rev += 1;
                let message = &mut model.messages[at];
                (message.rev, message.content) = (model.row.rev, None);
                bench.batch(|writes| writes.save_message(model.row.key, message).unwrap());
            }
            30..40 => {
                model.row.rev += 1;
                let (rev, role) = (model.row.rev, (step % 2 == 0).then_some(Role::Admin));
                model.members.insert(bob, (rev, role));
                bench.batch(|writes| {
                    writes.save_member(model.row.key, b, role, rev, 2, &Left::default()).unwrap();
                });
            }
            40..45 => {
                model.row.rev += 1;
                model.row.title_rev = model.row.rev;
                model.row.title = step.to_string();
            }
            _ => {
                let sender = if below(2) == 0 { alice } else { bob };
                model.messages.extend(bench.write(&mut model.row, sender, &["\"x\""]));
            }
        }
    }
    model
}

pub(super) fn changes_are_every_newer_row_in_its_current_state(store: &dyn Store) {
    let bench = Bench::new(store);
    let model = any_history(&bench, 7);
    let reads = bench.reader();
    let newest = model.row.seq;
    // In steps of any size, from any rev: the same rows, in the order of their revs.
    for limit in [1, 2, 7, 1000] {
        for since in 0..=model.row.rev {
            model.compare(&*reads, since, None, limit);
            // Only what is held: the same as leaving the others out. Ranges may overlap and need not be sorted.
            model.compare(
                &*reads,
                since,
                Some(&[(21, Some(25)), (2, Some(4)), (3, Some(9)), (newest, None)]),
                limit,
            );
        }
        model.compare(&*reads, 0, Some(&[]), limit);
        model.compare(&*reads, 0, Some(&[(5, Some(4)), (newest + 1, None), (0, Some(u64::MAX))]), limit);
    }
}

pub(super) fn touched_is_what_changed_for_this_user_since(store: &dyn Store) {
    let bench = Bench::new(store);
    let (_, a, _) = bench.person("alice");
    let (_, b, _) = bench.person("bob");
    let mut rows: Vec<ConversationRow> = (0..5).map(|_| bench.conversation(Kind::Group, &[a, b])).collect();
    let first = ConversationKey(0);
    let reads = bench.reader();
    let keys: Vec<ConversationKey> = rows.iter().map(|row| row.key).collect();
    assert_eq!(reads.touched(a, None, first, 100).unwrap(), keys);
    assert_eq!(reads.touched(a, None, keys[1], 2).unwrap(), keys[2..4], "a page");
    assert_eq!(reads.touched(a, Some(1), first, 100).unwrap(), []);
    bench.batch(|writes| {
        rows[1].commit = 2;
        writes.save_conversation(&rows[1]).unwrap();
        writes.advance_mark(keys[2], b, 0, 0, 2).unwrap();
        writes.set_hidden(keys[3], b, 0, 2).unwrap();
        writes.save_member(keys[4], a, None, 9, 2, &Left::default()).unwrap();
    });
    assert_eq!(reads.touched(a, Some(1), first, 100).unwrap(), [keys[1], keys[4]]);
    assert_eq!(reads.touched(b, Some(1), first, 100).unwrap(), [keys[1], keys[3]]);
    bench.batch(|writes| {
        rows[4].commit = 3;
        writes.save_conversation(&rows[4]).unwrap();
    });
    assert_eq!(reads.touched(a, Some(2), first, 100).unwrap(), [], "what one has left changes unseen");
}

pub(super) fn runs_end_with_their_last_commit(store: &dyn Store) {
    let bench = Bench::new(store);
    let (one, two, three) = (RunId(Uuid::from_u128(1)), RunId(Uuid::from_u128(2)), RunId(Uuid::from_u128(3)));
    let (_, a, _) = bench.person("alice");
    let mut row = bench.conversation(Kind::Group, &[a]);
    bench.batch(|writes| writes.take_commits(1_000).unwrap());
    for commit in [21, 23] {
        row.commit = commit;
        bench.batch(|writes| writes.save_conversation(&row).unwrap());
        bench.batch(|writes| writes.note_commit(22).unwrap());
    }
    assert_eq!(bench.writes.run_end(one).unwrap(), Some(1_000), "it goes on");
    // No goodbye: the next process begins on what is on the disk, and gives no number a second time.
    assert_eq!(bench.batch(|writes| writes.begin_run(two, NOW).unwrap()), 1_000);
    assert_eq!(bench.writes.run_end(one).unwrap(), Some(23), "a conversation's row bears it");
    bench.batch(|writes| {
        writes.take_commits(1_500).unwrap();
        writes.note_commit(1_002).unwrap();
    });
    assert_eq!(bench.batch(|writes| writes.begin_run(three, NOW).unwrap()), 1_500);
    assert_eq!(bench.writes.run_end(one).unwrap(), Some(23));
    assert_eq!(bench.writes.run_end(two).unwrap(), Some(1_002), "none does");
    // One that made none ends where it began, which is what its welcomes named.
    bench.batch(|writes| writes.begin_run(RunId(Uuid::from_u128(4)), NOW).unwrap());
    assert_eq!(bench.writes.run_end(three).unwrap(), Some(1_500));
    assert_eq!(bench.writes.run_end(RunId(Uuid::from_u128(9))).unwrap(), None);
}
