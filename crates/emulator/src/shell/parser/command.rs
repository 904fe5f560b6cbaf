//! Commands: simple ones, and those with a beginning and an end.

use super::{Parsed, Parser, SyntaxError, ends_word, name_bytes};
use crate::shell::ast::{Assignment, Body, Command, List, Part, Redirect, Word};
use std::sync::Arc;

impl Parser<'_> {
    /// A command with its redirections.
    pub(super) fn command(&mut self) -> Parsed<Command> {
        self.deeper(|parser| {
            parser.skip_blanks();
            let Some(body) = parser.compound()? else { return parser.simple() };
            let mut redirects = Vec::new();
            loop {
                parser.skip_blanks();
                if !parser.redirect(&mut redirects)? {
                    return Ok(Command { body, redirects });
                }
            }
        })
    }

    /// A command that begins with a reserved word, or is a function.
    fn compound(&mut self) -> Parsed<Option<Body>> {
        let rest = self.rest();
        let body = if self.keyword("if") {
            self.conditional()?
        } else if self.keyword("while") {
            self.repeated(false)?
        } else if self.keyword("until") {
            self.repeated(true)?
        } else if self.keyword("for") {
            self.each()?
        } else if self.keyword("case") {
            self.cases()?
        } else if self.keyword("{") {
            let list = self.list()?;
            self.close("}", "{")?;
            Body::Group(list)
        } else if self.keyword("[[") {
            self.double_brackets()?
        } else if self.keyword("function") {
            self.skip_blanks();
            let name = self.function_name();
            self.skip_blanks();
            let _ = self.eat("()");
            self.function(name)?
        } else if rest.starts_with('(') {
            return self.parenthesis().map(Some);
        } else {
            return self.named_function();
        };
        Ok(Some(body))
    }

    fn conditional(&mut self) -> Parsed<Body> {
        let mut branches = Vec::new();
        loop {
            let condition = self.list()?;
            self.close("then", "if")?;
            branches.push((condition, self.list()?));
            if !self.keyword("elif") {
                break;
            }
        }
        let otherwise = if self.keyword("else") { self.list()? } else { List::new() };
        self.close("fi", "if")?;
        Ok(Body::If { branches, otherwise })
    }

    fn repeated(&mut self, until: bool) -> Parsed<Body> {
        let opened = if until { "until" } else { "while" };
        let condition = self.list()?;
        self.close("do", opened)?;
        let body = self.list()?;
        self.close("done", opened)?;
        Ok(Body::While { until, condition, body })
    }

    fn each(&mut self) -> Parsed<Body> {
        self.skip_blanks();
        let name = self.function_name();
        if !super::is_name(&name) {
            return Err(self.unexpected());
        }
        self.skip_lines();
        let mut words = None;
        if self.keyword("in") {
            words = Some(self.words()?);
        }
        self.skip_blanks();
        let _ = self.eat(";");
        self.skip_lines();
        let (open, close) = if self.at_keyword("{") { ("{", "}") } else { ("do", "done") };
        self.close(open, "for")?;
        let body = self.list()?;
        self.close(close, "for")?;
        Ok(Body::For { name, words, body })
    }

    fn words(&mut self) -> Parsed<Vec<Word>> {
        let mut words = Vec::new();
        loop {
            self.skip_blanks();
            match self.word()? {
                Some(word) => words.push(word),
                None => return Ok(words),
            }
        }
    }

    fn cases(&mut self) -> Parsed<Body> {
        self.skip_blanks();
        let word = self.word()?.ok_or_else(|| self.unexpected())?;
        self.close("in", "case")?;
        let mut arms = Vec::new();
        loop {
            self.skip_lines();
            if self.keyword("esac") {
                return Ok(Body::Case { word, arms });
            }
            if self.rest().is_empty() {
                return Err(SyntaxError::Unmatched("case".to_owned()));
            }
            let _ = self.eat("(");
            let mut patterns = Vec::new();
            loop {
                self.skip_blanks();
                patterns.push(self.word()?.ok_or_else(|| self.unexpected())?);
                self.skip_blanks();
                if !self.eat("|") {
                    break;
                }
            }
            if !self.eat(")") {
                return Err(self.unexpected());
            }
            let list = self.list()?;
            arms.push((patterns, list));
            if !self.eat(";;") && !self.at_keyword("esac") && !self.rest().is_empty() {
                return Err(self.unexpected());
            }
        }
    }

    /// `((…))` or a subshell.
    fn parenthesis(&mut self) -> Parsed<Body> {
        if let Some(parts) = self.double_parentheses("((")? {
            return Ok(Body::Arithmetic(parts));
        }
        self.at += 1;
        let list = self.list()?;
        self.close_parenthesis()?;
        Ok(Body::Subshell(list))
    }

    /// Demands `)`.
    pub(super) fn close_parenthesis(&mut self) -> Parsed<()> {
        self.skip_lines();
        if self.eat(")") {
            return Ok(());
        }
        let end = self.rest().is_empty();
        Err(if end { SyntaxError::Unmatched("(".to_owned()) } else { self.unexpected() })
    }

    fn function_name(&mut self) -> String {
        let rest = self.rest();
        let end = rest.find(ends_word).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default().to_owned()
    }

    /// `name() body`, if that stands here.
    fn named_function(&mut self) -> Parsed<Option<Body>> {
        let rest = self.rest();
        let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let end = rest.find(|c| !letter(c)).unwrap_or(rest.len());
        let behind = rest.get(end..).unwrap_or_default().trim_start_matches([' ', '\t']);
        let Some(inside) = behind.strip_prefix('(') else { return Ok(None) };
        let Some(behind) = inside.trim_start_matches([' ', '\t']).strip_prefix(')') else { return Ok(None) };
        if end == 0 {
            return Ok(None);
        }
        let name = rest.get(..end).unwrap_or_default().to_owned();
        self.at = self.text.len() - behind.len();
        self.function(name).map(Some)
    }

    fn function(&mut self, name: String) -> Parsed<Body> {
        self.skip_lines();
        if name.is_empty() {
            return Err(self.unexpected());
        }
        let body = Arc::new(self.command()?);
        Ok(Body::Function { name, body })
    }

    fn simple(&mut self) -> Parsed<Command> {
        let (mut assignments, mut words) = (Vec::new(), Vec::new());
        let mut redirects: Vec<Redirect> = Vec::new();
        loop {
            self.skip_blanks();
            if self.redirect(&mut redirects)? {
                continue;
            }
            if words.is_empty()
                && let Some(assignment) = self.assignment()?
            {
                assignments.push(assignment);
                continue;
            }
            match self.word()? {
                Some(word) => words.push(word),
                None if assignments.is_empty() && words.is_empty() && redirects.is_empty() => {
                    return Err(self.unexpected());
                }
                None if self.peek() == Some('(') => return Err(self.unexpected()),
                None => return Ok(Command { body: Body::Simple { assignments, words }, redirects }),
            }
        }
    }

    fn assignment(&mut self) -> Parsed<Option<Assignment>> {
        let rest = self.rest();
        let end = name_bytes(rest);
        let behind = rest.get(end..).unwrap_or_default();
        let append = behind.starts_with("+=");
        if end == 0 || !(append || behind.starts_with('=')) {
            return Ok(None);
        }
        self.at += end + 1 + usize::from(append);
        let value = self.word()?.unwrap_or_default();
        let name = rest.get(..end).unwrap_or_default().to_owned();
        Ok(Some(Assignment { name, append, value: homes(value) }))
    }
}

/// `~` after a colon means home in an assignment; one at the beginning is found already.
fn homes(word: Word) -> Word {
    let mut parts = Vec::new();
    for part in word.0 {
        let Part::Literal(text) = part else {
            parts.push(part);
            continue;
        };
        let mut pieces = text.split(":~").peekable();
        let mut first = true;
        while let Some(piece) = pieces.next() {
            if !first {
                parts.push(Part::Home);
            }
            first = false;
            let colon = if pieces.peek().is_some() { ":" } else { "" };
            parts.push(Part::Literal(format!("{piece}{colon}")));
        }
    }
    Word(parts)
}
