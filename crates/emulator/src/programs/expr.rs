//! `expr`, `seq`, `yes`.

use super::output::{CLOSED, Printer, exit};
use crate::program::{Process, Running};
use std::collections::VecDeque;

/// How deep an expression nests.
const DEPTH_MAX: usize = 50;
/// Numbers that `seq` prints.
const SEQ_MAX: u64 = 10_000_000;

/// Evaluates its arguments.
pub(super) fn expr(process: Process) -> Running {
    Box::pin(async move {
        let mut words: VecDeque<String> = process.arguments().to_vec().into();
        match expression(&mut words, 0, 0) {
            Ok(value) if words.is_empty() => {
                let nothing = value.is_empty() || value == "0";
                process.say(value).await;
                u8::from(nothing)
            }
            Ok(_) | Err(Fault::Syntax) => {
                process.complain("syntax error").await;
                2
            }
            Err(Fault::Number) => {
                process.complain("expected integer").await;
                2
            }
            Err(Fault::Expression(why)) => {
                process.complain(why).await;
                2
            }
            Err(Fault::Zero) => {
                process.complain("division by zero").await;
                2
            }
        }
    })
}

enum Fault {
    Syntax,
    /// What is wrong with a regular expression.
    Expression(String),
    Number,
    Zero,
}

fn level(operator: &str) -> Option<u8> {
    Some(match operator {
        "|" => 1,
        "&" => 2,
        "=" | "==" | "!=" | "<" | "<=" | ">" | ">=" => 3,
        "+" | "-" => 4,
        "*" | "/" | "%" => 5,
        ":" => 6,
        _ => return None,
    })
}

fn expression(words: &mut VecDeque<String>, level_min: u8, depth: usize) -> Result<String, Fault> {
    if depth > DEPTH_MAX {
        return Err(Fault::Syntax);
    }
    let first = words.pop_front().ok_or(Fault::Syntax)?;
    let mut left = if first == "(" {
        let value = expression(words, 0, depth + 1)?;
        if words.pop_front().as_deref() != Some(")") {
            return Err(Fault::Syntax);
        }
        value
    } else {
        first
    };
    while let Some(own) = words.front().and_then(|word| level(word)).filter(|own| *own >= level_min) {
        let operator = words.pop_front().unwrap_or_default();
        let right = expression(words, own + 1, depth + 1)?;
        left = apply(&operator, left, right)?;
    }
    Ok(left)
}

fn apply(operator: &str, left: String, right: String) -> Result<String, Fault> {
    let empty = |text: &str| text.is_empty() || text == "0";
    let number = |text: &str| text.parse::<i64>().map_err(|_| Fault::Number);
    Ok(match operator {
        "|" => {
            if empty(&left) {
                right
            } else {
                left
            }
        }
        "&" => {
            if empty(&left) || empty(&right) {
                "0".to_owned()
            } else {
                left
            }
        }
        "+" | "-" | "*" | "/" | "%" => {
            let (a, b) = (number(&left)?, number(&right)?);
            let value = match operator {
                "+" => a.wrapping_add(b),
                "-" => a.wrapping_sub(b),
                "*" => a.wrapping_mul(b),
                _ if b == 0 => return Err(Fault::Zero),
                "/" => a.wrapping_div(b),
                _ => a.wrapping_rem(b),
            };
            value.to_string()
        }
        ":" => {
            let pattern =
                super::regex::compile(&format!("^{right}"), false, false).map_err(Fault::Expression)?;
            let pattern = pattern.on(&left).map_err(Fault::Expression)?;
            match (pattern.captures(&left), pattern.captures_len() > 1) {
                (Some(found), true) => found.get(1).map_or(String::new(), |group| group.as_str().to_owned()),
                (Some(found), false) => {
                    found.get(0).map_or(0, |whole| whole.as_str().chars().count()).to_string()
                }
                (None, true) => String::new(),
                (None, false) => "0".to_owned(),
            }
        }
        _ => {
            let order = match (number(&left), number(&right)) {
                (Ok(a), Ok(b)) => a.cmp(&b),
                _ => left.cmp(&right),
            };
            let holds = match operator {
                "<" => order.is_lt(),
                "<=" => order.is_le(),
                ">" => order.is_gt(),
                ">=" => order.is_ge(),
                "!=" => order.is_ne(),
                _ => order.is_eq(),
            };
            u8::from(holds).to_string()
        }
    })
}

/// Counts.
pub(super) fn seq(process: Process) -> Running {
    Box::pin(async move {
        let mut arguments = process.arguments();
        let (mut separator, mut wide) = ("\n".to_owned(), false);
        while let Some((first, rest)) = arguments.split_first() {
            arguments = match (first.as_str(), first.strip_prefix("-s")) {
                ("-w", _) => {
                    wide = true;
                    rest
                }
                (_, Some("")) => {
                    separator = rest.first().cloned().unwrap_or_default();
                    rest.get(1..).unwrap_or_default()
                }
                (_, Some(own)) => {
                    separator = own.to_owned();
                    rest
                }
                (_, None) => break,
            };
        }
        let numbers: Option<Vec<f64>> =
            arguments.iter().map(|text| text.parse().ok().filter(|n: &f64| n.is_finite())).collect();
        let (first, step, last) = match numbers.as_deref() {
            Some([last]) => (1.0, 1.0, *last),
            Some([first, last]) => (*first, 1.0, *last),
            Some([first, step, last]) => (*first, *step, *last),
            _ => return process.complain("bad number").await,
        };
        let digits = arguments
            .iter()
            .filter_map(|text| text.split_once('.'))
            .map(|(_, digits)| digits.len().min(9))
            .max()
            .unwrap_or(0);
        let width =
            if wide { format!("{last:.digits$}").len().max(format!("{first:.digits$}").len()) } else { 0 };
        let mut printer = Printer::new(&process.stdout);
        for at in 0..SEQ_MAX {
            let number = first + step * at as f64;
            let slack = step.abs() / 1e6;
            if step >= 0.0 && number > last + slack
                || step < 0.0 && number < last - slack
                || step == 0.0 && at > 0
            {
                let end = if at > 0 { "\n" } else { "" };
                let done = printer.print(end).await;
                return exit(match done {
                    Ok(()) => printer.flush().await.map(|()| 0),
                    Err(closed) => Err(closed),
                });
            }
            let before = if at > 0 { separator.as_str() } else { "" };
            if printer.print(format!("{before}{number:0width$.digits$}")).await.is_err() {
                return CLOSED;
            }
        }
        exit(printer.flush().await.map(|()| 0))
    })
}

/// Says the same for ever.
pub(super) fn yes(process: Process) -> Running {
    Box::pin(async move {
        let words = process.arguments();
        let line = if words.is_empty() { "y".to_owned() } else { words.join(" ") };
        let bytes = bytes::Bytes::from(format!("{line}\n").repeat(64));
        while process.stdout.write(bytes.clone()).await.is_ok() {
            // Where all is forgotten, nothing ever waits.
            tokio::task::yield_now().await;
        }
        CLOSED
    })
}
