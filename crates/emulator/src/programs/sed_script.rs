//! Scripts of `sed`.

use crate::shell::regex::Expression;

/// Commands of one script.
const COMMANDS_MAX: usize = 256;

#[derive(Debug)]
pub(super) enum Address {
    Line(u64),
    Last,
    Matches(Expression),
}

#[derive(Debug)]
pub(super) enum Action {
    Substitute { pattern: Expression, with: String, all: bool, nth: usize, print: bool },
    Translate(Vec<char>, Vec<char>),
    Print,
    Delete,
    Quit,
    Number,
    Append(String),
    Insert(String),
    Change(String),
}

#[derive(Debug)]
pub(super) struct Command {
    pub(super) from: Option<Address>,
    pub(super) to: Option<Address>,
    pub(super) negated: bool,
    pub(super) action: Action,
    /// Between `from` and `to`.
    pub(super) inside: bool,
}

/// Reads a script.
///
/// # Errors
/// What is wrong with it.
pub(super) fn parse(script: &str, extended: bool) -> Result<Vec<Command>, String> {
    let mut rest = script;
    let mut commands = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', ';']);
        if rest.is_empty() {
            return Ok(commands);
        }
        if commands.len() >= COMMANDS_MAX {
            return Err("too long".to_owned());
        }
        let from = address(&mut rest, extended)?;
        let to = match rest.strip_prefix(',') {
            Some(behind) if from.is_some() => {
                rest = behind.trim_start();
                Some(address(&mut rest, extended)?.ok_or("no address")?)
            }
            _ => None,
        };
        rest = rest.trim_start();
        let negated = rest.starts_with('!');
        rest = rest.trim_start_matches(['!', ' ']);
        let action = action(&mut rest, extended)?;
        commands.push(Command { from, to, negated, action, inside: false });
    }
}

fn address(rest: &mut &str, extended: bool) -> Result<Option<Address>, String> {
    if let Some(behind) = rest.strip_prefix('$') {
        *rest = behind;
        return Ok(Some(Address::Last));
    }
    if let Some(behind) = rest.strip_prefix('/') {
        let (pattern, behind) = until(behind, '/').ok_or("unfinished address")?;
        *rest = behind;
        return super::regex::compile(&pattern, extended, false)
            .map(|pattern| Some(Address::Matches(pattern)));
    }
    let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    let (number, behind) = rest.split_at_checked(digits).unwrap_or(("", rest));
    if number.is_empty() {
        return Ok(None);
    }
    *rest = behind;
    number.parse().map(|number| Some(Address::Line(number))).map_err(|_| "bad address".to_owned())
}

/// Text up to a delimiter that no backslash hides, and what is behind it.
fn until(text: &str, delimiter: char) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        if letter == delimiter {
            return Some((out, text.get(at + letter.len_utf8()..)?));
        }
        out.push(letter);
        if letter == '\\' {
            let (_, next) = letters.next()?;
            if next == delimiter {
                out.pop();
            }
            out.push(next);
        }
    }
    None
}

fn action(rest: &mut &str, extended: bool) -> Result<Action, String> {
    let letter = rest.chars().next().ok_or("no command")?;
    let behind = rest.get(letter.len_utf8()..).unwrap_or_default();
    *rest = behind;
    match letter {
        'p' => Ok(Action::Print),
        'd' => Ok(Action::Delete),
        'q' => Ok(Action::Quit),
        '=' => Ok(Action::Number),
        'a' | 'i' | 'c' => {
            let end = behind.find('\n').unwrap_or(behind.len());
            let text = behind.get(..end).unwrap_or_default().trim_start();
            let (text, end) = match text {
                "\\" => {
                    let more = behind.get(end + 1..).unwrap_or_default();
                    let length = more.find('\n').unwrap_or(more.len());
                    (more.get(..length).unwrap_or_default(), (end + 1 + length).min(behind.len()))
                }
                text => (text.strip_prefix('\\').unwrap_or(text), end),
            };
            *rest = behind.get(end..).unwrap_or_default();
            let text = text.to_owned();
            Ok(match letter {
                'a' => Action::Append(text),
                'i' => Action::Insert(text),
                _ => Action::Change(text),
            })
        }
        's' | 'y' => {
            let delimiter = behind.chars().next().ok_or("no delimiter")?;
            let text = behind.get(delimiter.len_utf8()..).unwrap_or_default();
            let (pattern, text) = until(text, delimiter).ok_or("unfinished command")?;
            let (with, text) = until(text, delimiter).ok_or("unfinished command")?;
            *rest = text;
            if letter == 'y' {
                return Ok(Action::Translate(pattern.chars().collect(), with.chars().collect()));
            }
            substitution(&pattern, with, rest, extended)
        }
        other => Err(format!("unknown command '{other}'")),
    }
}

fn substitution(pattern: &str, with: String, rest: &mut &str, extended: bool) -> Result<Action, String> {
    let (mut all, mut print, mut fold, mut nth) = (false, false, false, 1);
    while let Some(letter) = rest.chars().next() {
        match letter {
            'g' => all = true,
            'p' => print = true,
            'i' | 'I' => fold = true,
            '1'..='9' => nth = letter.to_digit(10).unwrap_or(1) as usize,
            ';' | '\n' | ' ' | '}' => break,
            other => return Err(format!("unknown flag '{other}'")),
        }
        *rest = rest.get(letter.len_utf8()..).unwrap_or_default();
    }
    let pattern = super::regex::compile(pattern, extended, fold)?;
    Ok(Action::Substitute { pattern, with, all, nth, print })
}
