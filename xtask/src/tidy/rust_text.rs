//! A Rust file split into code, strings and comments, without parsing it: enough to count lines and to look
//! for words in the right place.

/// The same text three times, each with everything but its own kind blanked out. Line numbers stay.
pub struct RustText {
    /// Code only; strings are empty, comments gone.
    pub code: String,
    /// What string literals hold.
    pub strings: String,
    /// What comments hold, doc comments included.
    pub comments: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Code,
    Text,
    Comment,
}

impl RustText {
    /// Splits `text`. Text that is not Rust gives some split too, never a failure.
    pub fn new(text: &str) -> Self {
        let letters: Vec<char> = text.chars().collect();
        let mut kinds = vec![Kind::Code; letters.len()];
        let mut at = 0;
        while at < letters.len() {
            let (end, kind) = piece(&letters, at);
            kinds[at..end].fill(kind);
            at = end;
        }
        let only = |wanted: Kind| -> String {
            let keep = |(letter, kind): (&char, &Kind)| {
                if *kind == wanted || *letter == '\n' { *letter } else { ' ' }
            };
            letters.iter().zip(&kinds).map(keep).collect()
        };
        Self { code: only(Kind::Code), strings: only(Kind::Text), comments: only(Kind::Comment) }
    }

    /// Lines before the file's test module, or all of them.
    pub fn lines_before_tests(&self) -> usize {
        let lines: Vec<&str> = self.code.lines().map(str::trim).collect();
        let is_tests = |at: usize| {
            lines[at] == "#[cfg(test)]" && lines.get(at + 1).is_some_and(|next| next.starts_with("mod tests"))
        };
        (0..lines.len()).find(|at| is_tests(*at)).unwrap_or(lines.len())
    }
}

/// The piece that starts at `at`: where it ends, and what it is.
fn piece(letters: &[char], at: usize) -> (usize, Kind) {
    let next = |ahead: usize| letters.get(at + ahead).copied().unwrap_or('\0');
    match letters[at] {
        '/' if next(1) == '/' => (line_end(letters, at), Kind::Comment),
        '/' if next(1) == '*' => (block_end(letters, at), Kind::Comment),
        '"' => (string_end(letters, at + 1), Kind::Text),
        '\'' => match char_end(letters, at) {
            Some(end) => (end, Kind::Text),
            None => (at + 1, Kind::Code),
        },
        'r' if !follows_word(letters, at) => match raw_end(letters, at) {
            Some(end) => (end, Kind::Text),
            None => (at + 1, Kind::Code),
        },
        _ => (at + 1, Kind::Code),
    }
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Whether the letter before belongs to the same word; a byte string's `b` does not count.
fn follows_word(letters: &[char], at: usize) -> bool {
    at > 0 && is_word(letters[at - 1]) && !(letters[at - 1] == 'b' && (at < 2 || !is_word(letters[at - 2])))
}

fn line_end(letters: &[char], at: usize) -> usize {
    letters[at..].iter().position(|letter| *letter == '\n').map_or(letters.len(), |length| at + length)
}

/// Block comments nest.
fn block_end(letters: &[char], mut at: usize) -> usize {
    let mut depth = 0;
    while at + 1 < letters.len() {
        match (letters[at], letters[at + 1]) {
            ('/', '*') => (depth, at) = (depth + 1, at + 2),
            ('*', '/') if depth == 1 => return at + 2,
            ('*', '/') => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    letters.len()
}

fn string_end(letters: &[char], mut at: usize) -> usize {
    while at < letters.len() {
        match letters[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    letters.len()
}

/// The end of a character literal, or nothing for a lifetime.
fn char_end(letters: &[char], at: usize) -> Option<usize> {
    if letters.get(at + 1) == Some(&'\\') {
        let from = at + 3;
        let length = letters.get(from..)?.iter().position(|letter| *letter == '\'')?;
        return Some(from + length + 1);
    }
    (letters.get(at + 2) == Some(&'\'')).then_some(at + 3)
}

/// The end of a raw string that starts at the `r`, or nothing for a word.
fn raw_end(letters: &[char], at: usize) -> Option<usize> {
    let hashes = letters[at + 1..].iter().take_while(|letter| **letter == '#').count();
    let open = at + 1 + hashes;
    if letters.get(open) != Some(&'"') {
        return None;
    }
    let closes = |quote: &usize| {
        letters[*quote] == '"'
            && letters[quote + 1..].iter().take(hashes).filter(|letter| **letter == '#').count() == hashes
    };
    Some((open + 1..letters.len()).find(closes).map_or(letters.len(), |quote| quote + 1 + hashes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        text.split_whitespace().collect()
    }

    #[test]
    fn code_strings_and_comments_come_apart() {
        let text = RustText::new("let a = \"x // {\"; // why \"not\"\n/* a /* b */ c */ let b = 1;");
        assert_eq!(words(&text.code), ["let", "a", "=", ";", "let", "b", "=", "1;"]);
        assert_eq!(words(&text.strings), ["\"x", "//", "{\""]);
        assert_eq!(words(&text.comments), ["//", "why", "\"not\"", "/*", "a", "/*", "b", "*/", "c", "*/"]);
    }

    #[test]
    fn raw_strings_characters_and_lifetimes_are_told_apart() {
        let text = RustText::new(
            r####"fn f<'a>(c: &'a str) { g(r#"a"b"#, br"{", '{', '\'', '\u{7b}', var"x") }"####,
        );
        assert_eq!(text.code.matches('{').count(), 1);
        assert_eq!(text.code.matches('}').count(), 1);
        assert!(text.strings.contains(r##"r#"a"b"#"##));
        assert!(text.code.contains("<'a>"));
    }

    #[test]
    fn text_that_ends_too_soon_is_no_failure() {
        for text in ["\"abc", "r#\"abc", "/* abc", "'\\", "'", "r", "\"\\"] {
            let split = RustText::new(text);
            assert_eq!(split.code.chars().count(), text.chars().count(), "{text}");
        }
    }

    #[test]
    fn lines_are_counted_up_to_the_test_module() {
        assert_eq!(RustText::new("a\nb\n#[cfg(test)]\nmod tests {\n}\n").lines_before_tests(), 2);
        assert_eq!(RustText::new("a\n#[cfg(test)]\nfn helper() {}\nb\n").lines_before_tests(), 4);
        assert_eq!(RustText::new("// #[cfg(test)]\n// mod tests\n").lines_before_tests(), 2);
    }
}
