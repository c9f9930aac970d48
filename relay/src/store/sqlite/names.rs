//! Names as they are looked for: folded, so that case, width and accents make no difference, and their beginnings.
//!
//! What is stored was made by these functions. To change one is to fold every name anew, in a migration.

use super::{Sqlite, sql};
use crate::store::Result;
use rusqlite::{Connection, OptionalExtension, params};
use unicode_normalization::UnicodeNormalization;

/// Characters of a beginning: fewer than the index of parts needs, which finds the rest.
pub(super) const START_CHARS: usize = 2;

/// Most of a folded name that is kept, in characters: a single character may fold to eighteen.
const FOLDED_CHARS: usize = 128;

/// Combining marks that make no difference. Those of other scripts (Japanese voicing, Indic vowels) do.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}' | '\u{FE00}'..='\u{FE0F}')
}

/// Scripts that put no space between words: Tibetan, Thai, Lao, Burmese, Khmer, Chinese, Japanese. And Korean, which
/// puts none between family and given name.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{0E00}'..='\u{109F}' | '\u{1100}'..='\u{11FF}' | '\u{1780}'..='\u{17FF}'
        | '\u{2E80}'..='\u{2FDF}' | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{312F}' | '\u{31F0}'..='\u{31FF}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}')
}

/// Letters that differ only in a stroke, or are two in one, which Unicode takes for letters of their own.
fn plain(c: char) -> &'static str {
    match c {
        'ß' => "ss",
        'ς' => "σ",
        'ı' => "i",
        'ł' => "l",
        'ø' => "o",
        'đ' => "d",
        'æ' => "ae",
        'œ' => "oe",
        _ => "",
    }
}

/// A name, or a query for one, without case, width and accents, and with single spaces.
pub(super) fn fold(text: &str) -> String {
    let lower = text.nfkd().filter(|c| !is_accent(*c)).flat_map(char::to_lowercase);
    let mut out = String::with_capacity(text.len());
    for c in lower.filter(|c| !is_accent(*c)) {
        match plain(c) {
            "" => out.push(c),
            letters => out.push_str(letters),
        }
    }
    let words: Vec<&str> = out.split_whitespace().collect();
    // Put together again, so that a Korean syllable is one character, as it looks.
    words.join(" ").nfc().take(FOLDED_CHARS).collect()
}

/// The beginnings by which the words of folded names are found, each once.
fn starts(names: [&str; 2]) -> Vec<String> {
    let mut starts = Vec::new();
    for name in names {
        let mut after_letter = false;
        for (at, c) in name.char_indices() {
            if !c.is_whitespace() && (!after_letter || is_unspaced(c)) {
                starts.push(name[at..].chars().take(START_CHARS).collect());
            }
            after_letter = c.is_alphanumeric();
        }
    }
    starts.sort_unstable();
    starts.dedup();
    starts
}

/// Folds the names of all users who are there already.
pub(super) fn fold_all(db: &Connection) -> Result<()> {
    let mut users = db.prepare("SELECT id, username, display_name FROM users")?;
    let mut rows = users.query([])?;
    while let Some(row) = rows.next()? {
        let (id, username, display_name): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let folded = fold(&display_name);
        db.prepare_cached(sql::SET_FOLDED)?.execute(params![id, folded])?;
        add_starts(db, id, &username, &folded)?;
    }
    Ok(())
}

fn add_starts(db: &Connection, user: i64, username: &str, folded: &str) -> Result<()> {
    let mut add = db.prepare_cached(sql::ADD_START)?;
    for start in starts([username, folded]) {
        add.execute(params![start, user])?;
    }
    Ok(())
}

impl Sqlite {
    /// A user was added, whose folded display name this is.
    pub(super) fn add_name(&self, user: i64, username: &str, folded: &str) -> Result<()> {
        add_starts(&self.db, user, username, folded)
    }

    /// A user's display name is this from now on.
    pub(super) fn rename(&self, user: i64, display_name: &str) -> Result<()> {
        let mut names = self.db.prepare_cached(sql::NAMES)?;
        let names = names.query_row([user], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some((username, before)): Option<(String, String)> = names else { return Ok(()) };
        let folded = fold(display_name);
        if folded == before {
            return Ok(());
        }
        for start in starts([&username, &before]) {
            self.db.prepare_cached(sql::DROP_START)?.execute(params![start, user])?;
        }
        self.db.prepare_cached(sql::SET_FOLDED)?.execute(params![user, folded])?;
        self.add_name(user, &username, &folded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_width_and_accents_make_no_difference() {
        assert_eq!(fold("  Größe ÉCOLE  Ｆｕｌｌ "), "grosse ecole full");
        assert_eq!(fold("Łódź İstanbul Ὀδυσσεύς ЯНА Æsir"), "lodz istanbul οδυσσευσ яна aesir");
        assert_eq!(fold("한국어 東京タワー ﾀﾜｰ"), "한국어 東京タワー タワー");
        assert_eq!(fold("\u{301}\u{fe0f} "), "");
        assert!(fold(&"\u{fdfa}".repeat(64)).chars().count() <= FOLDED_CHARS);
    }

    #[test]
    fn names_begin_at_words_and_in_unspaced_scripts_anywhere() {
        assert_eq!(starts(["maria.lopez", "мария o'hara 🦊"]), ["ha", "lo", "ma", "o'", "ма", "🦊"]);
        assert_eq!(starts(["yamada", "山田太郎"]), ["ya", "太郎", "山田", "田太", "郎"]);
    }
}
