//! The error catalogue: what a client sees of an error is one row of `contract/errors.csv`.
//!
//! The rows are constants of this module ([`PHONE_NOT_FOUND`], [`SYSTEM_BUSY`], ...). A [`Refusal`] is a row
//! with its text filled in: what an operation answers instead of a reply.

mod table;

pub use table::*;

use std::borrow::Cow;
use std::fmt;

/// A row of the error catalogue.
///
/// Gateway codes have several rows: `APIGW.0201` is both [`API_REQUEST_ERROR`] and [`BODY_TOO_LARGE`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code(&'static table::Row);

impl Code {
    /// Every row, in the catalogue's order.
    pub const ALL: &'static [Self] = table::ALL;

    /// The code as clients read it, for example `CPS.0005`.
    pub const fn text(self) -> &'static str {
        self.0.text
    }

    /// The HTTP status: the newer pages' where it is known, else the 2021 pages'
    /// (`contract/README.md`, "HTTP status codes").
    pub const fn http(self) -> u16 {
        match self.0.http_newer {
            Some(http) => http,
            None => self.0.http_doc,
        }
    }

    /// The HTTP status of the 2021 pages: 400 for every CPS code.
    pub const fn http_doc(self) -> u16 {
        self.0.http_doc
    }

    /// The text; two rows hold a `{0}` that [`Refusal::with`] fills.
    pub const fn message(self) -> &'static str {
        self.0.message
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({} {:?})", self.text(), self.message())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.text(), self.message())
    }
}

impl std::error::Error for Code {}

/// Why a request, or one entry of it, is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The row of the catalogue.
    pub code: Code,
    /// The text that the client gets.
    pub message: Cow<'static, str>,
    /// After how many seconds the client may try again; sent as `Retry-After`.
    pub retry_after_s: Option<u32>,
    /// An HTTP status that replaces the row's.
    pub http_override: Option<u16>,
}

impl Refusal {
    /// A refusal with the row's own text.
    pub const fn new(code: Code) -> Self {
        Self { code, message: Cow::Borrowed(code.message()), retry_after_s: None, http_override: None }
    }

    /// Puts the argument in the place of the text's `{0}`.
    #[must_use]
    pub fn with(mut self, argument: &str) -> Self {
        self.message = Cow::Owned(self.message.replace("{0}", argument));
        self
    }

    /// Says it in other words.
    #[must_use]
    pub fn saying(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.message = text.into();
        self
    }

    /// The answer to overload: CPS.0042 under 429, with the seconds to wait.
    pub fn busy(retry_after_s: u32) -> Self {
        Self { retry_after_s: Some(retry_after_s), http_override: Some(429), ..Self::new(SYSTEM_BUSY) }
    }

    /// CPS.0004 for an entry with a bad phone id: entries have a text of their own
    /// (`contract/restart.md`, "Per-phone errors").
    pub fn phone_id() -> Self {
        Self::new(PHONE_ID_INVALID).saying("Parameter: phone_id is invalid.")
    }

    /// APIGW.0301 under 401; the gateway says why in the text's ending, for example `decrypt token fail`
    /// (`contract/errors.csv`).
    pub fn unauthenticated(ending: &str) -> Self {
        let start = UNAUTHENTICATED.message().trim_end_matches('.');
        Self::new(UNAUTHENTICATED).saying(format!("{start}: {ending}"))
    }

    /// The HTTP status.
    pub fn http(&self) -> u16 {
        self.http_override.unwrap_or(self.code.http())
    }

    /// The HTTP status for clients that expect the 2021 pages' ones.
    pub fn http_doc(&self) -> u16 {
        self.http_override.unwrap_or(self.code.http_doc())
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code.text(), self.message)
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
#[path = "code_tests.rs"]
pub(crate) mod tests;
