//! Search: candidates from the index, newest first, verified on the text.

use super::Views;
use crate::convert::{Id, uint};
use crate::error::{Result, StoreError};
use crate::fold;
use crate::rows::conversations;
use crate::search;
use crate::view::{SearchHit, SearchView};
use confab_protocol::{ConversationId, MessageId, UserId};
use rusqlite::{Row, params};
use std::collections::HashMap;

/// Most hits in a page.
const HITS_MOST: usize = 200;
/// Candidates that one page looks at. If they do not fill it, it is short and says where to go on.
const CANDIDATES_MOST: usize = 5_000;
/// Characters of a text that are shown around its first match: before, and in all.
const SNIPPET_BEFORE: usize = 40;
const SNIPPET_CHARS: usize = 160;
/// Most matching places in a snippet.
const MATCHES_MOST: usize = 50;

struct Candidate {
    doc: i64,
    account: i64,
    conv: i64,
    seq: u64,
    id: MessageId,
    sender: UserId,
    at: u64,
    text: String,
}

fn candidate(row: &Row<'_>) -> rusqlite::Result<Candidate> {
    Ok(Candidate {
        doc: row.get(0)?,
        account: row.get(1)?,
        conv: row.get(2)?,
        seq: uint(row.get(3)?),
        id: MessageId(row.get::<_, Id>(4)?.0),
        sender: UserId(row.get::<_, Id>(5)?.0),
        at: uint(row.get(6)?),
        text: row.get::<_, Option<String>>(7)?.unwrap_or_default(),
    })
}

impl Views<'_> {
    /// Finds the messages that have every word of `text` (or something that has it as a part) in them, in one
    /// conversation or in all, newest first. `next` is that of an earlier page.
    ///
    /// # Errors
    /// The database's.
    pub fn search(
        &self,
        text: &str,
        conversation: Option<ConversationId>,
        next: Option<&str>,
        limit: u32,
    ) -> Result<SearchView> {
        let conv = match conversation {
            Some(id) => match conversations::number(self.db, self.account, id)? {
                Some(conv) => Some(conv),
                None => return Ok(SearchView { hits: Vec::new(), next: None, not_searched: 0 }),
            },
            None => None,
        };
        let not_searched = self.not_searched(conv)?;
        let words = fold::words(text);
        if words.is_empty() {
            return Ok(SearchView { hits: Vec::new(), next: None, not_searched });
        }
        let before = next.and_then(|next| next.parse().ok()).unwrap_or(i64::MAX);
        let limit = (limit as usize).clamp(1, HITS_MOST);
        let me = self.me_id()?;
        let mut statement = self.db.prepare_cached(
            "SELECT m.doc, m.account, m.conv, m.seq, m.id, m.sender, m.at, m.text
             FROM search_index i JOIN messages m ON m.doc = i.rowid
             WHERE i.search_index MATCH ?1 AND i.rowid < ?2 ORDER BY i.rowid DESC",
        )?;
        let mut rows = statement.query(params![search::expression(&words, conv), before])?;
        let mut titles: HashMap<i64, (ConversationId, String)> = HashMap::new();
        let mut view = SearchView { hits: Vec::new(), next: None, not_searched };
        let mut looked_at = 0;
        while let Some(row) = rows.next()? {
            let found = candidate(row)?;
            looked_at += 1;
            if found.account == self.account && conv.is_none_or(|conv| conv == found.conv) {
                let folded = fold::fold(&found.text);
                if words.iter().all(|word| folded.contains(word.as_str())) {
                    view.hits.push(self.hit(&found, &words, me, &mut titles)?);
                }
            }
            if view.hits.len() == limit || looked_at == CANDIDATES_MOST {
                view.next = rows.next()?.is_some().then(|| found.doc.to_string());
                break;
            }
        }
        // Within one second the numbers do not tell the order.
        view.hits.sort_by(|a, b| {
            (b.at / 1000).cmp(&(a.at / 1000)).then_with(|| {
                if a.conversation == b.conversation { b.seq.cmp(&a.seq) } else { b.at.cmp(&a.at) }
            })
        });
        Ok(view)
    }

    fn hit(
        &self,
        found: &Candidate,
        words: &[String],
        me: UserId,
        titles: &mut HashMap<i64, (ConversationId, String)>,
    ) -> Result<SearchHit> {
        let (conversation, title) = match titles.get(&found.conv) {
            Some(known) => known.clone(),
            None => {
                let held = conversations::get(self.db, found.conv)?
                    .ok_or_else(|| StoreError::Unreadable("a message without its conversation".into()))?;
                let title = self.header(held.id, 0)?.map(|header| header.row.title).unwrap_or_default();
                titles.entry(found.conv).or_insert((held.id, title)).clone()
            }
        };
        let (snippet, matches) = snippet(&found.text, words);
        Ok(SearchHit {
            conversation,
            title,
            message: found.id,
            seq: found.seq,
            sender_name: self.display_name(found.sender)?,
            own: found.sender == me,
            at: found.at,
            snippet,
            matches,
        })
    }

    /// Messages that exist and that the index does not have: those in holes, and those it has not come to yet.
    fn not_searched(&self, conv: Option<i64>) -> Result<u64> {
        let (missing, waiting): (i64, i64) = match conv {
            Some(conv) => self
                .db
                .prepare_cached(
                    "SELECT (SELECT coalesce(sum(missing), 0) FROM summaries WHERE conv = ?2),
                            (SELECT count(*) FROM unindexed WHERE account = ?1 AND conv = ?2)",
                )?
                .query_row(params![self.account, conv], |row| Ok((row.get(0)?, row.get(1)?)))?,
            None => self
                .db
                .prepare_cached(
                    "SELECT (SELECT coalesce(sum(missing), 0) FROM summaries WHERE account = ?1 AND missing > 0),
                            (SELECT count(*) FROM unindexed WHERE account = ?1)",
                )?
                .query_row([self.account], |row| Ok((row.get(0)?, row.get(1)?)))?,
        };
        Ok(uint(missing) + uint(waiting))
    }
}

/// The text around the first place that matches, on one line, and the places in it in UTF-16 code units.
fn snippet(text: &str, words: &[String]) -> (String, Vec<(u32, u32)>) {
    let (folded, places) = fold::fold_with_places(text);
    let first = words.iter().filter_map(|word| folded.find(word.as_str())).min().unwrap_or(0);
    let anchor = places.get(first).copied().unwrap_or(0);
    let start = text[..anchor].char_indices().rev().take(SNIPPET_BEFORE).last().map_or(anchor, |(at, _)| at);
    let end = text[start..].char_indices().nth(SNIPPET_CHARS).map_or(text.len(), |(at, _)| start + at);
    let mut shown = String::new();
    if start > 0 {
        shown.push('…');
    }
    // A line break is one character and becomes one, so that places stay what they are.
    shown.extend(text[start..end].chars().map(|c| if c.is_whitespace() { ' ' } else { c }));
    if end < text.len() {
        shown.push('…');
    }
    (shown.clone(), matches(&shown, words))
}

fn matches(shown: &str, words: &[String]) -> Vec<(u32, u32)> {
    let (folded, places) = fold::fold_with_places(shown);
    let mut found: Vec<(usize, usize)> = Vec::new();
    for word in words {
        for (at, part) in folded.match_indices(word.as_str()).take(MATCHES_MOST) {
            let from = places[at];
            let last = places[at + part.len() - 1];
            let to = shown[last..].chars().next().map_or(shown.len(), |c| last + c.len_utf8());
            found.push((from, to));
        }
    }
    found.sort_unstable();
    let mut merged: Vec<(usize, usize)> = Vec::new();
    for (from, to) in found {
        match merged.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => merged.push((from, to)),
        }
    }
    let utf16 = |at: usize| u32::try_from(shown[..at].encode_utf16().count()).unwrap_or(u32::MAX);
    merged.into_iter().take(MATCHES_MOST).map(|(from, to)| (utf16(from), utf16(to))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_as_javascript_counts() {
        let (shown, places) = snippet("😀 Größe", &["grosse".to_owned()]);
        assert_eq!(shown, "😀 Größe");
        assert_eq!(places, vec![(3, 8)]);
    }

    #[test]
    fn a_long_text_is_cut_around_the_first_match() {
        let text = format!("{} needle {}", "x".repeat(500), "y".repeat(500));
        let (shown, places) = snippet(&text, &["needle".to_owned()]);
        assert!(shown.starts_with('…') && shown.ends_with('…') && shown.contains("needle"));
        let (from, to) = (places[0].0 as usize, places[0].1 as usize);
        let units: Vec<u16> = shown.encode_utf16().collect();
        assert_eq!(String::from_utf16(&units[from..to]).unwrap(), "needle");
    }
}
