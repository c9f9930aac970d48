//! All chance of a run comes from one seed.

pub use confab_engine::Random;

/// What a simulation asks of chance.
pub trait Dice {
    /// A number from `low` to `high` inclusive.
    fn between(&mut self, low: u64, high: u64) -> u64;
    /// True once in `n` times; never if `n` is 0.
    fn once_in(&mut self, n: u64) -> bool;
    /// One of them; `None` if there are none.
    fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T>;
    /// A source of its own for one part, so that parts do not disturb one another.
    fn part(&mut self) -> Random;
}

impl Dice for Random {
    fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.up_to(high - low)
    }

    fn once_in(&mut self, n: u64) -> bool {
        n > 0 && self.up_to(n - 1) == 0
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let last = (of.len() as u64).checked_sub(1)?;
        of.get(self.up_to(last) as usize)
    }

    fn part(&mut self) -> Random {
        Random::new(self.bits())
    }
}
