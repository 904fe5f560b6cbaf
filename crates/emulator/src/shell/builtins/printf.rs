//! `printf`.

use super::super::escape::{Style, unescape};
use super::super::{Done, Shell};

/// Widest field that a format may ask for.
const WIDTH_MAX: usize = 4096;
/// Bytes after which one call prints nothing more.
const PRINTF_BYTES_MAX: usize = 1024 * 1024;

/// One conversion of a format.
#[derive(Debug, Default)]
struct Conversion {
    left: bool,
    zero: bool,
    sign: bool,
    space: bool,
    alternate: bool,
    width: usize,
    precision: Option<usize>,
    kind: char,
}

/// What a format gives.
#[derive(Debug, Default)]
struct Printed {
    text: String,
    wrong: Vec<String>,
    ended: bool,
}

impl Shell {
    pub(super) async fn printf(&mut self, arguments: &[String]) -> Done {
        let arguments = if arguments.first().is_some_and(|first| first == "--") {
            arguments.get(1..).unwrap_or_default()
        } else {
            arguments
        };
        let Some((format, mut arguments)) = arguments.split_first() else {
            return self.builtin_complains("printf", "missing argument", 1).await;
        };
        let mut printed = Printed::default();
        loop {
            let before = arguments.len();
            round(format, &mut arguments, &mut printed);
            let done = arguments.is_empty() || arguments.len() == before || printed.ended;
            if done || printed.text.len() > PRINTF_BYTES_MAX {
                break;
            }
        }
        self.print(printed.text).await?;
        for wrong in &printed.wrong {
            self.complain(&format!("printf: {wrong}")).await;
        }
        Ok(u8::from(!printed.wrong.is_empty()))
    }
}

/// Goes through the format once.
fn round(format: &str, arguments: &mut &[String], printed: &mut Printed) {
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        literal(rest.get(..at).unwrap_or_default(), printed);
        if printed.ended {
            return;
        }
        let mut letters = rest.get(at + 1..).unwrap_or_default();
        let conversion = conversion(&mut letters, arguments);
        match conversion.kind {
            '%' => printed.text.push('%'),
            '\0' => {
                printed.wrong.push("bad format".to_owned());
                printed.ended = true;
            }
            _ => {
                let argument = take(arguments);
                convert(&conversion, argument, printed);
            }
        }
        if printed.ended || printed.text.len() > PRINTF_BYTES_MAX {
            return;
        }
        rest = letters;
    }
    literal(rest, printed);
}

fn literal(text: &str, printed: &mut Printed) {
    let unescaped = unescape(text, Style::Printf);
    printed.text.push_str(&unescaped.text);
    printed.ended |= unescaped.ended;
}

fn take<'a>(arguments: &mut &'a [String]) -> Option<&'a str> {
    let (first, rest) = arguments.split_first()?;
    *arguments = rest;
    Some(first)
}

/// Reads a conversion from behind its percent sign.
fn conversion(letters: &mut &str, arguments: &mut &[String]) -> Conversion {
    let mut conversion = Conversion::default();
    while let Some(letter) = next(letters) {
        match letter {
            '-' => conversion.left = true,
            '0' => conversion.zero = true,
            '+' => conversion.sign = true,
            ' ' => conversion.space = true,
            '#' => conversion.alternate = true,
            '*' => {
                let width = take(arguments).and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
                conversion.left |= width < 0;
                conversion.width = usize::try_from(width.unsigned_abs()).unwrap_or(0).min(WIDTH_MAX);
            }
            '1'..='9' => conversion.width = digits(letters, letter),
            '.' => {
                let star = letters.starts_with('*');
                conversion.precision = Some(if star {
                    let _ = next(letters);
                    take(arguments).and_then(|text| text.parse().ok()).unwrap_or(0).min(WIDTH_MAX)
                } else {
                    digits(letters, '0')
                });
            }
            'l' | 'h' | 'q' | 'j' | 'z' => {}
            'd' | 'i' | 'u' | 'x' | 'X' | 'o' | 'c' | 's' | 'b' | 'e' | 'f' | 'g' | 'E' | 'G' | '%' => {
                conversion.kind = letter;
                return conversion;
            }
            _ => return conversion,
        }
    }
    conversion
}

fn next(letters: &mut &str) -> Option<char> {
    let letter = letters.chars().next()?;
    *letters = letters.get(letter.len_utf8()..).unwrap_or_default();
    Some(letter)
}

fn digits(letters: &mut &str, first: char) -> usize {
    let mut number = first.to_digit(10).unwrap_or(0) as usize;
    while let Some(digit) = letters.chars().next().and_then(|letter| letter.to_digit(10)) {
        number = (number * 10 + digit as usize).min(WIDTH_MAX);
        let _ = next(letters);
    }
    number
}

fn convert(conversion: &Conversion, argument: Option<&str>, printed: &mut Printed) {
    let text = argument.unwrap_or_default();
    let (sign, digits) = match conversion.kind {
        's' => (String::new(), text.chars().take(conversion.precision.unwrap_or(usize::MAX)).collect()),
        'c' => (String::new(), text.chars().take(1).collect()),
        'b' => {
            let unescaped = unescape(text, Style::Echo);
            printed.ended |= unescaped.ended;
            (String::new(), unescaped.text)
        }
        'e' | 'f' | 'g' | 'E' | 'G' => {
            let number = text.trim().parse::<f64>().unwrap_or_else(|_| {
                if !text.is_empty() {
                    printed.wrong.push(format!("{text}: bad number"));
                }
                0.0
            });
            let precision = conversion.precision.unwrap_or(6);
            let digits = match conversion.kind {
                'f' => format!("{:.precision$}", number.abs()),
                'e' | 'E' => format!("{:.precision$e}", number.abs()),
                _ => format!("{}", number.abs()),
            };
            (signed(conversion, number < 0.0), digits)
        }
        kind => {
            let number = integer(text).unwrap_or_else(|| {
                printed.wrong.push(format!("{text}: bad number"));
                0
            });
            let mut digits = match kind {
                'x' => format!("{number:x}"),
                'X' => format!("{number:X}"),
                'o' => format!("{number:o}"),
                'u' => format!("{}", number.cast_unsigned()),
                _ => number.unsigned_abs().to_string(),
            };
            if let Some(precision) = conversion.precision {
                digits = format!("{digits:0>precision$}");
            }
            let prefix = match kind {
                'd' | 'i' => signed(conversion, number < 0),
                'x' if conversion.alternate => "0x".to_owned(),
                'X' if conversion.alternate => "0X".to_owned(),
                'o' if conversion.alternate => "0".to_owned(),
                _ => String::new(),
            };
            (prefix, digits)
        }
    };
    let length = sign.chars().count() + digits.chars().count();
    let missing = conversion.width.saturating_sub(length);
    let number = !matches!(conversion.kind, 's' | 'c' | 'b');
    let padded = if conversion.left {
        format!("{sign}{digits}{}", " ".repeat(missing))
    } else if conversion.zero && number {
        format!("{sign}{}{digits}", "0".repeat(missing))
    } else {
        format!("{}{sign}{digits}", " ".repeat(missing))
    };
    printed.text.push_str(&padded);
}

fn signed(conversion: &Conversion, negative: bool) -> String {
    let sign = match (negative, conversion.sign, conversion.space) {
        (true, _, _) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        (false, false, false) => "",
    };
    sign.to_owned()
}

/// Decimal, `0x…`, octal with a 0 before, or `'a` for the number of a letter.
fn integer(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.is_empty() {
        return Some(0);
    }
    if let Some(letter) = text.strip_prefix(['\'', '"']) {
        return Some(letter.chars().next().map_or(0, |letter| i64::from(u32::from(letter))));
    }
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let digits = digits.strip_prefix('+').unwrap_or(digits);
    let number = if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        u64::from_str_radix(hex, 16).ok()?.cast_signed()
    } else if digits.len() > 1 && digits.starts_with('0') {
        i64::from_str_radix(digits, 8).ok()?
    } else {
        digits.parse().ok()?
    };
    Some(if negative { number.wrapping_neg() } else { number })
}
