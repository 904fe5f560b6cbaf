//! `$((…))`: numbers have 32 bits and wrap, as mksh's do.

use super::limits::DEPTH_MAX;

/// Variables, as an expression sees them.
pub(crate) trait Names {
    /// The value of a variable; empty when it is not set.
    fn get(&self, name: &str) -> String;
    /// Sets it.
    fn set(&mut self, name: &str, value: i32) -> Result<(), String>;
}

/// Operators with two sides and how tightly they bind, the longer ones first.
const OPERATORS: [(&str, u8); 18] = [
    ("||", 1),
    ("&&", 2),
    ("==", 6),
    ("!=", 6),
    ("<<", 8),
    (">>", 8),
    ("<=", 7),
    (">=", 7),
    ("<", 7),
    (">", 7),
    ("|", 3),
    ("^", 4),
    ("&", 5),
    ("+", 9),
    ("-", 9),
    ("*", 10),
    ("/", 10),
    ("%", 10),
];

const ASSIGNMENTS: [&str; 11] = ["<<=", ">>=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "="];

/// What the expression is worth.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn evaluate(text: &str, names: &mut dyn Names) -> Result<i32, String> {
    evaluate_at(text, names, 0)
}

fn evaluate_at(text: &str, names: &mut dyn Names, depth: usize) -> Result<i32, String> {
    let mut expression = Expression { text, at: 0, depth, names, quiet: false };
    expression.blanks();
    if expression.rest().is_empty() {
        return Ok(0);
    }
    let value = expression.comma()?;
    if expression.rest().is_empty() { Ok(value) } else { Err(expression.fault("syntax error")) }
}

struct Expression<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    names: &'a mut dyn Names,
    /// In a branch that is not taken: nothing is set, nothing fails.
    quiet: bool,
}

impl Expression<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn fault(&self, what: &str) -> String {
        format!("{}: {what}", self.text.trim())
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
            self.blanks();
        }
        found
    }

    fn comma(&mut self) -> Result<i32, String> {
        let mut value = self.assignment()?;
        while self.eat(",") {
            value = self.assignment()?;
        }
        Ok(value)
    }

    fn assignment(&mut self) -> Result<i32, String> {
        if self.depth >= DEPTH_MAX {
            return Err(self.fault("expression recurses"));
        }
        self.depth += 1;
        let value = self.assignment_inside();
        self.depth -= 1;
        value
    }

    fn assignment_inside(&mut self) -> Result<i32, String> {
        let start = self.at;
        let name = self.name();
        if !name.is_empty() && !self.rest().starts_with("==") {
            let operator = ASSIGNMENTS.into_iter().find(|operator| self.rest().starts_with(operator));
            if let Some(operator) = operator {
                self.eat(operator);
                let right = self.assignment()?;
                let value = match operator.strip_suffix('=') {
                    None | Some("") => right,
                    Some(operator) => {
                        let left = self.value(&name)?;
                        self.apply(operator, left, right)?
                    }
                };
                return self.store(&name, value);
            }
        }
        self.at = start;
        self.choice()
    }

    fn store(&mut self, name: &str, value: i32) -> Result<i32, String> {
        if !self.quiet {
            self.names.set(name, value)?;
        }
        Ok(value)
    }

    fn choice(&mut self) -> Result<i32, String> {
        let condition = self.binary(1)?;
        if !self.eat("?") {
            return Ok(condition);
        }
        let quiet = self.quiet;
        self.quiet = quiet || condition == 0;
        let yes = self.assignment()?;
        if !self.eat(":") {
            return Err(self.fault("missing :"));
        }
        self.quiet = quiet || condition != 0;
        let no = self.assignment()?;
        self.quiet = quiet;
        Ok(if condition != 0 { yes } else { no })
    }

    fn operator(&self) -> Option<(&'static str, u8)> {
        let rest = self.rest();
        let (operator, level) = OPERATORS.into_iter().find(|(operator, _)| rest.starts_with(operator))?;
        let behind = rest.get(operator.len()..).unwrap_or_default();
        let assigns = behind.starts_with('=') && level != 6 && level != 7 && level > 2;
        (!assigns).then_some((operator, level))
    }

    fn binary(&mut self, level_min: u8) -> Result<i32, String> {
        let mut left = self.unary()?;
        while let Some((operator, level)) = self.operator().filter(|(_, level)| *level >= level_min) {
            self.eat(operator);
            let quiet = self.quiet;
            self.quiet = quiet || (operator == "&&" && left == 0) || (operator == "||" && left != 0);
            let right = self.binary(level + 1)?;
            self.quiet = quiet;
            left = self.apply(operator, left, right)?;
        }
        Ok(left)
    }

    fn apply(&self, operator: &str, left: i32, right: i32) -> Result<i32, String> {
        if matches!(operator, "/" | "%") && right == 0 {
            return if self.quiet { Ok(0) } else { Err(self.fault("zero divisor")) };
        }
        let shift = (right & 31).unsigned_abs();
        Ok(match operator {
            "||" => i32::from(left != 0 || right != 0),
            "&&" => i32::from(left != 0 && right != 0),
            "==" => i32::from(left == right),
            "!=" => i32::from(left != right),
            "<=" => i32::from(left <= right),
            ">=" => i32::from(left >= right),
            "<" => i32::from(left < right),
            ">" => i32::from(left > right),
            "<<" => left.wrapping_shl(shift),
            ">>" => left.wrapping_shr(shift),
            "|" => left | right,
            "^" => left ^ right,
            "&" => left & right,
            "+" => left.wrapping_add(right),
            "-" => left.wrapping_sub(right),
            "*" => left.wrapping_mul(right),
            "/" => left.wrapping_div(right),
            "%" => left.wrapping_rem(right),
            _ => return Err(self.fault("unexpected operator")),
        })
    }

    fn unary(&mut self) -> Result<i32, String> {
        if self.depth >= DEPTH_MAX {
            return Err(self.fault("expression recurses"));
        }
        self.depth += 1;
        let value = self.unary_inside();
        self.depth -= 1;
        value
    }

    fn unary_inside(&mut self) -> Result<i32, String> {
        for (operator, by) in [("++", 1), ("--", -1)] {
            let rest = self.rest().strip_prefix(operator).map(str::trim_start);
            if rest.is_some_and(|rest| super::parser::name_bytes(rest) > 0) {
                self.eat(operator);
                let name = self.name();
                let value = self.value(&name)?.wrapping_add(by);
                return self.store(&name, value);
            }
        }
        if self.eat("!") {
            return Ok(i32::from(self.unary()? == 0));
        }
        if self.eat("~") {
            return Ok(!self.unary()?);
        }
        if self.eat("-") {
            return Ok(self.unary()?.wrapping_neg());
        }
        if self.eat("+") {
            return self.unary();
        }
        if self.eat("(") {
            let value = self.comma()?;
            return if self.eat(")") { Ok(value) } else { Err(self.fault("missing )")) };
        }
        self.primary()
    }

    fn primary(&mut self) -> Result<i32, String> {
        let name = self.name();
        if !name.is_empty() {
            let value = self.value(&name)?;
            for (operator, by) in [("++", 1), ("--", -1)] {
                if self.eat(operator) {
                    self.store(&name, value.wrapping_add(by))?;
                }
            }
            return Ok(value);
        }
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '#')).unwrap_or(rest.len());
        let digits = rest.get(..end).unwrap_or_default();
        let value = number(digits)
            .ok_or_else(|| self.fault(if end == 0 { "unexpected token" } else { "bad number" }))?;
        self.at += end;
        self.blanks();
        Ok(value)
    }

    fn name(&mut self) -> String {
        let length = super::parser::name_bytes(self.rest());
        let name = self.rest().get(..length).unwrap_or_default().to_owned();
        self.at += length;
        self.blanks();
        name
    }

    /// A variable holds a number, or an expression again.
    fn value(&mut self, name: &str) -> Result<i32, String> {
        let text = self.names.get(name);
        match number(text.trim()) {
            Some(value) => Ok(value),
            None if self.depth >= DEPTH_MAX => Err(self.fault("expression recurses")),
            None => evaluate_at(&text, self.names, self.depth + 1),
        }
    }
}

/// Decimal, `0x…` or `base#digits`; what is too long wraps.
fn number(text: &str) -> Option<i32> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
    let (radix, digits) = if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        (16, digits)
    } else if let Some((radix, digits)) = text.split_once('#') {
        (radix.parse().ok().filter(|radix| (2..=36).contains(radix))?, digits)
    } else {
        (10, text)
    };
    if digits.is_empty() {
        return None;
    }
    let mut value = 0_i32;
    for digit in digits.chars() {
        let digit = i32::try_from(digit.to_digit(radix)?).ok()?;
        value = value.wrapping_mul(i32::try_from(radix).ok()?).wrapping_add(digit);
    }
    Some(if negative { value.wrapping_neg() } else { value })
}
