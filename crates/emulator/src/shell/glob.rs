//! Names of files that patterns stand for, and `{a,b}`.

use super::Shell;
use super::ast::{Part, Word};
use super::limits::{EXPANSION_BYTES_MAX, GLOB_DIRECTORIES_MAX, GLOB_NAMES_MAX};
use super::pattern::Pattern;
use super::system::FileKind;

impl Shell {
    /// The files that a pattern names, in order; none when there are none, or too many.
    pub(super) fn glob(&self, pattern: &str) -> Vec<String> {
        let mut found = vec![if pattern.starts_with('/') { "/".to_owned() } else { String::new() }];
        let mut looked = 0;
        let components: Vec<&str> = pattern.split('/').filter(|component| !component.is_empty()).collect();
        for (at, component) in components.iter().enumerate() {
            let last = at + 1 == components.len();
            let mut next = Vec::new();
            if has_magic(component) {
                let names = Pattern::new(component);
                let hidden = component.starts_with('.') || component.starts_with("\\.");
                for base in &found {
                    looked += 1;
                    if looked > GLOB_DIRECTORIES_MAX {
                        return Vec::new();
                    }
                    let mut list = self.system.list(&self.absolute(base)).unwrap_or_default();
                    list.retain(|name| (hidden || !name.starts_with('.')) && names.matches(name));
                    next.extend(list.into_iter().map(|name| format!("{base}{name}")));
                }
            } else {
                let name = unescaped(component);
                next.extend(found.iter().map(|base| format!("{base}{name}")));
                next.retain(|path| self.system.stat(&self.absolute(path), false).is_ok());
            }
            if next.len() > GLOB_NAMES_MAX {
                return Vec::new();
            }
            if !last {
                next.retain(|path| self.is_directory(path));
                next.iter_mut().for_each(|path| path.push('/'));
            }
            found = next;
        }
        if pattern.ends_with('/') {
            found.retain(|path| self.is_directory(path));
            found.iter_mut().for_each(|path| path.push('/'));
        }
        found.retain(|path| !path.is_empty());
        found.sort();
        found
    }

    fn is_directory(&self, path: &str) -> bool {
        self.system.stat(&self.absolute(path), true).is_ok_and(|file| file.kind == FileKind::Directory)
    }
}

fn has_magic(pattern: &str) -> bool {
    let mut escaped = false;
    pattern.chars().any(|letter| {
        let magic = !escaped && matches!(letter, '*' | '?' | '[');
        escaped = !escaped && letter == '\\';
        magic
    })
}

fn unescaped(pattern: &str) -> String {
    let mut escaped = false;
    let mut text = String::new();
    for letter in pattern.chars() {
        escaped = !escaped && letter == '\\';
        if !escaped {
            text.push(letter);
        }
    }
    text
}

/// Words that one word with `{a,b}` in it stands for. A brace that is quoted in part, or that has no comma,
/// means itself.
pub(super) fn braces(word: &Word) -> Vec<Word> {
    let mut done = Vec::new();
    let mut open = vec![word.clone()];
    let mut bytes = 0;
    while let Some(next) = open.pop() {
        bytes += length(&next);
        if open.len() + done.len() > GLOB_NAMES_MAX || bytes > EXPANSION_BYTES_MAX {
            return vec![word.clone()];
        }
        match brace(&next) {
            Some(words) => open.extend(words.into_iter().rev()),
            None => done.push(next),
        }
    }
    done
}

/// About how long a word is, in bytes.
fn length(word: &Word) -> usize {
    let part = |part: &Part| if let Part::Literal(text) | Part::Quoted(text) = part { text.len() } else { 1 };
    word.0.iter().map(part).sum()
}

/// Replaces the first brace of a word.
fn brace(word: &Word) -> Option<Vec<Word>> {
    let mut depth = 0_usize;
    let mut begin = None;
    let mut commas = Vec::new();
    for (part, text) in word.0.iter().enumerate() {
        let Part::Literal(text) = text else { continue };
        for (at, letter) in text.char_indices() {
            match letter {
                '{' => {
                    depth += 1;
                    if depth == 1 {
                        begin = Some((part, at));
                        commas.clear();
                    }
                }
                ',' if depth == 1 => commas.push((part, at)),
                '}' if depth == 1 && !commas.is_empty() => {
                    return Some(alternatives(word, begin?, &commas, (part, at)));
                }
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
    }
    None
}

type Position = (usize, usize);

fn alternatives(word: &Word, begin: Position, commas: &[Position], end: Position) -> Vec<Word> {
    let mut borders = vec![begin];
    borders.extend(commas);
    borders.push(end);
    let last = (word.0.len(), 0);
    borders
        .windows(2)
        .filter_map(|pair| {
            let [from, to] = pair else { return None };
            let mut parts = between(word, (0, 0), begin);
            parts.extend(between(word, (from.0, from.1 + 1), *to));
            parts.extend(between(word, (end.0, end.1 + 1), last));
            Some(Word(parts))
        })
        .collect()
}

/// The parts between two positions, the second not included.
fn between(word: &Word, from: Position, to: Position) -> Vec<Part> {
    let mut parts = Vec::new();
    for (at, part) in word.0.iter().enumerate() {
        if at < from.0 || at > to.0 || (at == to.0 && to.1 == 0) {
            continue;
        }
        match part {
            Part::Literal(text) => {
                let start = if at == from.0 { from.1 } else { 0 };
                let end = if at == to.0 { to.1 } else { text.len() };
                let text = text.get(start..end).unwrap_or_default();
                if !text.is_empty() {
                    parts.push(Part::Literal(text.to_owned()));
                }
            }
            _ => parts.push(part.clone()),
        }
    }
    parts
}
