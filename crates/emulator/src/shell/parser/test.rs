//! `[[ … ]]`.

use super::word::Within;
use super::{Parsed, Parser, SyntaxError, ends_word};
use crate::shell::ast::{Body, Part, Test, Word};

const BINARY: [&str; 13] =
    ["==", "!=", "=~", "=", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"];

/// Several tests as one; one stays itself.
fn joined(mut tests: Vec<Test>, join: fn(Vec<Test>) -> Test) -> Test {
    match (tests.len(), tests.pop()) {
        (1, Some(test)) => test,
        (_, last) => {
            tests.extend(last);
            join(tests)
        }
    }
}

impl Parser<'_> {
    /// What follows `[[`, and `]]`.
    pub(super) fn double_brackets(&mut self) -> Parsed<Body> {
        let test = self.test_or()?;
        self.close("]]", "[[")?;
        Ok(Body::Test(test))
    }

    fn test_or(&mut self) -> Parsed<Test> {
        let mut tests = vec![self.test_and()?];
        loop {
            self.skip_lines();
            if !self.eat("||") && !self.keyword("-o") {
                return Ok(joined(tests, Test::Or));
            }
            tests.push(self.test_and()?);
        }
    }

    fn test_and(&mut self) -> Parsed<Test> {
        let mut tests = vec![self.test_not()?];
        loop {
            self.skip_lines();
            if !self.eat("&&") && !self.keyword("-a") {
                return Ok(joined(tests, Test::And));
            }
            tests.push(self.test_not()?);
        }
    }

    fn test_not(&mut self) -> Parsed<Test> {
        self.deeper(|parser| {
            parser.skip_lines();
            if parser.keyword("!") {
                return Ok(Test::Not(Box::new(parser.test_not()?)));
            }
            if parser.eat("(") {
                let test = parser.test_or()?;
                parser.close_parenthesis()?;
                return Ok(test);
            }
            parser.test_one()
        })
    }

    fn test_one(&mut self) -> Parsed<Test> {
        let left = self.test_word()?;
        self.skip_lines();
        if let [Part::Literal(operator)] = left.0.as_slice()
            && let Some(letter) = operator.strip_prefix('-')
            && letter.len() == 1
            && letter.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && !self.at_test_end()
            && self.binary_operator(false).is_none()
        {
            return Ok(Test::Unary(operator.clone(), self.test_word()?));
        }
        let Some(operator) = self.binary_operator(true) else {
            return Ok(Test::Unary("-n".to_owned(), left));
        };
        self.skip_lines();
        let right = if operator == "=~" { Word(self.parts(Within::Regex)?) } else { self.test_word()? };
        Ok(Test::Binary(operator, left, right))
    }

    fn at_test_end(&self) -> bool {
        self.at_keyword("]]") || ["&&", "||", ")"].iter().any(|end| self.rest().starts_with(end))
    }

    fn binary_operator(&mut self, take: bool) -> Option<String> {
        let rest = self.rest();
        let found = ["<", ">"].into_iter().find(|operator| rest.starts_with(operator)).or_else(|| {
            BINARY.into_iter().find(|operator| {
                let behind = rest.strip_prefix(operator);
                behind.is_some_and(|behind| behind.chars().next().is_some_and(ends_word))
            })
        })?;
        if take {
            self.at += found.len();
        }
        Some(found.to_owned())
    }

    fn test_word(&mut self) -> Parsed<Word> {
        self.skip_lines();
        if self.at_keyword("]]") {
            return Err(self.unexpected());
        }
        if self.rest().is_empty() {
            return Err(SyntaxError::Unmatched("[[".to_owned()));
        }
        self.word()?.ok_or_else(|| self.unexpected())
    }
}
