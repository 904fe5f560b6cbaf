//! Which phones are meant: names and ids become phones. Pure.

use std::collections::{HashMap, HashSet};

/// Lengths of the ids that services make.
const ID_BYTES: std::ops::RangeInclusive<usize> = 31..=32;
/// Ids that an error about an ambiguous name lists.
const NAMED_MAX: usize = 5;

/// Something that has an id and, if we know it, a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// The id.
    pub id: String,
    /// The name.
    pub name: Option<String>,
}

impl Chosen {
    /// An id whose name we do not know.
    pub fn nameless(id: &str) -> Self {
        Self { id: id.into(), name: None }
    }
}

/// Whether a text is an id and not a name.
pub fn is_id(text: &str) -> bool {
    ID_BYTES.contains(&text.len()) && model::id::well_formed(text)
}

/// The texts that can only be names.
pub fn names(wanted: &[String]) -> Vec<&str> {
    wanted.iter().map(String::as_str).filter(|text| !is_id(text)).collect()
}

/// The texts in a file: one a line; spaces around it, empty lines and lines that start with # do not count.
pub fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(String::from).collect()
}

/// What each text means among `known`, in order and each once. A text in the form of an id that nobody knows
/// is passed on: the service judges it.
///
/// # Errors
/// A line for each text that means nothing or more than one.
pub fn resolve(what: &str, wanted: &[String], known: &[Chosen]) -> Result<Vec<Chosen>, Vec<String>> {
    let by_id: HashMap<&str, &Chosen> = known.iter().map(|one| (one.id.as_str(), one)).collect();
    let mut by_name: HashMap<&str, Vec<&Chosen>> = HashMap::new();
    for one in known {
        by_name.entry(one.name.as_deref().unwrap_or("")).or_default().push(one);
    }
    let mut found: Vec<Chosen> = Vec::new();
    let mut seen = HashSet::new();
    let mut problems = Vec::new();
    for text in wanted {
        let called = by_name.get(text.as_str()).map_or(&[][..], Vec::as_slice);
        let one = match (by_id.get(text.as_str()), called) {
            (Some(one), _) | (None, [one]) => (*one).clone(),
            (None, []) if is_id(text) => Chosen::nameless(text),
            (None, []) => {
                problems.push(format!("no {what} is called '{text}'"));
                continue;
            }
            (None, many) => {
                let ids: Vec<&str> = many.iter().take(NAMED_MAX).map(|one| one.id.as_str()).collect();
                let more = if many.len() > NAMED_MAX { ", ..." } else { "" };
                let count = many.len();
                problems.push(format!(
                    "{count} {what}s are called '{text}', give an id: {}{more}",
                    ids.join(", ")
                ));
                continue;
            }
        };
        if seen.insert(one.id.clone()) {
            found.push(one);
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const ONE: &str = "0123456789abcdef0123456789abcdef";
    const TWO: &str = "1123456789abcdef0123456789abcdef";

    fn known() -> Vec<Chosen> {
        [(ONE, "my phone"), (TWO, "twin"), ("2", "twin")]
            .map(|(id, name)| Chosen { id: id.into(), name: Some(name.into()) })
            .to_vec()
    }

    fn resolved(wanted: &[&str]) -> Result<Vec<Chosen>, Vec<String>> {
        let wanted: Vec<String> = wanted.iter().map(|text| (*text).to_string()).collect();
        resolve("phone", &wanted, &known())
    }

    #[test]
    fn ids_and_names_mean_phones_each_once_and_in_order() {
        let found = resolved(&[TWO, "my phone", ONE]).unwrap();
        let ids: Vec<&str> = found.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids, [TWO, ONE]);
        assert_eq!(found[1].name.as_deref(), Some("my phone"));
    }

    #[test]
    fn an_id_that_nobody_knows_is_left_to_the_service() {
        let strange = "f".repeat(32);
        assert_eq!(resolved(&[&strange]).unwrap(), [Chosen::nameless(&strange)]);
        assert!(resolved(&["ff"]).is_err(), "too short for an id that a service makes");
    }

    #[test]
    fn every_unknown_and_ambiguous_name_is_told() {
        let problems = resolved(&["nobody", "my phone", "twin"]).unwrap_err();
        assert_eq!(problems[0], "no phone is called 'nobody'");
        assert_eq!(problems[1], format!("2 phones are called 'twin', give an id: {TWO}, 2"));
        assert_eq!(problems.len(), 2);
    }

    #[test]
    fn a_file_has_one_phone_a_line() {
        assert_eq!(lines("# mine\n a b \r\n\nc\n"), ["a b", "c"]);
    }
}
