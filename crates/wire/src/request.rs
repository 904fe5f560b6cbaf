//! What every request is made of: path, query and body, and how it is read.

use model::code::{self, Code, Refusal};
use model::id;
use schemars::{Schema, SchemaGenerator};

/// Makes a JSON schema.
pub type SchemaFn = fn(&mut SchemaGenerator) -> Schema;

/// A request's parts, percent-decoded, as an HTTP adapter finds them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Parts<'a> {
    /// The path's parameters by the names in the operation's template.
    pub path: &'a [(String, String)],
    /// The query's pairs, in order; a name may stand more than once, and without a value it has "".
    pub query: &'a [(String, String)],
    /// The body's bytes; often empty.
    pub body: &'a [u8],
}

/// A query parameter, as the OpenAPI document shows it.
#[derive(Debug, Clone, Copy)]
pub struct QueryField {
    /// Its name.
    pub name: &'static str,
    /// A number, not text.
    pub integer: bool,
    /// What it does.
    pub about: &'static str,
}

impl QueryField {
    /// A parameter with a text.
    pub const fn text(name: &'static str, about: &'static str) -> Self {
        Self { name, integer: false, about }
    }

    /// A parameter with a whole number.
    pub const fn integer(name: &'static str, about: &'static str) -> Self {
        Self { name, integer: true, about }
    }
}

/// A request that can be read from its parts.
///
/// Decoding is lenient where real clients need it (`contract/clients.md`): unknown fields and parameters are
/// passed over, "" and null are as good as absent, the content type is not looked at.
pub trait Request: Sized {
    /// The query parameters it reads.
    const QUERY: &'static [QueryField] = &[];
    /// The schema of its body, if it has one.
    const BODY: Option<SchemaFn> = None;

    /// Reads the request.
    ///
    /// # Errors
    /// The refusal of the whole request; what concerns one phone of a batch is left to `model::plan`.
    fn decode(parts: &Parts<'_>) -> Result<Self, Refusal>;
}

/// The request of operations that have no parameters besides their path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nothing;

impl Request for Nothing {
    fn decode(_: &Parts<'_>) -> Result<Self, Refusal> {
        Ok(Self)
    }
}

/// A part of a list by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Entries to pass over; may lie beyond the end.
    pub offset: i64,
    /// Most entries to answer.
    pub limit: i64,
}

/// A part of a list by the last entry of the part before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkerPage {
    /// The `next_marker` of the part before; none for the first.
    pub marker: Option<String>,
    /// Most entries to answer.
    pub limit: i64,
}

/// Most servers or jobs on a page.
pub const PER_PAGE_MAX: i64 = 100;

/// The documented query parameters of lists by position.
pub(crate) const OFFSET: QueryField = QueryField::integer("offset", "Entries to pass over; 0 by default.");
/// As [`OFFSET`].
pub(crate) const LIMIT: QueryField = QueryField::integer("limit", "Most entries to answer.");
/// Of lists by marker.
pub(crate) const MARKER: QueryField = QueryField::text("marker", "next_marker of the page before.");

impl Parts<'_> {
    /// A parameter of the query as it came, the last of its name; "" is as good as absent.
    pub fn query(&self, name: &str) -> Option<&str> {
        value(self.query, name).filter(|text| !text.is_empty())
    }

    /// A parameter of the path; "" when the template has none of that name.
    pub fn path(&self, name: &str) -> &str {
        value(self.path, name).unwrap_or("")
    }

    /// A text of the query, ready to be compared with stored ones.
    ///
    /// # Errors
    /// The given code for a value with control characters: no stored text has any, and PostgreSQL cannot
    /// even be asked for NUL.
    pub fn text(&self, name: &str, bad: Code) -> Result<Option<String>, Refusal> {
        match self.query(name) {
            None => Ok(None),
            Some(text) if text.chars().any(char::is_control) => Err(bad.into()),
            Some(text) => Ok(Some(text.to_owned())),
        }
    }

    /// A number of the query.
    ///
    /// # Errors
    /// The given code for anything but an optional minus and digits, and for numbers beyond 64 bits.
    pub fn integer(&self, name: &str, bad: Code) -> Result<Option<i64>, Refusal> {
        match self.query(name) {
            None => Ok(None),
            Some(text) if text.starts_with('+') => Err(bad.into()),
            Some(text) => text.parse().map(Some).map_err(|_| bad.into()),
        }
    }

    /// `offset` and `limit`.
    ///
    /// # Errors
    /// CPS.0002 for a negative offset, a limit outside 1 to `limit_max`, or something else than a number.
    pub fn page(&self, limit_max: i64, limit_default: i64) -> Result<Page, Refusal> {
        let offset = self.integer("offset", code::PAGING_INVALID)?.unwrap_or(0);
        if offset < 0 {
            return Err(code::PAGING_INVALID.into());
        }
        Ok(Page { offset, limit: self.limit(limit_max, limit_default)? })
    }

    /// `marker` and `limit`.
    ///
    /// # Errors
    /// CPS.0002 as for [`Parts::page`].
    pub fn marker_page(&self, limit_max: i64, limit_default: i64) -> Result<MarkerPage, Refusal> {
        let marker = self.text("marker", code::PAGING_INVALID)?;
        Ok(MarkerPage { marker, limit: self.limit(limit_max, limit_default)? })
    }

    fn limit(&self, limit_max: i64, limit_default: i64) -> Result<i64, Refusal> {
        match self.integer("limit", code::PAGING_INVALID)?.unwrap_or(limit_default) {
            limit if (1..=limit_max).contains(&limit) => Ok(limit),
            _ => Err(code::PAGING_INVALID.into()),
        }
    }

    /// Every value of a list parameter: clients repeat its name, or set commas, or both
    /// (`contract/clients.md`, P6). Empty values are passed over.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.query.iter().filter(move |(key, _)| key == name);
        named.flat_map(|(_, text)| text.split(',')).map(str::trim).filter(|text| !text.is_empty())
    }
}

fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// Whether the text may be a server's id: as other ids, or 36 bytes with dashes, which samples show
/// (`contract/README.md`).
pub(crate) fn server_id_well_formed(text: &str) -> bool {
    text.len() <= 36 && id::well_formed(&text.replace('-', ""))
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
