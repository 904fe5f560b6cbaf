//! `read`.

use super::super::limits::LINE_BYTES_MAX;
use super::super::{Done, Shell};
use crate::pipe::Input;

impl Shell {
    pub(super) async fn read(&mut self, arguments: &[String]) -> Done {
        let (mut raw, mut from, mut count) = (false, 0, None);
        let mut rest = arguments;
        while let Some((first, behind)) = rest.split_first() {
            let Some(letters) = first.strip_prefix('-').filter(|letters| !letters.is_empty()) else { break };
            rest = behind;
            for (at, letter) in letters.char_indices() {
                let own = letters.get(at + letter.len_utf8()..).filter(|own| !own.is_empty());
                let mut value = || match own {
                    Some(own) => own.to_owned(),
                    None => {
                        let (first, behind) = rest.split_first().map_or(("", rest), |(a, b)| (a.as_str(), b));
                        rest = behind;
                        first.to_owned()
                    }
                };
                match letter {
                    'r' => raw = true,
                    'u' => from = value().parse().unwrap_or(0),
                    'n' | 'N' => count = value().parse::<usize>().ok(),
                    't' | 'd' | 'p' => drop(value()),
                    'A' | 'a' | 's' | 'e' => {}
                    _ => {
                        return self
                            .builtin_complains("read", &format!("-{letter}: unknown option"), 2)
                            .await;
                    }
                }
                if matches!(letter, 'u' | 'n' | 'N' | 't' | 'd' | 'p') {
                    break;
                }
            }
        }
        let input = self.descriptors.input(from);
        let (line, whole) = read_line(&input, raw, count.unwrap_or(LINE_BYTES_MAX)).await;
        let names: Vec<&str> =
            if rest.is_empty() { vec!["REPLY"] } else { rest.iter().map(String::as_str).collect() };
        let values = split(&line, &self.separators(), names.len());
        for (at, name) in names.iter().enumerate() {
            if !super::super::parser::is_name(name) {
                return self.builtin_complains("read", &format!("{name}: is not an identifier"), 2).await;
            }
            let value = values.get(at).map(String::as_str).unwrap_or_default();
            self.assign(name, value).await?;
        }
        Ok(u8::from(!whole))
    }
}

/// A letter of a line, and whether a backslash stood before it.
type Letters = Vec<(char, bool)>;

/// Reads a line without its line feed; tells whether it had one, or was long enough. Backslashes hide what
/// follows them unless `raw`.
async fn read_line(input: &Input, raw: bool, bytes_max: usize) -> (Letters, bool) {
    let mut bytes = Vec::new();
    let mut whole = bytes_max == 0;
    let mut escaped = false;
    while !whole {
        let Some(piece) = input.piece_of_line(bytes_max - bytes.len()).await else { break };
        let ends = piece.last() == Some(&b'\n');
        // A backslash before the line feed hides it: the line goes on.
        for byte in piece.get(..piece.len() - usize::from(ends)).unwrap_or_default() {
            escaped = !raw && !escaped && *byte == b'\\';
        }
        bytes.extend_from_slice(&piece);
        if ends && !escaped {
            bytes.pop();
            whole = true;
        }
        escaped &= !ends;
        whole |= bytes.len() >= bytes_max;
    }
    let mut letters = Letters::new();
    let mut escaped = false;
    for letter in String::from_utf8_lossy(&bytes).chars() {
        if !raw && !escaped && letter == '\\' {
            escaped = true;
            continue;
        }
        if !(escaped && letter == '\n') {
            letters.push((letter, escaped));
        }
        escaped = false;
    }
    (letters, whole)
}

/// Splits a line over so many names; the last takes what is left.
fn split(line: &[(char, bool)], separators: &str, names: usize) -> Vec<String> {
    let separates = |(letter, escaped): &(char, bool)| !escaped && separators.contains(*letter);
    let blank = |pair: &(char, bool)| separates(pair) && matches!(pair.0, ' ' | '\t' | '\n');
    let skip = |line: &[(char, bool)], from: usize| {
        from + line.get(from..).unwrap_or_default().iter().take_while(|pair| blank(pair)).count()
    };
    let text = |letters: &[(char, bool)]| letters.iter().map(|(letter, _)| *letter).collect::<String>();
    let mut at = skip(line, 0);
    let mut values = Vec::new();
    while values.len() + 1 < names && at < line.len() {
        let rest = line.get(at..).unwrap_or_default();
        let length = rest.iter().position(separates).unwrap_or(rest.len());
        values.push(text(rest.get(..length).unwrap_or_default()));
        at = skip(line, at + length);
        if line.get(at).is_some_and(|pair| separates(pair) && !blank(pair)) {
            let had_blank_only = rest.get(length).is_none_or(blank);
            if had_blank_only || at == line.len() - rest.len() + length {
                at = skip(line, at + 1);
            }
        }
    }
    let mut rest = line.get(at..).unwrap_or_default();
    while rest.last().is_some_and(blank) {
        rest = rest.get(..rest.len() - 1).unwrap_or_default();
    }
    values.push(text(rest));
    values
}
