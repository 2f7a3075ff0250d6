//! What somebody may have meant who wrote a word that does not exist.

/// The candidate nearest to `word`, when one is near: about one slip in three characters. Case does not count.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.to_lowercase().chars().collect();
    let most = (word.len() / 3).max(1);
    let scored = candidates.into_iter().map(|candidate| (distance(&word, candidate), candidate));
    scored.filter(|(slips, _)| *slips <= most).min_by_key(|(slips, _)| *slips).map(|(_, candidate)| candidate)
}

/// What to say behind an unknown word: `, did you mean ..?`, or the words that there are.
pub(super) fn hint<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(word, candidates.clone()) {
        Some(near) => format!(", did you mean `{near}`?"),
        None => format!("; there are {}", candidates.into_iter().collect::<Vec<_>>().join(", ")),
    }
}

/// How many characters must be added, left out, changed or swapped with their neighbour.
fn distance(word: &[char], candidate: &str) -> usize {
    let candidate: Vec<char> = candidate.to_lowercase().chars().collect();
    let mut before = vec![0; candidate.len() + 1];
    let mut last: Vec<usize> = (0..=candidate.len()).collect();
    for (i, &a) in word.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &b) in candidate.iter().enumerate() {
            let mut slips = (last[j] + usize::from(a != b)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a == candidate[j - 1] && word[i - 1] == b {
                slips = slips.min(before[j - 1] + 1);
            }
            row.push(slips);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[candidate.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_forgiven_and_nonsense_is_not() {
        let words = ["port", "keep", "keep_bytes", "mouse", "masked_headers"];
        for (word, meant) in [
            ("prot", Some("port")),
            ("Port", Some("port")),
            ("keeps", Some("keep")),
            ("keep-bytes", Some("keep_bytes")),
            ("maskedheader", Some("masked_headers")),
            ("frobnicate", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, words), meant, "{word}");
        }
    }

    #[test]
    fn without_a_near_word_all_are_named() {
        assert_eq!(hint("sied", ["side", "single"]), ", did you mean `side`?");
        assert_eq!(hint("wide open", ["auto", "single"]), "; there are auto, single");
    }
}
