//! The property catalogue: what may be set on a phone, and the reading and merging of property texts.
//!
//! On the wire and in the store properties are a JSON object in a string, for example
//! `{"com.cph.mainkeys":"1"}` (`contract/restart.md`, "What property does"; the rows are
//! `contract/properties.csv`).

mod table;

use crate::code::{self, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// Longest property text, asked or stored, in bytes: the limit of the detail call's field.
pub const PROPERTY_BYTES_MAX: usize = 2048;

/// How the contract types a value. On the wire both are text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole number.
    Integer,
    /// Text.
    Text,
}

/// What a value's text must look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constraint {
    /// Anything: only deprecated keys, whose values are dropped.
    Nothing,
    /// A match of this expression.
    Regex(&'static str),
    /// A whole number from `from` to `to`, without sign or leading zero.
    Range {
        /// The least value.
        from: u32,
        /// The greatest value.
        to: u32,
    },
}

/// A row of the property catalogue.
#[derive(Debug, PartialEq, Eq)]
pub struct PropertyKey {
    /// The key, for example `com.cph.mainkeys`.
    pub name: &'static str,
    /// The type that the contract gives it.
    pub kind: Kind,
    /// The value in force when none is set; "" where there is none.
    pub default: &'static str,
    /// What its value must look like.
    pub constraint: Constraint,
    /// Accepted and ignored.
    pub deprecated: bool,
}

/// The expressions of the catalogue, compiled at their first use.
static EXPRESSIONS: LazyLock<HashMap<&'static str, regex_lite::Regex>> = LazyLock::new(|| {
    let pattern = |key: &PropertyKey| match key.constraint {
        Constraint::Regex(pattern) => Some((pattern, regex_lite::Regex::new(pattern).ok()?)),
        Constraint::Nothing | Constraint::Range { .. } => None,
    };
    PropertyKey::ALL.iter().filter_map(pattern).collect()
});

impl PropertyKey {
    /// Every row, in the catalogue's order.
    pub const ALL: &'static [Self] = table::ALL;

    /// The row of a key.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|key| key.name == name)
    }

    /// Whether the key may have this value.
    pub fn allows(&self, value: &str) -> bool {
        match self.constraint {
            Constraint::Nothing => true,
            Constraint::Regex(pattern) => EXPRESSIONS.get(pattern).is_some_and(|e| e.is_match(value)),
            Constraint::Range { from, to } => value
                .parse()
                .is_ok_and(|number: u32| (from..=to).contains(&number) && number.to_string() == value),
        }
    }
}

/// Checked changes of a phone's properties, by key.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Changes(BTreeMap<String, String>);

impl Changes {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keys and new values, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The new value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }
}

/// Reads the `property` string of a request. None, "" and an empty object change nothing; deprecated keys
/// are dropped; a number keeps the digits it came with; a key that stands twice has its last value.
///
/// # Errors
/// CPS.0078 unless the text is a JSON object of at most [`PROPERTY_BYTES_MAX`]; CPS.0163 for an unknown key;
/// CPS.0164 for a value that is neither string nor number or that its key does not allow.
pub fn parse(text: Option<&str>) -> Result<Changes, Refusal> {
    let text = match text {
        None | Some("" | "{}") => return Ok(Changes::default()),
        Some(text) if text.len() > PROPERTY_BYTES_MAX => return Err(code::PROPERTY_INVALID.into()),
        Some(text) => text,
    };
    let values: BTreeMap<String, &RawValue> =
        serde_json::from_str(text).map_err(|_| code::PROPERTY_INVALID)?;
    let mut changes = BTreeMap::new();
    for (name, value) in values {
        let Some(key) = PropertyKey::named(&name) else {
            return Err(Refusal::new(code::PROPERTY_NOT_SUPPORTED).with(&name));
        };
        let value = scalar(value)?.ok_or_else(|| bad_value(&name))?;
        if key.deprecated {
            continue;
        }
        if !key.allows(&value) {
            return Err(bad_value(&name));
        }
        changes.insert(name, value);
    }
    Ok(Changes(changes))
}

/// The text of a string or a number; none for anything else.
fn scalar(value: &RawValue) -> Result<Option<String>, Refusal> {
    let text = value.get();
    match text.bytes().next() {
        // Only here does serde_json see that an escape is half of a surrogate pair.
        Some(b'"') => serde_json::from_str(text).map(Some).map_err(|_| code::PROPERTY_INVALID.into()),
        Some(b'-' | b'0'..=b'9') => Ok(Some(text.to_owned())),
        _ => Ok(None),
    }
}

fn bad_value(name: &str) -> Refusal {
    Refusal::new(code::PROPERTY_VALUE_INVALID).with(name)
}

/// Puts the changes into a stored property text, key by key; keys not mentioned stay. The result has its
/// keys sorted; without changes it is the stored text itself.
///
/// # Errors
/// CPS.0078 when the result is over [`PROPERTY_BYTES_MAX`]; CPS.0003 when the stored text is not a JSON
/// object.
pub fn merge(stored: &str, changes: &Changes) -> Result<String, Refusal> {
    if changes.is_empty() {
        return Ok(if stored.is_empty() { "{}" } else { stored }.to_owned());
    }
    let mut merged: BTreeMap<String, Value> = match stored {
        "" | "{}" => BTreeMap::new(),
        _ => serde_json::from_str(stored).map_err(|_| code::INTERNAL_ERROR)?,
    };
    merged.extend(changes.iter().map(|(key, value)| (key.to_owned(), Value::from(value))));
    let text = serde_json::to_string(&merged).map_err(|_| code::INTERNAL_ERROR)?;
    if text.len() > PROPERTY_BYTES_MAX {
        return Err(code::PROPERTY_INVALID.into());
    }
    Ok(text)
}

#[cfg(test)]
#[path = "property_tests.rs"]
mod tests;
