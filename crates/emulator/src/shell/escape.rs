//! Backslash escapes, as `echo`, `printf` and `$'…'` know them.

/// Whose escapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// `echo` and `%b`: octal numbers begin with 0, and `\c` ends everything.
    Echo,
    /// The format of `printf`.
    Printf,
    /// `$'…'`: an escaped quote too.
    Dollar,
}

/// A text whose escapes are replaced.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unescaped {
    pub(crate) text: String,
    /// `\c` was met.
    pub(crate) ended: bool,
}

/// Replaces the escapes.
pub(crate) fn unescape(text: &str, style: Style) -> Unescaped {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + 1..).unwrap_or_default();
        let Some(letter) = rest.chars().next() else {
            out.push('\\');
            break;
        };
        rest = rest.get(letter.len_utf8()..).unwrap_or_default();
        match letter {
            'a' => out.push('\x07'),
            'b' => out.push('\x08'),
            'e' | 'E' => out.push('\x1b'),
            'f' => out.push('\x0c'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'v' => out.push('\x0b'),
            '\\' => out.push('\\'),
            'c' if style != Style::Dollar => return Unescaped { text: out, ended: true },
            '\'' | '"' if style != Style::Echo => out.push(letter),
            'x' => rest = number(&mut out, rest, 16, 2, letter),
            'u' => rest = number(&mut out, rest, 16, 4, letter),
            'U' => rest = number(&mut out, rest, 16, 8, letter),
            '0' if style == Style::Echo => rest = number(&mut out, rest, 8, 3, '\0'),
            '0'..='7' if style != Style::Echo => {
                let digits = text.len() - rest.len() - 1;
                rest = number(&mut out, text.get(digits..).unwrap_or_default(), 8, 3, '\0');
            }
            _ => out.extend(['\\', letter]),
        }
    }
    out.push_str(rest);
    Unescaped { text: out, ended: false }
}

/// Adds the letter of a number; without digits, `\` and `letter`, or for a NUL as that the NUL that `\0` is.
fn number<'a>(out: &mut String, text: &'a str, radix: u32, digits_max: usize, letter: char) -> &'a str {
    let digits = text.chars().take(digits_max).take_while(|c| c.is_digit(radix)).count();
    let (number, rest) = text.split_at_checked(digits).unwrap_or((text, ""));
    match u32::from_str_radix(number, radix).ok() {
        None if letter != '\0' => out.extend(['\\', letter]),
        None => out.push('\0'),
        Some(0) if letter == 'u' || letter == 'U' => {}
        Some(code) => out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)),
    }
    rest
}
