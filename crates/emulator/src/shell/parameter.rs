//! `$name` and `${name…}`.

use super::ast::{Form, Parameter, Part, Place, UnsetKind, Word};
use super::field::{Fields, Shape, TooLong};
use super::limits::{EXPANSION_BYTES_MAX, PATTERN_STEPS_MAX};
use super::pattern::Pattern;
use super::{Flow, Shell};

use futures::future::{BoxFuture, FutureExt};

impl Shell {
    /// Adds what a parameter expands to.
    pub(super) fn parameter<'a>(
        &'a mut self,
        parameter: &'a Parameter,
        quoted: bool,
        fields: &'a mut Fields,
    ) -> BoxFuture<'a, Result<(), Flow>> {
        // In a box of its own: it would make the stack frame of every caller as large as itself.
        self.parameter_now(parameter, quoted, fields).boxed()
    }

    async fn parameter_now(
        &mut self,
        parameter: &Parameter,
        quoted: bool,
        fields: &mut Fields,
    ) -> Result<(), Flow> {
        if parameter.form == Form::Value && matches!(parameter.name.as_str(), "@" | "*") {
            return match self.arguments_into(&parameter.name, quoted, fields) {
                Ok(()) => Ok(()),
                Err(TooLong) => Err(self.too_long().await),
            };
        }
        let name = parameter.name.as_str();
        let value = self.value(name);
        if let Form::Unset { kind, colon, word } = &parameter.form {
            let set = value.as_ref().is_some_and(|value| !(*colon && value.is_empty()));
            if set == (*kind == UnsetKind::Alternative) {
                return self.unset_form(name, *kind, word, quoted, fields).await;
            }
            let value = if *kind == UnsetKind::Alternative { None } else { value };
            return match fields.expanded(&value.unwrap_or_default(), quoted) {
                Ok(()) => Ok(()),
                Err(TooLong) => Err(self.too_long().await),
            };
        }
        let Some(value) = self.demanded(name, value).await? else { return Ok(()) };
        let mut steps = PATTERN_STEPS_MAX;
        let value_bytes = value.len();
        let text = match &parameter.form {
            Form::Value | Form::Unset { .. } => value,
            Form::Length if matches!(name, "@" | "*") => self.arguments.len().to_string(),
            Form::Length => value.chars().count().to_string(),
            Form::Prefix { longest, pattern } => {
                let pattern = self.text(pattern, Shape::Pattern).await?;
                cut(&value, Pattern::new(&pattern), *longest, true, &mut steps)
            }
            Form::Suffix { longest, pattern } => {
                let pattern = self.text(pattern, Shape::Pattern).await?;
                cut(&value, Pattern::new(&pattern), *longest, false, &mut steps)
            }
            Form::Replace { place, pattern, with } => {
                let pattern = self.text(pattern, Shape::Pattern).await?;
                let with = self.text(with, Shape::Plain).await?;
                if pattern.is_empty() {
                    value
                } else {
                    let pattern = Pattern::new(&pattern);
                    match replace(&value, pattern, &with, *place, &mut steps) {
                        Some(text) => text,
                        None => return Err(self.too_long().await),
                    }
                }
            }
            Form::Part { offset, length } => self.part(&value, offset, length.as_deref()).await?,
        };
        self.budget.work(value_bytes + PATTERN_STEPS_MAX - steps).await;
        match fields.expanded(&text, quoted) {
            Ok(()) => Ok(()),
            Err(TooLong) => Err(self.too_long().await),
        }
    }

    /// The value, or nothing where that is allowed.
    async fn demanded(&mut self, name: &str, value: Option<String>) -> Result<Option<String>, Flow> {
        if value.is_none() && self.options.nounset {
            self.complain(&format!("{name}: parameter not set")).await;
            return Err(Flow::Abort(1));
        }
        Ok(Some(value.unwrap_or_default()))
    }

    fn arguments_into(&mut self, name: &str, quoted: bool, fields: &mut Fields) -> Result<(), TooLong> {
        let arguments = self.arguments.clone();
        if quoted && name == "*" {
            let separators = self.separators();
            let between = separators.chars().next().map(String::from).unwrap_or_default();
            return fields.push(&arguments.join(&between), true);
        }
        for (at, argument) in arguments.iter().enumerate() {
            if at > 0 {
                fields.between()?;
            }
            if quoted {
                fields.push(argument, true)?;
            } else {
                fields.expanded(argument, false)?;
            }
        }
        Ok(())
    }

    async fn unset_form(
        &mut self,
        name: &str,
        kind: UnsetKind,
        word: &Word,
        quoted: bool,
        fields: &mut Fields,
    ) -> Result<(), Flow> {
        match kind {
            UnsetKind::Default | UnsetKind::Alternative => {
                for part in &word.0 {
                    // What stands there is split as if it were a value.
                    let fits = match part {
                        Part::Literal(text) => fields.expanded(text, quoted),
                        _ => {
                            self.parts(std::slice::from_ref(part), quoted, fields).await?;
                            Ok(())
                        }
                    };
                    if let Err(TooLong) = fits {
                        return Err(self.too_long().await);
                    }
                }
                Ok(())
            }
            UnsetKind::Assign => {
                let value = self.text(word, Shape::Plain).await?;
                self.assign(name, &value).await?;
                match fields.expanded(&value, quoted) {
                    Ok(()) => Ok(()),
                    Err(TooLong) => Err(self.too_long().await),
                }
            }
            UnsetKind::Complain => {
                let text = self.text(word, Shape::Plain).await?;
                let text = if text.is_empty() { "parameter null or not set".to_owned() } else { text };
                self.complain(&format!("{name}: {text}")).await;
                Err(Flow::Abort(1))
            }
        }
    }

    /// The value of a parameter; none when it is not set.
    fn value(&mut self, name: &str) -> Option<String> {
        match name {
            "?" => Some(self.status.to_string()),
            "#" => Some(self.arguments.len().to_string()),
            "$" => Some(self.pid.to_string()),
            "!" => self.last_job.map(|pid| pid.to_string()),
            "-" => Some(self.option_letters()),
            "0" => Some(self.name.clone()),
            "@" | "*" => (!self.arguments.is_empty()).then(|| self.arguments.join(" ")),
            "RANDOM" => Some((self.random.word() % 32_768).to_string()),
            _ if name.starts_with(|letter: char| letter.is_ascii_digit()) => {
                let at = name.parse::<usize>().ok()?.checked_sub(1)?;
                self.arguments.get(at).cloned()
            }
            _ => self.variables.get(name).map(str::to_owned),
        }
    }

    /// `${name:offset:length}`; both may be negative.
    async fn part(&mut self, value: &str, offset: &[Part], length: Option<&[Part]>) -> Result<String, Flow> {
        let letters: Vec<char> = value.chars().collect();
        let count = i64::try_from(letters.len()).unwrap_or(i64::MAX);
        let offset = i64::from(self.arithmetic(offset).await?);
        let from = if offset < 0 { (count + offset).max(0) } else { offset.min(count) };
        let to = match length {
            None => count,
            Some(length) => {
                let length = i64::from(self.arithmetic(length).await?);
                if length < 0 { count + length } else { (from + length).min(count) }
            }
        };
        let at = |number: i64| usize::try_from(number).unwrap_or(0);
        Ok(letters.get(at(from)..at(to)).unwrap_or_default().iter().collect())
    }
}

/// Cuts what matches off the beginning, or off the end.
fn cut(value: &str, pattern: Pattern, longest: bool, beginning: bool, steps: &mut usize) -> String {
    let letters: Vec<char> = value.chars().collect();
    let rest = if beginning {
        pattern.beginning(letters.iter(), longest, steps).and_then(|length| letters.get(length..))
    } else {
        let length = pattern.reversed().beginning(letters.iter().rev(), longest, steps);
        length.and_then(|length| letters.get(..letters.len() - length))
    };
    rest.map_or_else(|| value.to_owned(), |rest| rest.iter().collect())
}

/// Replaces what matches; at each place the longest. None when it gets too long.
fn replace(value: &str, pattern: Pattern, with: &str, place: Place, steps: &mut usize) -> Option<String> {
    let letters: Vec<char> = value.chars().collect();
    let mut out = String::new();
    if place == Place::End {
        let length = pattern.reversed().beginning(letters.iter().rev(), true, steps).unwrap_or(0);
        out.extend(letters.iter().take(letters.len() - length));
        out.push_str(if length > 0 { with } else { "" });
        return Some(out);
    }
    let mut at = 0;
    while let Some(rest) = letters.get(at..).filter(|rest| !rest.is_empty() && *steps > 0) {
        *steps -= 1;
        match pattern.beginning(rest.iter(), true, steps) {
            Some(length) if length > 0 => {
                out.push_str(with);
                at += length;
                if place != Place::All {
                    break;
                }
            }
            _ if place == Place::Start => break,
            _ => {
                out.extend(rest.first());
                at += 1;
            }
        }
        if out.len() > EXPANSION_BYTES_MAX {
            return None;
        }
    }
    out.extend(letters.get(at..).unwrap_or_default());
    Some(out)
}
