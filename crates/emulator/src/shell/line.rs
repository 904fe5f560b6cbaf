//! What a terminal does with keys before a program reads them: a line is echoed and edited until it is whole.
//! Pure: bytes in, bytes and events out.

use super::limits::{HISTORY_LINES_MAX, LINE_BYTES_MAX};
use std::collections::VecDeque;

/// What a key completed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// A line, without its end.
    Line(Vec<u8>),
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-D on an empty line.
    End,
}

/// Where in an escape sequence the keys are.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Escape {
    #[default]
    None,
    Begun,
    Inside,
}

/// A line being typed.
#[derive(Debug, Default)]
pub(super) struct Line {
    bytes: Vec<u8>,
    escape: Escape,
    /// The last byte ended a line with a carriage return: a line feed right behind it is no second end.
    returned: bool,
    history: VecDeque<Vec<u8>>,
    /// How far back in the history the line is; 0 for a new one.
    back: usize,
    /// The new line, while an old one is looked at.
    new: Vec<u8>,
}

const ERASE: &[u8] = b"\x08 \x08";
const BELL: u8 = 0x07;

impl Line {
    /// Takes a key; adds to `echo` what the terminal shows. Lines end in `\n` there.
    pub(super) fn key(&mut self, key: u8, echo: &mut Vec<u8>) -> Option<Typed> {
        let returned = std::mem::take(&mut self.returned);
        if self.escape != Escape::None {
            self.escaped(key, echo);
            return None;
        }
        match key {
            b'\n' if returned => {}
            b'\r' | b'\n' => {
                self.returned = key == b'\r';
                echo.push(b'\n');
                return Some(Typed::Line(self.take()));
            }
            0x03 => {
                echo.extend_from_slice(b"^C\n");
                self.take();
                return Some(Typed::Interrupt);
            }
            0x04 if self.bytes.is_empty() => return Some(Typed::End),
            0x08 | 0x7f => self.erase(echo),
            0x15 => {
                while !self.bytes.is_empty() {
                    self.erase(echo);
                }
            }
            0x17 => self.erase_word(echo),
            0x1b => self.escape = Escape::Begun,
            b'\t' | 0x20..=0x7e | 0x80.. => {
                if self.bytes.len() < LINE_BYTES_MAX {
                    self.bytes.push(key);
                    echo.push(key);
                } else {
                    echo.push(BELL);
                }
            }
            _ => {}
        }
        None
    }

    /// Remembers a line for the arrow keys.
    pub(super) fn remember(&mut self, line: &[u8]) {
        if line.is_empty() || self.history.front().is_some_and(|last| last == line) {
            return;
        }
        self.history.truncate(HISTORY_LINES_MAX - 1);
        self.history.push_front(line.to_vec());
    }

    fn take(&mut self) -> Vec<u8> {
        self.back = 0;
        self.new.clear();
        std::mem::take(&mut self.bytes)
    }

    /// Takes the last letter away, whole.
    fn erase(&mut self, echo: &mut Vec<u8>) {
        let Some(mut last) = self.bytes.pop() else { return };
        while last & 0xc0 == 0x80
            && let Some(before) = self.bytes.pop()
        {
            last = before;
        }
        echo.extend_from_slice(ERASE);
    }

    fn erase_word(&mut self, echo: &mut Vec<u8>) {
        for blank in [true, false] {
            while self.bytes.last().is_some_and(|byte| (*byte == b' ') == blank) {
                self.erase(echo);
            }
        }
    }

    fn escaped(&mut self, key: u8, echo: &mut Vec<u8>) {
        match (self.escape, key) {
            (Escape::Begun, b'[' | b'O') => self.escape = Escape::Inside,
            (Escape::Inside, b'0'..=b'?') => {}
            (Escape::Inside, b'A') => self.look_back(self.back + 1, echo),
            (Escape::Inside, b'B') if self.back > 0 => self.look_back(self.back - 1, echo),
            _ => self.escape = Escape::None,
        }
    }

    fn look_back(&mut self, back: usize, echo: &mut Vec<u8>) {
        self.escape = Escape::None;
        let line = match back.checked_sub(1) {
            None => self.new.clone(),
            Some(at) => match self.history.get(at) {
                Some(line) => line.clone(),
                None => return,
            },
        };
        if self.back == 0 {
            self.new = self.bytes.clone();
        }
        while !self.bytes.is_empty() {
            self.erase(echo);
        }
        echo.extend_from_slice(&line);
        self.bytes = line;
        self.back = back;
    }
}

/// Ends lines as a terminal needs it: a carriage return before every line feed that has none.
pub(super) fn for_terminal(bytes: &[u8], last: &mut u8) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 16);
    for byte in bytes {
        if *byte == b'\n' && *last != b'\r' {
            out.push(b'\r');
        }
        out.push(*byte);
        *last = *byte;
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// What keys show, and what they complete.
    fn typed(line: &mut Line, keys: &str) -> (String, Vec<Typed>) {
        let mut echo = Vec::new();
        let typed = keys.bytes().filter_map(|key| line.key(key, &mut echo)).collect();
        (String::from_utf8(echo).unwrap(), typed)
    }

    fn line_of(text: &str) -> Typed {
        Typed::Line(text.as_bytes().to_vec())
    }

    #[test]
    fn what_is_typed_is_echoed_and_a_return_ends_it_however_it_is_sent() {
        for end in ["\r", "\n", "\r\n"] {
            let (echo, lines) = typed(&mut Line::default(), &format!("ls{end}id{end}"));
            assert_eq!(echo, "ls\nid\n");
            assert_eq!(lines, [line_of("ls"), line_of("id")]);
        }
    }

    #[test]
    fn letters_are_erased_whole() {
        let (echo, lines) = typed(&mut Line::default(), "aé\x7f\x08\x7fb\r");
        assert_eq!(echo, "aé\x08 \x08\x08 \x08b\n");
        assert_eq!(lines, [line_of("b")]);
    }

    #[test]
    fn control_keys_clear_interrupt_and_end() {
        let (_, lines) = typed(&mut Line::default(), "abc\x15x\rone two\x17\rabc\x03\x04a\x04\r");
        assert_eq!(lines, [line_of("x"), line_of("one "), Typed::Interrupt, Typed::End, line_of("a")]);
    }

    #[test]
    fn arrows_bring_old_lines_back_and_the_new_one_again() {
        let mut line = Line::default();
        line.remember(b"first");
        line.remember(b"second");
        line.remember(b"second");
        let (_, lines) =
            typed(&mut line, "new\x1b[A\x1b[A\x1b[A\x1b[B\r\x1b[A\x1b[A\r\x1b[Anew\x1b[B\x1b[B\r");
        assert_eq!(lines, [line_of("second"), line_of("first"), line_of("")]);
    }

    #[test]
    fn history_and_lines_are_bounded() {
        let mut line = Line::default();
        for number in 0..HISTORY_LINES_MAX * 2 {
            line.remember(number.to_string().as_bytes());
        }
        assert_eq!(line.history.len(), HISTORY_LINES_MAX);
        let (echo, lines) = typed(&mut line, &format!("{}\r", "x".repeat(LINE_BYTES_MAX + 2)));
        assert!(echo.ends_with("x\x07\x07\n"));
        assert_eq!(lines, [Typed::Line(vec![b'x'; LINE_BYTES_MAX])]);
    }

    #[test]
    fn unknown_sequences_and_control_keys_are_nothing() {
        let (echo, lines) = typed(&mut Line::default(), "a\x1b[3~\x1b[1;5C\x1bx\x01b\r");
        assert_eq!((echo.as_str(), lines), ("ab\n", vec![line_of("ab")]));
    }

    #[test]
    fn every_line_feed_gets_one_carriage_return() {
        let mut last = 0;
        assert_eq!(for_terminal(b"a\nb\r", &mut last), b"a\r\nb\r");
        assert_eq!(for_terminal(b"\n\n", &mut last), b"\n\r\n");
    }
}
