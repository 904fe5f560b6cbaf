//! Options of programs, as toybox reads them.

use crate::program::Process;

/// Options, and what is left of the arguments.
#[derive(Debug, Default)]
pub(super) struct Options {
    given: Vec<(char, String)>,
    pub(super) rest: Vec<String>,
}

impl Options {
    /// Reads the options of a process. `letters` are those that it knows; a colon behind one says that it
    /// takes a value.
    ///
    /// # Errors
    /// What toybox says about one that it does not know.
    pub(super) fn of(process: &Process, letters: &str) -> Result<Self, String> {
        let name = process.argv.first().map_or("", |name| name.rsplit('/').next().unwrap_or(name));
        let mut options = Self::default();
        let mut arguments = process.arguments().iter();
        while let Some(argument) = arguments.next() {
            let Some(cluster) = argument.strip_prefix('-').filter(|cluster| !cluster.is_empty()) else {
                options.rest.push(argument.clone());
                continue;
            };
            if cluster == "-" {
                options.rest.extend(arguments.cloned());
                break;
            }
            if let Some(long) = cluster.strip_prefix('-') {
                if long.starts_with("color") || long.starts_with("full-time") {
                    continue;
                }
                return Err(format!("Unknown option '{long}' (see \"{name} --help\")"));
            }
            let mut cluster = cluster.chars();
            while let Some(letter) = cluster.next() {
                let known = letters.find(letter).filter(|_| letter != ':');
                let Some(at) = known else {
                    return Err(format!("Unknown option '{letter}' (see \"{name} --help\")"));
                };
                let takes = letters.get(at + letter.len_utf8()..).is_some_and(|rest| rest.starts_with(':'));
                if !takes {
                    options.given.push((letter, String::new()));
                    continue;
                }
                let own: String = cluster.by_ref().collect();
                let value = if own.is_empty() { arguments.next().cloned() } else { Some(own) };
                let value = value.ok_or_else(|| format!("Missing argument to '-{letter}'"))?;
                options.given.push((letter, value));
            }
        }
        Ok(options)
    }

    /// The option is given.
    pub(super) fn has(&self, letter: char) -> bool {
        self.given.iter().any(|(own, _)| *own == letter)
    }

    /// Its last value.
    pub(super) fn value(&self, letter: char) -> Option<&str> {
        self.given.iter().rev().find(|(own, _)| *own == letter).map(|(_, value)| value.as_str())
    }

    /// All its values.
    pub(super) fn values(&self, letter: char) -> impl Iterator<Item = &str> {
        self.given.iter().filter(move |(own, _)| *own == letter).map(|(_, value)| value.as_str())
    }

    /// The last of these that is given.
    pub(super) fn last_of(&self, letters: &str) -> Option<char> {
        self.given.iter().rev().map(|(own, _)| *own).find(|own| letters.contains(*own))
    }

    /// The arguments that are left; standard input for none.
    pub(super) fn files(&self) -> Vec<String> {
        if self.rest.is_empty() { vec!["-".to_owned()] } else { self.rest.clone() }
    }
}

/// A number with toybox's suffixes: `k`, `m`, `g` count in 1024.
pub(super) fn size(text: &str) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    let digits = lower.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let factor: u64 = match lower.get(digits.len()..)? {
        "" | "c" => 1,
        "b" => 512,
        "k" | "kb" => 1 << 10,
        "m" | "mb" => 1 << 20,
        "g" | "gb" => 1 << 30,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

/// A text's first letter, and what is behind it.
pub(super) fn first_letter(text: &str) -> (&str, &str) {
    let length = text.chars().next().map_or(0, char::len_utf8);
    text.split_at_checked(length).unwrap_or((text, ""))
}

/// An option with its dash, and what is behind its letter.
pub(super) fn short_option(argument: &str) -> (&str, &str) {
    let dash = usize::from(argument.starts_with('-'));
    let letter = argument.get(dash..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    argument.split_at_checked(dash + letter).unwrap_or((argument, ""))
}
