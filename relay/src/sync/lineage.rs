//! The lineage of a conversation: a digest of its whole history, advanced with every rev.
//!
//! Two histories with equal revs and different lineages are different ones: a backup was put back and went another way.
//! It tells accidents apart; it is no defence against someone who can write the database.

use confab_protocol::RunId;
use uuid::Uuid;

/// The lineage after a change: `rev` is the new rev, `row` the id of the row that changed.
pub fn advance(lineage: u64, run: RunId, rev: u64, row: Uuid) -> u64 {
    let (run_high, run_low) = run.0.as_u64_pair();
    let (row_high, row_low) = row.as_u64_pair();
    [run_high, run_low, rev, row_high, row_low].into_iter().fold(lineage, |mixed, word| mix(mixed ^ word))
}

/// As it stands in the wire.
pub fn text(lineage: u64) -> String {
    format!("{lineage:016x}")
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014), with an
/// offset, so that zero moves too.
fn mix(word: u64) -> u64 {
    let mut z = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_counts() {
        let run = RunId(Uuid::from_u128(1));
        let base = advance(0, run, 1, Uuid::from_u128(5));
        assert_eq!(base, advance(0, run, 1, Uuid::from_u128(5)));
        for other in [
            advance(1, run, 1, Uuid::from_u128(5)),
            advance(0, RunId(Uuid::from_u128(2)), 1, Uuid::from_u128(5)),
            advance(0, run, 2, Uuid::from_u128(5)),
            advance(0, run, 1, Uuid::from_u128(6)),
        ] {
            assert_ne!(base, other);
        }
    }
}
