//! What was measured, beside its reference and its target: one table for people, one JSON file for machines.

use serde::Serialize;
use std::fmt::Write as _;

/// What a value must not pass.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The value itself, at most.
    AtMost(f64),
    /// The value itself, at least.
    AtLeast(f64),
    /// The value divided by the reference, at most.
    RatioAtMost(f64),
    /// Both: the value itself, and the value divided by the reference, at most.
    Within {
        /// The value.
        value: f64,
        /// The value divided by the reference.
        ratio: f64,
    },
}

/// One line of the table.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The part that measured it.
    pub part: &'static str,
    /// What.
    pub what: String,
    /// How much.
    pub value: f64,
    /// Of what.
    pub unit: &'static str,
    /// The same of the bare reference in this run.
    pub reference: Option<f64>,
    /// What the reference is.
    pub beside: Option<&'static str>,
    /// What was promised.
    pub target: Option<Target>,
    /// Whether the promise holds; `None` without one.
    pub pass: Option<bool>,
}

impl Row {
    /// A value with neither reference nor target.
    pub fn new(part: &'static str, what: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { part, what: what.into(), value, unit, reference: None, beside: None, target: None, pass: None }
    }

    /// Puts the reference beside it.
    pub fn beside(mut self, what: &'static str, reference: f64) -> Self {
        (self.beside, self.reference) = (Some(what), Some(reference));
        self
    }

    /// Holds it to a target. Comes after [`Row::beside`].
    pub fn target(mut self, target: Target) -> Self {
        self.target = Some(target);
        self.pass = match target {
            Target::AtMost(limit) => Some(self.value <= limit),
            Target::AtLeast(limit) => Some(self.value >= limit),
            // Without its reference a ratio cannot be kept.
            Target::RatioAtMost(limit) => Some(self.ratio_within(limit)),
            Target::Within { value, ratio } => Some(self.value <= value && self.ratio_within(ratio)),
        };
        self
    }

    fn ratio_within(&self, limit: f64) -> bool {
        self.ratio().is_some_and(|ratio| ratio <= limit)
    }

    /// The value divided by the reference.
    pub fn ratio(&self) -> Option<f64> {
        self.reference.filter(|reference| *reference > 0.0).map(|reference| self.value / reference)
    }
}

/// The table, in Markdown that also reads well as it stands.
pub fn table(rows: &[Row]) -> String {
    let mut lines =
        vec![["", "measured", "value", "bare reference", "ratio", "target", ""].map(String::from)];
    let mut part = "";
    for row in rows {
        let shown = if row.part == part { "" } else { row.part };
        part = row.part;
        let reference = match (row.reference, row.beside) {
            (Some(value), Some(what)) => format!("{} ({what})", amount(value, row.unit)),
            _ => String::new(),
        };
        let target = match row.target {
            Some(Target::AtMost(limit)) => format!("≤ {}", amount(limit, row.unit)),
            Some(Target::AtLeast(limit)) => format!("≥ {}", amount(limit, row.unit)),
            Some(Target::RatioAtMost(limit)) => format!("≤ {limit} ×"),
            Some(Target::Within { value, ratio }) => format!("≤ {}, ≤ {ratio} ×", amount(value, row.unit)),
            None => String::new(),
        };
        let mark = match row.pass {
            Some(true) => "pass",
            Some(false) => "MISS",
            None => "",
        };
        lines.push([
            shown.to_owned(),
            row.what.clone(),
            amount(row.value, row.unit),
            reference,
            row.ratio().map(|ratio| format!("{ratio:.2} ×")).unwrap_or_default(),
            target,
            mark.to_owned(),
        ]);
    }
    let width =
        |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; 7] = std::array::from_fn(width);
    let mut out = String::new();
    for (number, line) in lines.iter().enumerate() {
        for (cell, width) in line.iter().zip(widths) {
            let _ = write!(out, "| {cell}{} ", " ".repeat(width - cell.chars().count()));
        }
        out.push_str("|\n");
        if number == 0 {
            for width in widths {
                let _ = write!(out, "|{}", "-".repeat(width + 2));
            }
            out.push_str("|\n");
        }
    }
    out
}

fn amount(value: f64, unit: &str) -> String {
    let number = match value.abs() {
        _ if value.fract() == 0.0 && value.abs() < 1000.0 => format!("{value:.0}"),
        size if size < 10.0 => format!("{value:.2}"),
        size if size < 100.0 => format!("{value:.1}"),
        size if size < 10_000.0 => format!("{value:.0}"),
        _ => thousands(value),
    };
    format!("{number} {unit}").trim_end().to_owned()
}

fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The value below which this share of the values lies. The values are put in order.
pub fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((last as f64 * share).round() as usize).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_held_to_the_value_or_to_the_ratio() {
        let row = |target| Row::new("x", "y", 3.0, "ms").beside("bare", 2.0).target(target).pass;
        assert_eq!(row(Target::AtMost(3.0)), Some(true));
        assert_eq!(row(Target::AtMost(2.9)), Some(false));
        assert_eq!(row(Target::AtLeast(3.1)), Some(false));
        assert_eq!(row(Target::RatioAtMost(1.5)), Some(true));
        assert_eq!(row(Target::RatioAtMost(1.4)), Some(false));
        assert_eq!(row(Target::Within { value: 3.0, ratio: 1.5 }), Some(true));
        assert_eq!(row(Target::Within { value: 2.9, ratio: 1.5 }), Some(false));
        assert_eq!(row(Target::Within { value: 3.0, ratio: 1.4 }), Some(false));
        assert_eq!(Row::new("x", "y", 0.1, "ms").target(Target::RatioAtMost(9.0)).pass, Some(false));
    }

    #[test]
    fn percentiles_are_values_that_occurred() {
        let mut values = vec![5.0, 1.0, 4.0, 2.0, 3.0];
        assert_eq!(percentile(&mut values, 0.5), 3.0);
        assert_eq!(percentile(&mut values, 0.99), 5.0);
        assert!(percentile(&mut [], 0.5).is_nan());
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(amount(24_800.4, "/s"), "24,800 /s");
        assert_eq!(amount(0.853, "µs"), "0.85 µs");
        assert_eq!(amount(300.0, "ms"), "300 ms");
        assert_eq!(amount(1_234_567.0, ""), "1,234,567");
    }
}
