//! SQL text: one text for both databases, and the few words in which they differ.

use metrics::store::Statement;
use std::collections::HashMap;
use std::sync::Mutex;

/// Which database is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite, embedded.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// A statement: its name (for tests and metrics) and its portable text.
///
/// Portable means `$N` parameters and these words:
/// - `JSON_ROWS($N)`: a JSON array of arrays as rows with a column `value`; column K of a row is
///   `CAST(value->>K AS TEXT)` (or BIGINT). This is how any number of rows fits one statement.
/// - `FOR_UPDATE`: locks the selected rows where several writers are possible.
#[derive(Debug, Clone, Copy)]
pub struct Sql {
    /// Unique name.
    pub name: &'static str,
    /// Portable text.
    pub text: &'static str,
}

/// Declares a file's statements and the list `ALL` of them, which a test prepares on both databases.
macro_rules! statements {
    ($($name:ident = $text:expr;)+) => {
        $(pub(crate) const $name: crate::sql::Sql =
            crate::sql::Sql { name: concat!(module_path!(), "::", stringify!($name)), text: $text };)+
        /// Every statement of this file.
        #[cfg(test)]
        pub(crate) const ALL: &[crate::sql::Sql] = &[$($name),+];
    };
}
pub(crate) use statements;

/// A statement in one dialect, with its measure.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) text: &'static str,
    pub(crate) measure: Statement,
}

/// Statements in one dialect, each made once.
#[derive(Debug)]
pub(crate) struct Translator {
    dialect: Dialect,
    made: Mutex<HashMap<&'static str, &'static Made>>,
}

impl Translator {
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self { dialect, made: Mutex::default() }
    }

    /// The statement in this dialect. Statements live as long as the program; their number is fixed.
    pub(crate) fn made(&self, sql: Sql) -> &'static Made {
        let mut made = self.made.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        made.entry(sql.name).or_insert_with(|| {
            let text = Box::leak(translate(self.dialect, sql.text).into_boxed_str());
            let name = sql.name.split_once("::").map_or(sql.name, |(_, name)| name);
            Box::leak(Box::new(Made { text, measure: Statement::new(name) }))
        })
    }
}

impl Made {
    /// Measures a run of the statement.
    pub(crate) async fn timed<T>(
        &self,
        run: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, crate::StoreError> {
        let begin = std::time::Instant::now();
        let result = run.await;
        self.measure.ran(begin.elapsed(), result.is_ok());
        Ok(result?)
    }
}

fn translate(dialect: Dialect, text: &str) -> String {
    match dialect {
        Dialect::Sqlite => text.replace("JSON_ROWS(", "json_each(").replace("FOR_UPDATE", ""),
        Dialect::Postgres => {
            let mut out = String::new();
            let mut rest = text;
            while let Some((before, after)) = rest.split_once("JSON_ROWS(") {
                let (parameter, after) = after.split_once(')').unwrap_or((after, ""));
                out.push_str(&format!("{before}jsonb_array_elements({parameter}::jsonb)"));
                rest = after;
            }
            out.push_str(rest);
            out.replace("FOR_UPDATE", "FOR UPDATE")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dialect_words() {
        let text = "SELECT 1 FROM JSON_ROWS($1) v FOR_UPDATE";
        assert_eq!(translate(Dialect::Sqlite, text), "SELECT 1 FROM json_each($1) v ");
        assert_eq!(
            translate(Dialect::Postgres, text),
            "SELECT 1 FROM jsonb_array_elements($1::jsonb) v FOR UPDATE"
        );
    }
}
