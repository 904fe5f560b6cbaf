//! Which lines `logcat` shows.

use crate::logcat::{Line, Priority};
use crate::shell::regex::Expression;

/// Rules of a filter.
const RULES_MAX: usize = 256;

/// A filter: rules by tag, a process, an expression.
#[derive(Debug, Default)]
pub(super) struct Filter {
    rules: Vec<(String, Priority)>,
    /// What holds for tags without a rule.
    otherwise: Option<Priority>,
    pub(super) pid: Option<u32>,
    regex: Option<Expression>,
}

impl Filter {
    /// Adds a rule such as `Tag:I` or `*:S`; what is wrong with it otherwise.
    pub(super) fn add(&mut self, spec: &str) -> Result<(), String> {
        for spec in
            spec.split([',', ' ']).map(|spec| spec.trim_matches(['\'', '"'])).filter(|spec| !spec.is_empty())
        {
            let (tag, letter) = spec.split_once(':').unwrap_or((spec, ""));
            let priority = match letter.chars().next() {
                None if tag == "*" => Some(Priority::Debug),
                None | Some('*') => Some(Priority::Verbose),
                Some(letter) => Priority::of(letter),
            };
            let priority = priority.ok_or_else(|| format!("Invalid filter expression '{spec}'"))?;
            if tag == "*" {
                self.otherwise = Some(priority);
            } else if self.rules.len() < RULES_MAX {
                self.rules.push((tag.to_owned(), priority));
            }
        }
        Ok(())
    }

    /// Nothing is shown but what a rule lets through.
    pub(super) fn silent(&mut self) {
        self.otherwise = Some(Priority::Silent);
    }

    /// Only what matches.
    pub(super) fn matching(&mut self, regex: &str) -> Result<(), String> {
        let ready = Expression::new(regex, false).map_err(|why| format!("{why}: '{regex}'"))?;
        self.regex = Some(ready);
        Ok(())
    }

    /// Whether the text of a line is what is looked for. It may take a while: not to be asked under a lock.
    pub(super) fn matches(&self, line: &Line) -> bool {
        let found = |ready: &Expression| ready.on(&line.text).is_ok_and(|regex| regex.is_match(&line.text));
        self.regex.as_ref().is_none_or(found)
    }

    /// Whether a line is shown if it [`Filter::matches`].
    pub(super) fn shows(&self, line: &Line) -> bool {
        let rule = self.rules.iter().rev().find(|(tag, _)| *tag == line.tag).map(|(_, priority)| *priority);
        let least = rule.or(self.otherwise).unwrap_or(Priority::Verbose);
        line.priority >= least && least != Priority::Silent && self.pid.is_none_or(|pid| pid == line.pid)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::logcat::Buffer;

    #[test]
    fn the_last_rule_for_a_tag_holds_and_the_star_for_the_others() {
        let line = |tag: &str, priority| Line {
            sequence: 0,
            wall_ms: 0,
            pid: 5,
            tid: 5,
            priority,
            buffer: Buffer::Main,
            tag: tag.into(),
            text: "some text".into(),
        };
        let mut filter = Filter::default();
        assert!(filter.shows(&line("a", Priority::Verbose)));
        filter.add("a:I *:S").unwrap();
        assert!(filter.shows(&line("a", Priority::Info)));
        assert!(!filter.shows(&line("a", Priority::Debug)));
        assert!(!filter.shows(&line("b", Priority::Fatal)));
        filter.add("a:S").unwrap();
        assert!(!filter.shows(&line("a", Priority::Fatal)));
        assert!(filter.add("a:q").is_err() && filter.matching("(").is_err());
        let mut filter = Filter { pid: Some(5), ..Filter::default() };
        filter.matching("^some t").unwrap();
        assert!(filter.shows(&line("c", Priority::Info)) && filter.matches(&line("c", Priority::Info)));
        filter.matching("^other").unwrap();
        assert!(!filter.matches(&line("c", Priority::Info)));
        filter.pid = Some(6);
        assert!(!filter.shows(&line("c", Priority::Info)));
    }
}
