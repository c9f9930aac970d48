//! Folding texts for search: case, width and diacritics make no difference.

use unicode_normalization::UnicodeNormalization;

/// Combining marks that make no difference. Those of other scripts (Japanese voicing, Indic vowels) do.
fn is_diacritic(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}' | '\u{FE00}'..='\u{FE0F}')
}

fn fold_char(c: char, mut each: impl FnMut(char)) {
    if c.is_ascii() {
        each(c.to_ascii_lowercase());
        return;
    }
    for decomposed in std::iter::once(c).nfkd() {
        if is_diacritic(decomposed) {
            continue;
        }
        for lower in decomposed.to_lowercase() {
            match lower {
                'ß' => {
                    each('s');
                    each('s');
                }
                'ς' => each('σ'),
                'ı' => each('i'),
                'ł' => each('l'),
                'ø' => each('o'),
                'đ' => each('d'),
                'æ' => {
                    each('a');
                    each('e');
                }
                'œ' => {
                    each('o');
                    each('e');
                }
                mark if is_diacritic(mark) => {}
                other => each(other),
            }
        }
    }
}

/// The folded text.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        fold_char(c, |c| out.push(c));
    }
    out
}

/// The folded text, and for each of its bytes the byte of the text where the character that it came from begins.
pub(crate) fn fold_with_places(text: &str) -> (String, Vec<usize>) {
    let mut out = String::with_capacity(text.len());
    let mut places = Vec::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        fold_char(c, |c| {
            out.push(c);
            places.resize(out.len(), at);
        });
    }
    (out, places)
}

/// The words of a query, folded. Every one of them must be somewhere in a text.
pub(crate) fn words(query: &str) -> Vec<String> {
    let mut words: Vec<String> = fold(query).split_whitespace().map(str::to_owned).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.dedup();
    words
}

/// A character as it stands in a token: the index's tokenizer takes ASCII signs for separators.
fn token_char(c: char) -> char {
    if c.is_ascii() && !c.is_ascii_alphanumeric() {
        char::from_u32(0xE000 + u32::from(c)).unwrap_or(c)
    } else {
        c
    }
}

/// The index's tokens of a folded text: every pair of neighbours, and every character once.
pub(crate) fn tokens(folded: &str, out: &mut String) {
    let mut seen_ascii = 0u128;
    let mut seen: Vec<char> = Vec::new();
    let mut before: Option<char> = None;
    for c in folded.chars() {
        if c.is_whitespace() || c == '\0' {
            before = None;
            continue;
        }
        let c = token_char(c);
        if let Some(before) = before {
            out.push(before);
            out.push(c);
            out.push(' ');
        }
        before = Some(c);
        let new = if c.is_ascii() {
            let bit = 1u128 << u32::from(c);
            let new = seen_ascii & bit == 0;
            seen_ascii |= bit;
            new
        } else if seen.contains(&c) {
            false
        } else {
            // A text of thousands of different signs need not be compared with all of them.
            if seen.len() < 64 {
                seen.push(c);
            }
            true
        };
        if new {
            out.push(c);
            out.push(' ');
        }
    }
}

/// The tokens that a text must have to hold this word.
pub(crate) fn tokens_of_word(word: &str) -> Vec<String> {
    let chars: Vec<char> = word.chars().map(token_char).collect();
    match chars.as_slice() {
        [] => Vec::new(),
        [one] => vec![one.to_string()],
        many => {
            let mut tokens: Vec<String> = many.windows(2).map(|pair| pair.iter().collect()).collect();
            tokens.sort_unstable();
            tokens.dedup();
            tokens
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn case_width_and_diacritics_make_no_difference() {
        assert_eq!(fold("Größe ÉCOLE Ｆｕｌｌ"), fold("GRÖSSE école full"));
        assert_eq!(fold("Łódź"), "lodz");
        assert_eq!(fold("İstanbul"), "istanbul");
        assert_eq!(fold("Ὀδυσσεύς"), fold("ΟΔΥΣΣΕΥΣ"));
        assert_eq!(fold("e\u{301}"), "e");
    }

    #[test]
    fn scripts_without_case_stay_what_they_are() {
        assert_eq!(fold("東京タワー"), "東京タワー");
        assert!(fold("한국어").contains(&fold("국")));
    }

    proptest! {
        #[test]
        fn a_text_has_the_tokens_of_all_its_parts(text in "\\PC{0,40}", from in 0usize..40, len in 1usize..10) {
            let folded = fold(&text);
            let mut tokens = String::new();
            super::tokens(&folded, &mut tokens);
            let have: std::collections::HashSet<&str> = tokens.split(' ').collect();
            let part: String = folded.chars().skip(from).take(len).collect();
            for word in part.split_whitespace() {
                for token in tokens_of_word(word) {
                    prop_assert!(have.contains(token.as_str()), "{token:?} of {word:?} in {folded:?}");
                }
            }
        }

        #[test]
        fn places_point_at_the_characters_that_were_folded(text in "\\PC{0,40}") {
            let (folded, places) = fold_with_places(&text);
            prop_assert_eq!(&folded, &fold(&text));
            prop_assert_eq!(folded.len(), places.len());
            prop_assert!(places.iter().all(|at| text.is_char_boundary(*at)));
            prop_assert!(places.windows(2).all(|w| w[0] <= w[1]));
        }
    }
}
