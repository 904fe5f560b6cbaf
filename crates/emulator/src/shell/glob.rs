//! Names of files that patterns stand for, and `{a,b}`.

use super::Shell;
use super::ast::{Part, Word};
use super::field::TooLong;
use super::limits::{BRACES_DEPTH_MAX, BRACES_WORK_MAX, GLOB_DIRECTORIES_MAX, GLOB_NAMES_MAX};
use super::pattern::Pattern;
use super::system::FileKind;

/// What a part of a word costs beside its letters.
const PART_COST: usize = size_of::<Part>();

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

/// Words that one word with `{a,b}` in it stands for, and the work that it took. A brace that is quoted in part,
/// or that has no comma, means itself.
///
/// # Errors
/// It is too much.
pub(super) fn braces(word: &Word) -> Result<(Vec<Word>, usize), TooLong> {
    let mut done = Vec::new();
    let mut open = vec![word.clone()];
    let mut work = length(word);
    if !word.0.iter().any(|part| matches!(part, Part::Literal(text) if text.contains('{'))) {
        return Ok((open, work));
    }
    while let Some(next) = open.pop() {
        match brace(&next)? {
            Some(words) => {
                work += words.iter().map(length).sum::<usize>();
                open.extend(words.into_iter().rev());
            }
            None => done.push(next),
        }
        if open.len() + done.len() > GLOB_NAMES_MAX || work > BRACES_WORK_MAX {
            return Err(TooLong);
        }
    }
    Ok((done, work))
}

/// About how long a word is: its letters, and what its parts cost beside.
fn length(word: &Word) -> usize {
    let part = |part: &Part| if let Part::Literal(text) | Part::Quoted(text) = part { text.len() } else { 0 };
    word.0.iter().map(|own| part(own) + PART_COST).sum()
}

/// Replaces the first brace of a word.
fn brace(word: &Word) -> Result<Option<Vec<Word>>, TooLong> {
    let mut depth = 0_usize;
    let mut begin = None;
    let mut commas = Vec::new();
    for (part, text) in word.0.iter().enumerate() {
        let Part::Literal(text) = text else { continue };
        for (at, letter) in text.char_indices() {
            match letter {
                '{' => {
                    depth += 1;
                    if depth > BRACES_DEPTH_MAX {
                        return Err(TooLong);
                    }
                    if depth == 1 {
                        begin = Some((part, at));
                        commas.clear();
                    }
                }
                ',' if depth == 1 => commas.push((part, at)),
                '}' if depth == 1 && !commas.is_empty() => {
                    let end = (part, at);
                    return Ok(begin.map(|begin| alternatives(word, begin, &commas, end)));
                }
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
    }
    Ok(None)
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
            let mut parts: Vec<Part> = Vec::new();
            let pieces = [((0, 0), begin), ((from.0, from.1 + 1), *to), ((end.0, end.1 + 1), last)];
            for part in pieces.into_iter().flat_map(|(from, to)| between(word, from, to)) {
                match (parts.last_mut(), part) {
                    (Some(Part::Literal(text)), Part::Literal(more)) => text.push_str(&more),
                    (_, part) => parts.push(part),
                }
            }
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
