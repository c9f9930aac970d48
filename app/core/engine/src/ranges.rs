//! Sets of seqs as ranges: which messages of a conversation are held.

/// Inclusive ranges, in order, that neither overlap nor touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RangeSet(Vec<(u64, u64)>);

impl RangeSet {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// From ranges in any order; those that are empty (`from` above `to`) are left out.
    pub fn from_ranges(ranges: impl IntoIterator<Item = (u64, u64)>) -> Self {
        let mut set = Self::new();
        for (from, to) in ranges {
            set.insert(from, to);
        }
        set
    }

    /// Adds `from..=to`; nothing if `from` is above `to`.
    pub fn insert(&mut self, from: u64, to: u64) {
        if from > to {
            return;
        }
        // The common case by far: the next message at the end.
        if let Some(last) = self.0.last_mut()
            && from >= last.0
        {
            if from <= last.1.saturating_add(1) {
                last.1 = last.1.max(to);
            } else {
                self.0.push((from, to));
            }
            return;
        }
        let start = self.0.partition_point(|&(_, end)| end.saturating_add(1) < from);
        let stop = self.0.partition_point(|&(begin, _)| begin <= to.saturating_add(1));
        let mut merged = (from, to);
        for &(begin, end) in &self.0[start..stop] {
            merged = (merged.0.min(begin), merged.1.max(end));
        }
        self.0.splice(start..stop, [merged]);
    }

    /// Takes out everything below `first`.
    pub fn clip_below(&mut self, first: u64) {
        self.0.retain(|&(_, to)| to >= first);
        if let Some(range) = self.0.first_mut() {
            range.0 = range.0.max(first);
        }
    }

    /// Whether `seq` is in it.
    pub fn contains(&self, seq: u64) -> bool {
        self.around(seq).is_some()
    }

    /// Whether all of `from..=to` is in it; so for an empty range.
    pub fn covers(&self, from: u64, to: u64) -> bool {
        from > to || self.around(from).is_some_and(|(_, end)| end >= to)
    }

    /// The range that holds `seq`.
    pub fn around(&self, seq: u64) -> Option<(u64, u64)> {
        let at = self.0.partition_point(|&(_, to)| to < seq);
        self.0.get(at).copied().filter(|&(from, _)| from <= seq)
    }

    /// The largest seq in it; 0 if it is empty.
    pub fn end(&self) -> u64 {
        self.0.last().map_or(0, |&(_, to)| to)
    }

    /// How many seqs are in it.
    pub fn count(&self) -> u64 {
        self.0.iter().map(|&(from, to)| to - from + 1).sum()
    }

    /// Nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The ranges, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (u64, u64)> + '_ {
        self.0.iter().copied()
    }

    /// What is missing of `from..=to`, in order.
    pub fn holes(&self, from: u64, to: u64) -> Vec<(u64, u64)> {
        let mut holes = Vec::new();
        let mut next = from;
        for &(begin, end) in &self.0 {
            if next > to || begin > to {
                break;
            }
            if begin > next {
                holes.push((next, begin - 1));
            }
            next = next.max(end.saturating_add(1));
        }
        if next <= to {
            holes.push((next, to));
        }
        holes
    }

    /// The ranges to ask changes of: those that are held, the last one open, at most `most` of them. Where two are
    /// nearer than `gap`, or where there are too many, what lies between is asked for too.
    pub fn to_ask(&self, gap: u64, most: usize) -> Vec<(u64, Option<u64>)> {
        let mut asked: Vec<(u64, u64)> = Vec::with_capacity(self.0.len());
        for &(from, to) in &self.0 {
            match asked.last_mut() {
                Some(last) if from - last.1 <= gap => last.1 = to,
                _ => asked.push((from, to)),
            }
        }
        while asked.len() > most.max(1) {
            // Closing the narrowest gap costs the fewest rows.
            let narrowest = (1..asked.len()).min_by_key(|&i| asked[i].0 - asked[i - 1].1).unwrap_or(1);
            asked[narrowest - 1].1 = asked[narrowest].1;
            asked.remove(narrowest);
        }
        let last = asked.len().saturating_sub(1);
        asked.into_iter().enumerate().map(|(i, (from, to))| (from, (i != last).then_some(to))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn set(ranges: &[(u64, u64)]) -> RangeSet {
        RangeSet::from_ranges(ranges.iter().copied())
    }

    #[test]
    fn touching_ranges_become_one() {
        assert_eq!(set(&[(1, 3), (4, 6), (9, 9)]), set(&[(9, 9), (1, 6)]));
        assert_eq!(set(&[(1, 2), (8, 9), (5, 5), (3, 7)]).iter().collect::<Vec<_>>(), vec![(1, 9)]);
    }

    #[test]
    fn what_is_asked_covers_what_is_held_and_ends_open() {
        let held = set(&[(1, 10), (12, 20), (500, 510), (600, 700)]);
        assert_eq!(held.to_ask(5, 64), vec![(1, Some(20)), (500, Some(510)), (600, None)]);
        assert_eq!(held.to_ask(5, 2), vec![(1, Some(20)), (500, None)]);
        assert_eq!(RangeSet::new().to_ask(5, 2), vec![]);
    }

    proptest! {
        #[test]
        fn a_range_set_is_a_set(ops in prop::collection::vec((1u64..60, 0u64..12), 0..40), first in 1u64..60) {
            let mut ranges = RangeSet::new();
            let mut model = BTreeSet::new();
            for (from, len) in ops {
                ranges.insert(from, from + len);
                model.extend(from..=from + len);
            }
            prop_assert_eq!(ranges.count() as usize, model.len());
            for seq in 0..80 {
                prop_assert_eq!(ranges.contains(seq), model.contains(&seq));
            }
            let holes: BTreeSet<u64> = ranges.holes(5, 70).into_iter().flat_map(|(a, b)| a..=b).collect();
            prop_assert_eq!(&holes, &(5..=70).filter(|s| !model.contains(s)).collect::<BTreeSet<_>>());
            let pairs: Vec<_> = ranges.iter().collect();
            prop_assert!(pairs.windows(2).all(|w| w[0].1 + 1 < w[1].0), "neither overlapping nor touching");
            prop_assert_eq!(ranges.covers(10, 20), (10..=20).all(|s| model.contains(&s)));
            let asked = ranges.to_ask(3, 4);
            prop_assert!(asked.len() <= 4);
            for seq in &model {
                prop_assert!(asked.iter().any(|&(a, b)| a <= *seq && b.is_none_or(|b| *seq <= b)));
            }
            ranges.clip_below(first);
            model.retain(|s| *s >= first);
            prop_assert_eq!(ranges, RangeSet::from_ranges(model.into_iter().map(|s| (s, s))));
        }
    }
}
