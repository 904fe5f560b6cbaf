//! Regular expressions, for `=~` and for programs: bounded in what they take, and in how long one match takes.

use regex_lite::{Regex, RegexBuilder};

/// Bytes of an expression.
const EXPRESSION_BYTES_MAX: usize = 4096;
/// An expression that is ready, by its bytes, and the longest text that is then searched: a match takes steps as
/// the one times the other, and nobody else has the thread meanwhile.
const SIZES: [(usize, usize); 2] = [(8 * 1024, 4 * 1024 * 1024), (256 * 1024, 64 * 1024)];

/// An expression that is ready.
#[derive(Debug)]
pub(crate) struct Expression {
    regex: Regex,
    text_bytes_max: usize,
}

impl Expression {
    /// Makes an expression ready.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn new(expression: &str, ignore_case: bool) -> Result<Self, String> {
        if expression.len() > EXPRESSION_BYTES_MAX {
            return Err("Regular expression too big".to_owned());
        }
        let ready = |(size, text_bytes_max)| {
            let mut builder = RegexBuilder::new(expression);
            let regex = builder.case_insensitive(ignore_case).size_limit(size).build().ok()?;
            Some(Self { regex, text_bytes_max })
        };
        SIZES.into_iter().find_map(ready).ok_or_else(|| "Invalid regular expression".to_owned())
    }

    /// The expression, for this text.
    ///
    /// # Errors
    /// The text is too long for an expression as large as this.
    pub(crate) fn on(&self, text: &str) -> Result<&Regex, String> {
        if text.len() > self.text_bytes_max {
            return Err("line too long for this regular expression".to_owned());
        }
        Ok(&self.regex)
    }
}

/// The text has a part that the regular expression describes.
///
/// # Errors
/// The expression cannot be used, or not on this text.
pub(super) fn matches(expression: &str, text: &str) -> Result<bool, String> {
    let found = Expression::new(expression, false).and_then(|ready| Ok(ready.on(text)?.is_match(text)));
    found.map_err(|why| format!("{expression}: {why}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_large_expression_is_for_short_texts_only() {
        let (short, long) = ("a".repeat(64 * 1024), "a".repeat(64 * 1024 + 1));
        let small = Expression::new("b$", false).unwrap();
        assert!(!small.on(&long).unwrap().is_match(&long));
        let large = Expression::new("(abc){900}", true).unwrap();
        assert!(!large.on(&short).unwrap().is_match(&short));
        assert!(large.on(&long).is_err());
        assert!(Expression::new("((a{99}){99}){99}", false).is_err());
        assert!(Expression::new(&"a".repeat(EXPRESSION_BYTES_MAX + 1), false).is_err());
        assert!(matches("(abc){900}", &long).unwrap_err().contains("line too long"));
    }
}
