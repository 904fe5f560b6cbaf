//! Words and their quoting.

use super::{Parsed, Parser, SyntaxError, ends_word};
use crate::shell::ast::{Part, Word};

/// What a text is a part of: this decides what ends it and what quotes mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Within {
    /// A word of a command.
    Word,
    /// Double quotes.
    Double,
    /// `${name-…}`; whether that is quoted.
    Brace(bool),
    /// The pattern of `${name/…/`; whether that is quoted.
    Slash(bool),
    /// A here-document or an arithmetic expression: to the end of the text.
    Here,
    /// The right side of `=~`.
    Regex,
}

impl Within {
    fn ends(self, letter: char) -> bool {
        match self {
            Self::Word => ends_word(letter),
            Self::Double => letter == '"',
            Self::Brace(_) => letter == '}',
            Self::Slash(_) => matches!(letter, '}' | '/'),
            Self::Here => false,
            Self::Regex => letter.is_whitespace(),
        }
    }

    fn quoted(self) -> bool {
        matches!(self, Self::Double | Self::Here | Self::Brace(true) | Self::Slash(true))
    }
}

/// Parts of a word being put together.
#[derive(Default)]
struct Parts {
    parts: Vec<Part>,
    literal: String,
}

impl Parts {
    fn push(&mut self, part: Part) {
        if !self.literal.is_empty() {
            self.parts.push(Part::Literal(std::mem::take(&mut self.literal)));
        }
        self.parts.push(part);
    }

    fn done(mut self) -> Vec<Part> {
        if !self.literal.is_empty() {
            self.parts.push(Part::Literal(self.literal));
        }
        self.parts
    }
}

impl Parser<'_> {
    /// A word, if one begins here.
    pub(super) fn word(&mut self) -> Parsed<Option<Word>> {
        if self.peek().is_none_or(ends_word) {
            return Ok(None);
        }
        self.parts(Within::Word).map(|parts| Some(Self::word_of(parts)))
    }

    /// Parts up to what ends them, which is left.
    pub(super) fn parts(&mut self, within: Within) -> Parsed<Vec<Part>> {
        let mut parts = Parts::default();
        if !within.quoted() && self.at_home(within) {
            self.at += 1;
            parts.push(Part::Home);
        }
        while let Some(letter) = self.peek() {
            if within.ends(letter) {
                break;
            }
            match letter {
                '\\' => self.backslash(within, &mut parts)?,
                '\'' if !within.quoted() => {
                    self.at += 1;
                    let text = self.until('\'')?;
                    parts.push(Part::Quoted(text));
                }
                '"' if within != Within::Here => {
                    self.at += 1;
                    let inside = self.deeper(|parser| parser.parts(Within::Double))?;
                    self.quote_end()?;
                    parts.push(Part::Double(inside));
                }
                '$' => match self.dollar(within)? {
                    Some(part) => parts.push(part),
                    None => parts.literal.push('$'),
                },
                '`' => {
                    let part = self.backquotes()?;
                    parts.push(part);
                }
                _ => {
                    self.at += letter.len_utf8();
                    parts.literal.push(letter);
                }
            }
        }
        Ok(parts.done())
    }

    fn at_home(&self, within: Within) -> bool {
        let Some(behind) = self.rest().strip_prefix('~') else { return false };
        behind.chars().next().is_none_or(|next| next == '/' || next == ':' || within.ends(next))
    }

    fn quote_end(&mut self) -> Parsed<()> {
        if self.eat("\"") { Ok(()) } else { Err(SyntaxError::Quote) }
    }

    /// Text up to this letter, which is taken too.
    fn until(&mut self, end: char) -> Parsed<String> {
        let rest = self.rest();
        let length = rest.find(end).ok_or(SyntaxError::Quote)?;
        self.at += length + end.len_utf8();
        Ok(rest.get(..length).unwrap_or_default().to_owned())
    }

    fn backslash(&mut self, within: Within, parts: &mut Parts) -> Parsed<()> {
        self.at += 1;
        let Some(next) = self.peek() else {
            parts.literal.push('\\');
            return Ok(());
        };
        self.at += next.len_utf8();
        let special = match within {
            Within::Word | Within::Regex | Within::Brace(false) | Within::Slash(false) => true,
            Within::Here => matches!(next, '$' | '`' | '\\' | '\n'),
            Within::Double => matches!(next, '$' | '`' | '\\' | '"' | '\n'),
            Within::Brace(true) | Within::Slash(true) => {
                matches!(next, '$' | '`' | '\\' | '"' | '\n' | '}' | '/' | '*' | '?' | '[')
            }
        };
        match next {
            '\n' if special => {}
            _ if special => parts.push(Part::Quoted(next.to_string())),
            _ => {
                parts.literal.push('\\');
                parts.literal.push(next);
            }
        }
        Ok(())
    }

    /// `$'…'`, with the escapes of C.
    pub(super) fn dollar_quote(&mut self) -> Parsed<Part> {
        let rest = self.rest();
        let mut length = 0;
        loop {
            let tail = rest.get(length..).unwrap_or_default();
            length += match tail.chars().next() {
                None => return Err(SyntaxError::Quote),
                Some('\'') => break,
                Some('\\') => 1 + tail.chars().nth(1).map_or(0, char::len_utf8),
                Some(letter) => letter.len_utf8(),
            };
        }
        self.at += length + 1;
        let text = rest.get(..length).unwrap_or_default();
        let text = crate::shell::escape::unescape(text, crate::shell::escape::Style::Dollar).text;
        // Words cannot hold a NUL.
        Ok(Part::Quoted(text.replace('\0', "")))
    }
}
