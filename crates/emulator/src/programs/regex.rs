//! Regular expressions as `grep` and `sed` write them.

use crate::shell::regex::Expression;

/// Makes an expression ready: a basic one, or an extended one.
///
/// # Errors
/// What is wrong with it.
pub(super) fn compile(expression: &str, extended: bool, ignore_case: bool) -> Result<Expression, String> {
    Expression::new(&translate(expression, extended), ignore_case)
}

/// The same expression as the library writes it.
fn translate(expression: &str, extended: bool) -> String {
    let mut out = String::new();
    let mut letters = expression.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('<' | '>') => out.push_str("\\b"),
                Some(letter @ ('(' | ')' | '{' | '}' | '|' | '+' | '?')) if !extended => out.push(letter),
                Some(letter @ ('w' | 'W' | 's' | 'S' | 'b' | 'B' | 'd' | 'D' | 'n' | 't')) => {
                    out.extend(['\\', letter])
                }
                Some(letter) => escape(letter, &mut out),
                None => out.push_str("\\\\"),
            },
            '[' => bracket(&mut letters, &mut out),
            '(' | ')' | '{' | '}' | '|' | '+' | '?' if !extended => escape(letter, &mut out),
            '*' if out.is_empty() || out.ends_with('(') || out == "^" => out.push_str("\\*"),
            '{' if !letters.peek().is_some_and(char::is_ascii_digit) => out.push_str("\\{"),
            _ => out.push(letter),
        }
    }
    out
}

fn escape(letter: char, out: &mut String) {
    out.push_str(&regex_lite::escape(&letter.to_string()));
}

/// What is in brackets: a backslash means itself there.
fn bracket(letters: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) {
    out.push('[');
    if letters.next_if_eq(&'^').is_some() {
        out.push('^');
    }
    let mut first = true;
    while let Some(letter) = letters.next() {
        match letter {
            ']' if !first => {
                out.push(']');
                return;
            }
            '[' if letters.peek() == Some(&':') => {
                out.push('[');
                for letter in letters.by_ref() {
                    out.push(letter);
                    if letter == ']' {
                        break;
                    }
                }
            }
            '\\' | '[' | ']' | '&' | '~' | '^' => out.extend(['\\', letter]),
            _ => out.push(letter),
        }
        first = false;
    }
}
