//! What begins with a dollar sign or a backquote.

use super::word::Within;
use super::{Parsed, Parser, SyntaxError, name_bytes};
use crate::shell::ast::{Form, List, Parameter, Part, Place, UnsetKind, Word};
use std::sync::Arc;

impl Parser<'_> {
    /// Reads what a dollar sign begins; none when it means itself.
    pub(super) fn dollar(&mut self, within: Within) -> Parsed<Option<Part>> {
        if let Some(parts) = self.double_parentheses("$((")? {
            return Ok(Some(Part::Arithmetic(parts)));
        }
        self.at += 1;
        if self.eat("(") {
            return self.deeper(Self::substitution).map(Some);
        }
        if self.eat("{") {
            let quoted =
                !matches!(within, Within::Word | Within::Regex | Within::Brace(false) | Within::Slash(false));
            return self.deeper(|parser| parser.braces(quoted)).map(Some);
        }
        let bare = matches!(within, Within::Word | Within::Brace(false) | Within::Slash(false));
        if bare && self.eat("'") {
            return self.dollar_quote().map(Some);
        }
        let Some(name) = self.parameter_name(false) else { return Ok(None) };
        Ok(Some(Part::Parameter(Box::new(Parameter { name, form: Form::Value }))))
    }

    /// A name, a digit (in braces: a number) or a special letter.
    fn parameter_name(&mut self, braces: bool) -> Option<String> {
        let rest = self.rest();
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let special = rest.starts_with(['@', '*', '#', '?', '-', '$', '!']);
        let length = match name_bytes(rest) {
            0 if digits > 0 && braces => digits,
            0 if digits > 0 || special => 1,
            0 => return None,
            length => length,
        };
        self.at += length;
        rest.get(..length).map(str::to_owned)
    }

    fn substitution(&mut self) -> Parsed<Part> {
        let list = self.list()?;
        self.close_parenthesis()?;
        Ok(Part::Command(Arc::new(list)))
    }

    pub(super) fn backquotes(&mut self) -> Parsed<Part> {
        self.at += 1;
        let mut text = String::new();
        loop {
            match self.next() {
                None => return Err(SyntaxError::Quote),
                Some('`') => break,
                Some('\\') => match self.next() {
                    Some(next @ ('`' | '\\' | '$')) => text.push(next),
                    Some(next) => text.extend(['\\', next]),
                    None => return Err(SyntaxError::Quote),
                },
                Some(letter) => text.push(letter),
            }
        }
        let list = self.deeper(|parser| {
            let mut inner = Parser::inner(&text, parser.depth);
            let list: List = inner.list()?;
            if inner.rest().is_empty() { Ok(list) } else { Err(inner.unexpected()) }
        })?;
        Ok(Part::Command(Arc::new(list)))
    }

    /// An arithmetic expression between `opening` and `))`; none when it is not one.
    pub(super) fn double_parentheses(&mut self, opening: &str) -> Parsed<Option<Vec<Part>>> {
        let Some(inside) = self.rest().strip_prefix(opening) else { return Ok(None) };
        let mut depth = 0_usize;
        for (at, letter) in inside.char_indices() {
            match letter {
                '(' => depth += 1,
                ')' if depth > 0 => depth -= 1,
                ')' if inside.get(at..).is_some_and(|rest| rest.starts_with("))")) => {
                    let text = inside.get(..at).unwrap_or_default();
                    self.at += opening.len() + at + 2;
                    let depth = self.depth + 1;
                    return self.deeper(|_| Parser::inner(text, depth).parts(Within::Here)).map(Some);
                }
                ')' => return Ok(None),
                _ => {}
            }
        }
        Ok(None)
    }

    /// `${…}`, from behind the brace.
    fn braces(&mut self, quoted: bool) -> Parsed<Part> {
        let length = self.rest().starts_with('#') && !self.rest().starts_with("#}");
        let at = self.at;
        if length {
            self.at += 1;
            if let Some(name) = self.parameter_name(true)
                && self.eat("}")
            {
                return Ok(Part::Parameter(Box::new(Parameter { name, form: Form::Length })));
            }
            self.at = at;
        }
        let Some(name) = self.parameter_name(true) else {
            let end = self.rest().is_empty();
            return Err(if end { SyntaxError::Quote } else { SyntaxError::Substitution });
        };
        let form = self.form(quoted)?;
        match self.next() {
            Some('}') => Ok(Part::Parameter(Box::new(Parameter { name, form }))),
            Some(_) => Err(SyntaxError::Substitution),
            None => Err(SyntaxError::Quote),
        }
    }

    fn form(&mut self, quoted: bool) -> Parsed<Form> {
        if self.rest().starts_with('}') {
            return Ok(Form::Value);
        }
        let colon = self.eat(":");
        let kind = match self.peek() {
            Some('-') => UnsetKind::Default,
            Some('=') => UnsetKind::Assign,
            Some('+') => UnsetKind::Alternative,
            Some('?') => UnsetKind::Complain,
            _ if colon => return self.part(),
            _ => return self.pattern_form(quoted),
        };
        self.at += 1;
        Ok(Form::Unset { kind, colon, word: self.braced_word(quoted)? })
    }

    /// `:offset:length`.
    fn part(&mut self) -> Parsed<Form> {
        let rest = self.rest();
        let mut depth = 0_usize;
        let end = rest.find(|letter| {
            match letter {
                '{' => depth += 1,
                '}' if depth == 0 => return true,
                '}' => depth -= 1,
                _ => {}
            }
            false
        });
        let end = end.ok_or(SyntaxError::Quote)?;
        self.at += end;
        let text = rest.get(..end).unwrap_or_default();
        let (offset, length) = text.split_once(':').map_or((text, None), |(a, b)| (a, Some(b)));
        let depth = self.depth;
        let parse = |text: &str| Parser::inner(text, depth).parts(Within::Here);
        Ok(Form::Part { offset: parse(offset)?, length: length.map(parse).transpose()? })
    }

    fn pattern_form(&mut self, quoted: bool) -> Parsed<Form> {
        if self.eat("#") {
            let longest = self.eat("#");
            return Ok(Form::Prefix { longest, pattern: self.braced_pattern()? });
        }
        if self.eat("%") {
            let longest = self.eat("%");
            return Ok(Form::Suffix { longest, pattern: self.braced_pattern()? });
        }
        if !self.eat("/") {
            let end = self.rest().is_empty();
            return Err(if end { SyntaxError::Quote } else { SyntaxError::Substitution });
        }
        let place = match self.peek() {
            Some('/') => Place::All,
            Some('#') => Place::Start,
            Some('%') => Place::End,
            _ => Place::First,
        };
        if place != Place::First {
            self.at += 1;
        }
        let pattern = Word(self.parts(Within::Slash(false))?);
        let with = if self.eat("/") { self.braced_word(quoted)? } else { Word::default() };
        Ok(Form::Replace { place, pattern, with })
    }

    fn braced_word(&mut self, quoted: bool) -> Parsed<Word> {
        self.parts(Within::Brace(quoted)).map(Word)
    }

    /// A pattern is a word of its own: quotes count in it even inside of quotes.
    fn braced_pattern(&mut self) -> Parsed<Word> {
        self.parts(Within::Brace(false)).map(Word)
    }
}
