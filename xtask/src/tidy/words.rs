//! What must not stand in the code: SQL outside the store, and anything left half done.

use super::Source;
use super::sizes::is_test;

/// The folders whose crates may hold SQL.
const SQL_ROOMS: [&str; 2] = ["crates/store/", "crates/bench/"];

/// SQL statements as a first and a second word of one string literal, in small letters.
const SQL: [(&str, &str); 4] =
    [("select ", " from "), ("insert into ", "("), ("update ", " set "), ("delete from ", "")];

/// Complaints about words in the wrong place. This crate names them and is left out.
pub fn check(sources: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    for source in sources.iter().filter(|source| !source.path.starts_with("xtask/")) {
        let path = &source.path;
        for (line, text) in numbered(&source.text.code) {
            for name in ["todo!", "unimplemented!"] {
                if text.contains(name) {
                    complaints.push(format!("{path}:{line}: {name} is not done"));
                }
            }
        }
        for (line, text) in numbered(&source.text.comments) {
            for name in ["TODO", "FIXME", "XXX"] {
                if text.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == name) {
                    complaints.push(format!("{path}:{line}: {name} is not done"));
                }
            }
        }
        if !is_test(path) && !SQL_ROOMS.iter().any(|room| path.starts_with(room)) {
            complaints.extend(sql(source));
        }
    }
    complaints
}

/// SQL in the strings of a file, its test module left out.
fn sql(source: &Source) -> Option<String> {
    let lines = source.text.lines_before_tests();
    let strings: Vec<&str> = source.text.strings.lines().take(lines).collect();
    let strings = strings.join(" ").to_lowercase();
    let strings: Vec<&str> = strings.split('"').map(str::trim_start).collect();
    let is_sql = |text: &&str| {
        SQL.iter().any(|(first, second)| text.strip_prefix(first).is_some_and(|rest| rest.contains(second)))
    };
    let found = strings.iter().copied().find(is_sql)?;
    let start: String = found.chars().take(40).collect();
    Some(format!("{}: SQL belongs to the store: {start}", source.path))
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(at, line)| (at + 1, line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::rust_text::RustText;

    fn complaints(path: &str, text: &str) -> Vec<String> {
        check(&[Source { path: path.to_owned(), text: RustText::new(text) }])
    }

    #[test]
    fn what_is_not_done_is_named() {
        assert_eq!(
            complaints("crates/a/src/a.rs", "fn f() {\n    todo!()\n}"),
            ["crates/a/src/a.rs:2: todo! is not done"]
        );
        assert_eq!(
            complaints("crates/a/src/a.rs", "// TODO: later"),
            ["crates/a/src/a.rs:1: TODO is not done"]
        );
        assert_eq!(
            complaints("crates/a/src/a.rs", "// nothing todo\nlet a = \"todo!\";"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn sql_stays_in_the_store() {
        for text in [
            "q(\"SELECT a FROM b\")",
            "q(\"insert into a (b) values ($1)\")",
            "q(\"\n   update a\n   set b = 1\")",
            "q(r#\"delete from a\"#)",
        ] {
            assert_eq!(complaints("crates/api/src/a.rs", text).len(), 1, "{text}");
            assert_eq!(complaints("crates/store/src/a.rs", text), Vec::<String>::new());
            assert_eq!(complaints("crates/api/tests/a.rs", text), Vec::<String>::new());
        }
    }

    #[test]
    fn prose_is_no_sql() {
        let text = "q(\"select a phone\"); q(\"update the name\"); // select a from b";
        assert_eq!(complaints("crates/api/src/a.rs", text), Vec::<String>::new());
    }
}
