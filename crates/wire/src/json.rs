//! Lenient reading of request bodies: only the fields asked for are taken out, as raw text, and only then
//! read by the rule of each.
//!
//! So a field of a wrong type is refused with its own code, a field that stands twice has its last value,
//! unknown fields cost nothing, and a hostile body of 12 MB takes no more memory than its own length.

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// The fields of these names of a JSON object, each the last of its name; null is as good as absent.
/// None when the text is not JSON or not an object.
pub(crate) fn fields<'a, const N: usize>(
    text: &'a str,
    names: [&'static str; N],
) -> Option<[Option<&'a RawValue>; N]> {
    let mut json = serde_json::Deserializer::from_str(text);
    let fields = json.deserialize_map(Fields(names)).ok()?;
    json.end().ok()?;
    Some(fields.map(|field| field.filter(|raw| raw.get() != "null")))
}

/// As [`fields`], of a body. An empty body is an object without fields.
pub(crate) fn body_fields<'a, const N: usize>(
    body: &'a [u8],
    names: [&'static str; N],
) -> Option<[Option<&'a RawValue>; N]> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Some([None; N]);
    }
    fields(std::str::from_utf8(body).ok()?, names)
}

/// The elements of a JSON array. None when it is not an array.
pub(crate) fn elements(raw: &RawValue, keep_max: usize) -> Option<Elements<'_>> {
    serde_json::Deserializer::from_str(raw.get()).deserialize_seq(KeepMax(keep_max)).ok()
}

/// The text of a JSON string. None when it is anything else.
pub(crate) fn text(raw: &RawValue) -> Option<String> {
    if !raw.get().starts_with('"') {
        return None;
    }
    serde_json::from_str(raw.get()).ok()
}

/// What an array holds: its elements, as long as there are not too many.
#[derive(Debug)]
pub(crate) enum Elements<'a> {
    /// All of them.
    All(Vec<&'a RawValue>),
    /// More than asked for.
    TooMany,
}

struct Fields<const N: usize>([&'static str; N]);

impl<'de, const N: usize> Visitor<'de> for Fields<N> {
    type Value = [Option<&'de RawValue>; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = [None; N];
        while let Some(at) = map.next_key_seed(Position(&self.0))? {
            match at.and_then(|at| found.get_mut(at)) {
                Some(field) => *field = Some(map.next_value()?),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(found)
    }
}

/// Reads a key as its position among the names.
struct Position<'n>(&'n [&'static str]);

impl<'de> DeserializeSeed<'de> for Position<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Position<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|name| *name == key))
    }
}

struct KeepMax(usize);

impl<'de> Visitor<'de> for KeepMax {
    type Value = Elements<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut kept = Vec::new();
        while let Some(element) = seq.next_element()? {
            if kept.len() == self.0 {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(Elements::TooMany);
            }
            kept.push(element);
        }
        Ok(Elements::All(kept))
    }
}

/// Longest echo of an id, in bytes. Every good id is shorter, so a text cut here is refused like the whole.
pub(crate) const ECHO_BYTES_MAX: usize = 1024;

/// An id's text as the answer repeats it: cut short, so that no answer, and nothing stored, grows with junk.
pub(crate) fn echo(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(ECHO_BYTES_MAX));
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn a(text: &str) -> Option<Option<&str>> {
        fields(text, ["a"]).map(|[a]| a.map(RawValue::get))
    }

    #[test]
    fn the_last_field_of_a_name_counts_and_others_are_passed_over() {
        for (text, expected) in [
            ("{}", Some(None)),
            (" {\"a\" : 1 }\n", Some(Some("1"))),
            (r#"{"b":[{}],"a":[ 1 ],"c":null}"#, Some(Some("[ 1 ]"))),
            (r#"{"a":1,"a":"x"}"#, Some(Some("\"x\""))),
            (r#"{"a":1,"a":null}"#, Some(None)),
            (r#"{"\u0061":1}"#, Some(Some("1"))),
        ] {
            assert_eq!(a(text), expected, "{text}");
        }
        for text in ["", "[]", "1", "null", "{", "{}}", "{} 1", r#"{"b":}"#, r#"{"b":1,}"#, r#"{"b":tru}"#] {
            assert_eq!(a(text), None, "{text}");
        }
    }

    #[test]
    fn bodies() {
        assert_eq!(body_fields(b"", ["a"]).unwrap().map(|a| a.is_some()), [false]);
        assert_eq!(body_fields(b" \n", ["a"]).unwrap().map(|a| a.is_some()), [false]);
        assert_eq!(body_fields(br#"{"a":1}"#, ["a"]).unwrap().map(|a| a.is_some()), [true]);
        assert!(body_fields(b"\xff", ["a"]).is_none());
        assert!(body_fields(b"{\"a\":\"\xff\"}", ["a"]).is_none());
    }

    #[test]
    fn deep_nesting_is_passed_over() {
        let deep = |times: usize| format!("{{\"b\":{}{},\"a\":1}}", "[".repeat(times), "]".repeat(times));
        assert_eq!(a(&deep(1_000_000)), Some(Some("1")));
        assert_eq!(a(&"[".repeat(1_000_000)), None);
    }

    #[test]
    fn arrays_and_strings() {
        let raw = |text: &str| RawValue::from_string(text.to_owned()).unwrap();
        let length = |text: &str| match elements(&raw(text), 2) {
            Some(Elements::All(all)) => all.len().to_string(),
            Some(Elements::TooMany) => "too many".to_owned(),
            None => "none".to_owned(),
        };
        assert_eq!(
            ["[]", "[1,2]", "[1,2,3]", "[1,2,3,4]", "{}"].map(length),
            ["0", "2", "too many", "too many", "none"]
        );
        assert_eq!(text(&raw(r#""\u00e9\n""#)).unwrap(), "é\n");
        assert_eq!(text(&raw("1")), None);
        assert_eq!(text(&raw(r#""\ud800""#)), None, "half of a pair is no text");
    }
}
