//! Fields: what the words of a command become, split and still knowing which letters were quoted.

use super::limits::EXPANSION_BYTES_MAX;
use super::pattern;

/// What is wanted of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Split into fields.
    Split,
    /// One text.
    Plain,
    /// One pattern, in which quoted letters mean themselves.
    Pattern,
}

/// One field.
#[derive(Debug, Default, Clone)]
pub(super) struct Field {
    pub(super) text: String,
    /// The same with quoted letters escaped; only once there is something that is not quoted and means more.
    pub(super) pattern: Option<String>,
}

impl Field {
    fn push(&mut self, text: &str, quoted: bool) {
        let magic = !quoted && (pattern::is_magic(text) || text.contains('\\'));
        if magic && self.pattern.is_none() {
            let mut escaped = String::new();
            pattern::escape(&self.text, &mut escaped);
            self.pattern = Some(escaped);
        }
        match &mut self.pattern {
            Some(pattern) if quoted => pattern::escape(text, pattern),
            Some(pattern) => pattern.push_str(text),
            None => {}
        }
        self.text.push_str(text);
    }

    /// As a pattern, whether or not it has anything special.
    fn into_pattern(self) -> String {
        self.pattern.unwrap_or_else(|| {
            let mut escaped = String::new();
            pattern::escape(&self.text, &mut escaped);
            escaped
        })
    }
}

/// Fields being put together.
#[derive(Debug)]
pub(super) struct Fields {
    shape: Shape,
    separators: String,
    done: Vec<Field>,
    current: Option<Field>,
    bytes: usize,
}

/// The words of a command are too long.
#[derive(Debug)]
pub(super) struct TooLong;

impl Fields {
    pub(super) fn new(shape: Shape, separators: &str) -> Self {
        Self { shape, separators: separators.to_owned(), done: Vec::new(), current: None, bytes: 0 }
    }

    /// Bytes that were added so far.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// There is a field here, be it empty.
    pub(super) fn begin(&mut self) {
        self.current.get_or_insert_default();
    }

    /// Ends a field, if one has begun.
    pub(super) fn end(&mut self) {
        if self.shape == Shape::Split {
            self.done.extend(self.current.take());
        }
    }

    /// Between two arguments: ends the field, or is a blank where there is one text only.
    pub(super) fn between(&mut self) -> Result<(), TooLong> {
        if self.shape == Shape::Split {
            self.end();
            return self.count("");
        }
        self.push(" ", true)
    }

    /// Adds text that is not split.
    pub(super) fn push(&mut self, text: &str, quoted: bool) -> Result<(), TooLong> {
        self.count(text)?;
        self.current.get_or_insert_default().push(text, quoted);
        Ok(())
    }

    fn count(&mut self, text: &str) -> Result<(), TooLong> {
        self.bytes += text.len();
        if self.bytes + self.done.len() * size_of::<Field>() > EXPANSION_BYTES_MAX {
            Err(TooLong)
        } else {
            Ok(())
        }
    }

    /// Adds what an expansion gave: split unless quoted.
    pub(super) fn expanded(&mut self, text: &str, quoted: bool) -> Result<(), TooLong> {
        if quoted || self.shape != Shape::Split {
            return self.push(text, quoted);
        }
        self.count(text)?;
        let mut after_blank = false;
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            let plain = rest.find(|letter| self.separators.contains(letter)).unwrap_or(rest.len());
            if plain > 0 {
                let (run, behind) = rest.split_at_checked(plain).unwrap_or((rest, ""));
                self.current.get_or_insert_default().push(run, false);
                rest = behind;
                after_blank = false;
                continue;
            }
            rest = rest.get(letter.len_utf8()..).unwrap_or_default();
            let blank = matches!(letter, ' ' | '\t' | '\n');
            if self.current.is_some() {
                self.end();
                after_blank = blank;
            } else if !blank && !after_blank {
                self.done.push(Field::default());
            } else if !blank {
                after_blank = false;
            }
            self.count("")?;
        }
        Ok(())
    }

    /// All fields.
    pub(super) fn into_fields(mut self) -> Vec<Field> {
        self.done.extend(self.current.take());
        self.done
    }

    /// The one text.
    pub(super) fn into_text(self) -> String {
        let shape = self.shape;
        let field = self.current.unwrap_or_default();
        if shape == Shape::Pattern { field.into_pattern() } else { field.text }
    }
}
