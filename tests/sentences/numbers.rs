//! The numbers of a sentence, as the one formatter writes them.

/// What is read off a text: its kind is in its words, so `20` is a count, `20 s` a length of time, `20 %` a share.
pub fn numbers(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        if !letters[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let begins = at;
        // Part of a name, of a percentile or of a hash: p99.9, model_1, 9f3c1a7e.
        let mut front = begins;
        while front > 0 && is_name(letters[front - 1]) {
            front -= 1;
        }
        at = end_of_number(&letters, at);
        let named = letters[front..begins].iter().any(|letter| letter.is_alphabetic() || *letter == '_');
        if named {
            while at < letters.len() && is_name(letters[at]) {
                at += 1;
            }
            continue;
        }
        let number: String = letters[begins..at].iter().collect();
        let (words, end) = with_unit(&letters, begins, at, number);
        at = end;
        found.extend(words);
    }
    found
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '.'
}

/// Digits with thousands separators and decimals; a comma or a point at the end belongs to the sentence.
fn end_of_number(letters: &[char], mut at: usize) -> usize {
    while at < letters.len() {
        let inside = letters[at].is_ascii_digit()
            || (matches!(letters[at], ',' | '.') && letters.get(at + 1).is_some_and(char::is_ascii_digit));
        if !inside {
            break;
        }
        at += 1;
    }
    at
}

/// The number with what follows it: `$` before, `/s` or ` %` behind, or units of time, which may go on.
fn with_unit(letters: &[char], begins: usize, mut at: usize, number: String) -> (Option<String>, usize) {
    if begins > 0 && letters[begins - 1] == '$' {
        return (Some(format!("${number}")), at);
    }
    let rest: String = letters[at..].iter().take(12).collect();
    if rest.starts_with("/s") {
        return (Some(format!("{number}/s")), at + 2);
    }
    if rest.starts_with("\u{a0}%") {
        return (Some(format!("{number}\u{a0}%")), at + 2);
    }
    if rest.starts_with("-second") || rest.starts_with("-minute") || rest.starts_with("-hour") {
        // The width of a chart's bins, chosen by its scale.
        return (None, at);
    }
    let mut words = number;
    let mut timed = false;
    while let Some(unit) = unit_at(letters, at) {
        timed = true;
        words.push_str(&format!("\u{a0}{unit}"));
        at += 1 + unit.len();
        let next = at + 1;
        let goes_on = letters.get(at) == Some(&'\u{a0}') && letters.get(next).is_some_and(char::is_ascii_digit);
        if !goes_on || matches!(unit, "ms" | "s") {
            break;
        }
        let end = end_of_number(letters, next);
        if unit_at(letters, end).is_none() {
            break;
        }
        words.push('\u{a0}');
        words.extend(&letters[next..end]);
        at = end;
    }
    if !timed && letters.get(at).is_some_and(|letter| letter.is_alphabetic()) {
        // A word that begins with a digit: 10min, 512MB, 94a58dd5: as the scenario writes it.
        while at < letters.len() && is_name(letters[at]) {
            at += 1;
        }
        return (None, at);
    }
    (Some(words), at)
}

fn unit_at(letters: &[char], at: usize) -> Option<&'static str> {
    (letters.get(at) == Some(&'\u{a0}')).then_some(())?;
    ["min", "ms", "h", "s"].into_iter().find(|unit| {
        let follows: String = letters[at + 1..].iter().take(unit.len()).collect();
        let ends = letters.get(at + 1 + unit.len()).is_none_or(|letter| !letter.is_alphanumeric());
        follows == *unit && ends
    })
}

#[test]
fn numbers_are_read_with_their_units_and_names_are_left_alone() {
    let said = "Of 54,105 orders p99.9 was 4\u{a0}min\u{a0}47\u{a0}s, 57.3\u{a0}% at 66.5/s for $0.053; 10-second means; all but 3, \
                9f3c1a7e model_2 10min +490\u{a0}ms.";
    assert_eq!(
        numbers(said),
        ["54,105", "4\u{a0}min\u{a0}47\u{a0}s", "57.3\u{a0}%", "66.5/s", "$0.053", "3", "490\u{a0}ms"]
    );
}
