//! How long a file and a function may be. STYLE.md aims at 400 and 70; this is where it stops.

use super::Source;

const FILE_LINES: usize = 500;
const FUNCTION_LINES: usize = 100;

/// Complaints about files and functions that are too long; tests are left out.
pub fn check(sources: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    for source in sources.iter().filter(|source| !is_test(&source.path)) {
        let lines = source.text.lines_before_tests();
        if lines > FILE_LINES {
            complaints.push(format!("{}: {lines} lines, at most {FILE_LINES}", source.path));
        }
        let code: String = source.text.code.split_inclusive('\n').take(lines).collect();
        for (name, line, length) in functions(&code) {
            if length > FUNCTION_LINES {
                let path = &source.path;
                complaints
                    .push(format!("{path}:{line}: fn {name} has {length} lines, at most {FUNCTION_LINES}"));
            }
        }
    }
    complaints
}

/// A file of tests only: under `tests/`, or named `tests.rs` or `..._tests.rs`.
pub fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs") || path.ends_with("_tests.rs")
}

/// Every function with a body: its name, first line and length in lines.
fn functions(code: &str) -> Vec<(String, usize, usize)> {
    let letters: Vec<char> = code.chars().collect();
    let mut found = Vec::new();
    let mut line = 1;
    for (at, letter) in letters.iter().enumerate() {
        line += usize::from(*letter == '\n');
        let word = |ahead: usize| letters.get(at + ahead).copied().unwrap_or(' ');
        let starts = at == 0 || !is_word(letters[at - 1]);
        if starts && *letter == 'f' && word(1) == 'n' && word(2) == ' ' {
            let name: String = letters[at + 3..].iter().take_while(|letter| is_word(**letter)).collect();
            if let Some(end) = body_end(&letters, at)
                && !name.is_empty()
            {
                let length = letters[at..end].iter().filter(|letter| **letter == '\n').count() + 1;
                found.push((name, line, length));
            }
        }
    }
    found
}

/// Where the body of the function at `at` closes; nothing for a declaration without a body.
fn body_end(letters: &[char], at: usize) -> Option<usize> {
    let mut round = 0_i32;
    let mut curly = 0_i32;
    for (end, letter) in letters.iter().enumerate().skip(at) {
        match letter {
            '(' | '[' => round += 1,
            ')' | ']' => round -= 1,
            ';' if round == 0 && curly == 0 => return None,
            '{' => curly += 1,
            '}' => curly -= 1,
            _ => continue,
        }
        if *letter == '}' && curly == 0 && round == 0 {
            return Some(end);
        }
    }
    None
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::rust_text::RustText;

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: RustText::new(text) }
    }

    #[test]
    fn a_long_file_is_named_and_its_tests_do_not_count() {
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "//\n".repeat(900));
        let short = format!("{}{tests}", "//\n".repeat(500));
        assert_eq!(check(&[source("crates/a/src/a.rs", &short)]), Vec::<String>::new());
        let long = format!("{}{tests}", "//\n".repeat(501));
        assert_eq!(
            check(&[source("crates/a/src/a.rs", &long)]),
            ["crates/a/src/a.rs: 501 lines, at most 500"]
        );
        for path in ["crates/a/tests/a.rs", "crates/a/src/tests.rs", "crates/a/src/plan_tests.rs"] {
            assert_eq!(check(&[source(path, &long)]), Vec::<String>::new());
        }
    }

    #[test]
    fn a_long_function_is_named_with_its_line() {
        let of = |lines: usize| {
            format!("\npub fn f(a: [u8; 2]) -> u8 {{\n{}}}\n", "let a = '{';\n".repeat(lines - 2))
        };
        assert_eq!(check(&[source("crates/a/src/a.rs", &of(100))]), Vec::<String>::new());
        let complaints = check(&[source("crates/a/src/a.rs", &of(101))]);
        assert_eq!(complaints, ["crates/a/src/a.rs:2: fn f has 101 lines, at most 100"]);
    }

    #[test]
    fn declarations_types_and_words_with_fn_in_them_are_no_functions() {
        let text = "trait T { fn a(&self); fn b(&self) {\n} }\ntype F = fn (u8) -> u8;\nlet often = 1;";
        assert_eq!(functions(text), [("b".to_owned(), 1, 2)]);
    }
}
