//! Patterns: `*`, `?`, `[…]`, and a backslash before what means itself.

use super::limits::{PATTERN_SET_MAX, PATTERN_STEPS_MAX};

/// A pattern, ready to be matched.
#[derive(Debug, Clone)]
pub(crate) struct Pattern(Vec<Token>);

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Letter(char),
    Any,
    Many,
    Set { negated: bool, ranges: Vec<(char, char)>, classes: Vec<String> },
}

impl Token {
    fn takes(&self, letter: char) -> bool {
        match self {
            Self::Letter(own) => *own == letter,
            Self::Any | Self::Many => true,
            Self::Set { negated, ranges, classes } => {
                let inside = ranges.iter().any(|(from, to)| (*from..=*to).contains(&letter))
                    || classes.iter().any(|class| in_class(class, letter));
                inside != *negated
            }
        }
    }
}

/// The letter belongs to the class of this name, as in `[[:digit:]]`.
pub(crate) fn in_class(class: &str, letter: char) -> bool {
    match class {
        "alnum" => letter.is_ascii_alphanumeric(),
        "alpha" => letter.is_ascii_alphabetic(),
        "blank" => matches!(letter, ' ' | '\t'),
        "cntrl" => letter.is_ascii_control(),
        "digit" => letter.is_ascii_digit(),
        "graph" => letter.is_ascii_graphic(),
        "lower" => letter.is_ascii_lowercase(),
        "print" => letter.is_ascii_graphic() || letter == ' ',
        "punct" => letter.is_ascii_punctuation(),
        "space" => letter.is_ascii_whitespace() || letter == '\x0b',
        "upper" => letter.is_ascii_uppercase(),
        "xdigit" => letter.is_ascii_hexdigit(),
        _ => false,
    }
}

/// Makes every letter mean itself.
pub(crate) fn escape(text: &str, into: &mut String) {
    for letter in text.chars() {
        if matches!(letter, '*' | '?' | '[' | ']' | '\\' | '-' | '!' | '^') {
            into.push('\\');
        }
        into.push(letter);
    }
}

/// The text has letters that mean more than themselves.
pub(crate) fn is_magic(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

impl Pattern {
    pub(crate) fn new(text: &str) -> Self {
        let letters: Vec<char> = text.chars().collect();
        let mut tokens = Vec::new();
        let mut at = 0;
        while let Some(letter) = letters.get(at) {
            at += 1;
            match letter {
                '*' if tokens.last() == Some(&Token::Many) => {}
                '*' => tokens.push(Token::Many),
                '?' => tokens.push(Token::Any),
                '[' => match set(letters.get(..at + PATTERN_SET_MAX).unwrap_or(&letters), at) {
                    Some((token, end)) => {
                        tokens.push(token);
                        at = end;
                    }
                    None => tokens.push(Token::Letter('[')),
                },
                '\\' => {
                    tokens.push(Token::Letter(letters.get(at).copied().unwrap_or('\\')));
                    at += 1;
                }
                _ => tokens.push(Token::Letter(*letter)),
            }
        }
        Self(tokens)
    }

    /// The whole text is as the pattern says.
    pub(crate) fn matches(&self, text: &str) -> bool {
        self.matches_counting(text).0
    }

    /// As [`Pattern::matches`], and the work that it took.
    pub(super) fn matches_counting(&self, text: &str) -> (bool, usize) {
        let letters: Vec<char> = text.chars().collect();
        let mut steps = PATTERN_STEPS_MAX;
        let holds = self.matches_letters(&letters, &mut steps);
        (holds, PATTERN_STEPS_MAX - steps)
    }

    /// The same, to be held against letters from the last to the first.
    pub(super) fn reversed(mut self) -> Self {
        self.0.reverse();
        self
    }

    /// How many of the first letters are as the pattern says: the most of them, or the fewest. None after the
    /// steps are used up.
    pub(super) fn beginning<'a>(
        &self,
        letters: impl Iterator<Item = &'a char>,
        longest: bool,
        steps: &mut usize,
    ) -> Option<usize> {
        // Every place in the pattern where the letters so far can have led to.
        let mut places = vec![false; self.0.len() + 1];
        self.reach(&mut places, 0);
        let mut found = places.last().is_some_and(|end| *end).then_some(0);
        for (at, letter) in letters.enumerate() {
            if found.is_some() && !longest {
                return found;
            }
            *steps = steps.checked_sub(places.len())?;
            let mut next = vec![false; places.len()];
            let mut any = false;
            for (place, token) in self.0.iter().enumerate() {
                if places.get(place) == Some(&true) && token.takes(*letter) {
                    any = true;
                    self.reach(&mut next, if *token == Token::Many { place } else { place + 1 });
                }
            }
            if !any {
                break;
            }
            places = next;
            if places.last() == Some(&true) {
                found = Some(at + 1);
            }
        }
        found
    }

    /// Marks a place, and those behind it that need no letter.
    fn reach(&self, places: &mut [bool], place: usize) {
        let free = self.0.iter().skip(place).take_while(|token| **token == Token::Many).count();
        for place in places.iter_mut().skip(place).take(free + 1) {
            *place = true;
        }
    }

    /// As [`Pattern::matches`], until the steps are used up; nothing matches then.
    fn matches_letters(&self, letters: &[char], steps: &mut usize) -> bool {
        let (mut token, mut letter) = (0, 0);
        let mut back: Option<(usize, usize)> = None;
        loop {
            let Some(left) = steps.checked_sub(1) else { return false };
            *steps = left;
            match (self.0.get(token), letters.get(letter)) {
                (None, None) => return true,
                (Some(Token::Many), _) => {
                    back = Some((token + 1, letter));
                    token += 1;
                    continue;
                }
                (Some(own), Some(other)) if own.takes(*other) => {
                    (token, letter) = (token + 1, letter + 1);
                    continue;
                }
                _ => {}
            }
            match &mut back {
                Some((resume, from)) if *from < letters.len() => {
                    *from += 1;
                    (token, letter) = (*resume, *from);
                }
                _ => return false,
            }
        }
    }
}

/// Reads a set from behind its bracket.
fn set(letters: &[char], start: usize) -> Option<(Token, usize)> {
    let mut at = start;
    let negated = matches!(letters.get(at), Some('!' | '^'));
    at += usize::from(negated);
    let first = at;
    let (mut ranges, mut classes) = (Vec::new(), Vec::new());
    loop {
        let mut letter = *letters.get(at)?;
        at += 1;
        match letter {
            ']' if at > first + 1 => return Some((Token::Set { negated, ranges, classes }, at)),
            '[' if letters.get(at) == Some(&':') => {
                let end = letters.get(at + 1..)?.iter().position(|c| *c == ':')? + at + 1;
                classes.push(letters.get(at + 1..end)?.iter().collect());
                at = end + 2;
                continue;
            }
            '\\' => {
                letter = *letters.get(at)?;
                at += 1;
            }
            _ => {}
        }
        let mut last = letter;
        if letters.get(at) == Some(&'-') && letters.get(at + 1).is_some_and(|c| *c != ']') {
            last = *letters.get(at + 1)?;
            at += 2;
        }
        ranges.push((letter, last));
    }
}
