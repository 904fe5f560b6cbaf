//! Who changed what: one row for each request that changed something, written in the commit of the change.
//! How its jobs ended is not copied: it is counted when somebody asks.

use crate::db::{Columns, Tx, args};
use crate::error::StoreError;
use crate::sql::statements;
use crate::{Store, json};
use model::id::{ProjectId, RequestId, UserId};
use serde::Serialize;
use serde_json::{Map, Value};
use sqlx::any::AnyRow;

/// Longest text of a value that is kept, in bytes.
const VALUE_BYTES_MAX: usize = 2048;
/// Longest target that is kept: requests echo whatever they were sent as an id.
const TARGET_BYTES_MAX: usize = 128;
/// Rows pruned by one statement.
const PRUNE_PAGE: i64 = 10_000;
/// Most statements of one pruning; the next goes on.
const PRUNE_PAGES_MAX: usize = 100;
/// Most rows that one question is answered with.
pub const AUDIT_ROWS_MAX: i64 = 10_000;

statements! {
    AUDIT_INSERT = "INSERT INTO audit (id, create_ms, project_id, user_id, user_name, access_key, operation, \
        target, accepted, refused, before_value, after_value) \
        SELECT CAST(value->>0 AS TEXT), $2, CAST(value->>1 AS TEXT), CAST(value->>2 AS TEXT), \
        CAST(value->>3 AS TEXT), CAST(value->>4 AS TEXT), CAST(value->>5 AS TEXT), CAST(value->>6 AS TEXT), \
        CAST(value->>7 AS BIGINT), CAST(value->>8 AS BIGINT), CAST(value->>9 AS TEXT), \
        CAST(value->>10 AS TEXT) FROM JSON_ROWS($1)";
    AUDIT = "SELECT a.id, a.create_ms, a.project_id, a.user_id, a.user_name, a.access_key, a.operation, a.target, \
        a.accepted, a.refused, a.before_value, a.after_value, \
        (SELECT COUNT(*) FROM job j WHERE j.request_id = a.id AND j.status = 2), \
        (SELECT COUNT(*) FROM job j WHERE j.request_id = a.id AND j.status = -1) FROM audit a \
        WHERE a.create_ms >= $1 AND ($2 = '' OR a.project_id = $2) ORDER BY a.create_ms DESC, a.id DESC LIMIT $3";
    AUDIT_OF_REQUEST = "SELECT a.id, a.create_ms, a.project_id, a.user_id, a.user_name, a.access_key, \
        a.operation, a.target, a.accepted, a.refused, a.before_value, a.after_value, \
        (SELECT COUNT(*) FROM job j WHERE j.request_id = a.id AND j.status = 2), \
        (SELECT COUNT(*) FROM job j WHERE j.request_id = a.id AND j.status = -1) FROM audit a \
        WHERE a.id = $1 AND a.create_ms >= $2 AND ($3 = '' OR a.project_id = $3)";
    PRUNE = "DELETE FROM audit WHERE id IN \
        (SELECT id FROM audit WHERE create_ms < $1 ORDER BY create_ms LIMIT $2)";
}

/// Who changes something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Actor {
    /// The user's id; none for the operator and for phones.
    pub user_id: Option<UserId>,
    /// The user's name; `operator`, or `phone` for what is asked from inside of one.
    pub user_name: String,
    /// The access key that signed, if one did. Never its SK.
    pub access_key: Option<String>,
}

impl Actor {
    /// Whoever has the operator's socket or the database.
    pub fn operator() -> Self {
        Self { user_id: None, user_name: "operator".into(), access_key: None }
    }

    /// Somebody inside a phone.
    pub fn phone() -> Self {
        Self { user_id: None, user_name: "phone".into(), access_key: None }
    }
}

/// Something that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The request that did it, or an id of its own for an operator's verb.
    pub request_id: RequestId,
    /// In which project; none for what belongs to none.
    pub project_id: Option<ProjectId>,
    /// Who did it.
    pub by: Actor,
    /// The operation's documented name, or the operator's verb.
    pub operation: String,
    /// What was changed, when it is one thing.
    pub target: Option<String>,
    /// Entries that were accepted; 1 for a change that is no batch.
    pub accepted: i64,
    /// Entries that were refused.
    pub refused: i64,
    /// What was, as far as it is one thing's.
    pub before: Map<String, Value>,
    /// What was asked for.
    pub after: Map<String, Value>,
}

impl Change {
    /// A change of one thing, without values.
    pub fn new(request_id: RequestId, by: Actor, operation: impl Into<String>) -> Self {
        Self {
            request_id,
            project_id: None,
            by,
            operation: operation.into(),
            target: None,
            accepted: 1,
            refused: 0,
            before: Map::new(),
            after: Map::new(),
        }
    }
}

/// A change as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The change.
    pub change: Change,
    /// When, in epoch milliseconds.
    pub create_ms: i64,
    /// Its jobs that have succeeded by now.
    pub succeeded: i64,
    /// Its jobs that have failed by now.
    pub failed: i64,
}

/// Which changes to tell.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Of this project.
    pub project_id: Option<ProjectId>,
    /// At this time or later, epoch milliseconds.
    pub since_ms: i64,
    /// Of this request.
    pub request_id: Option<String>,
}

/// A text value, cut where it is too long.
pub(crate) fn clipped(text: &str) -> Value {
    Value::String(cut(text, VALUE_BYTES_MAX))
}

/// A text that holds JSON as that JSON, or as text when it holds none or is too long.
pub(crate) fn parsed(text: &str) -> Value {
    let short = Some(text).filter(|text| text.len() <= VALUE_BYTES_MAX && !text.contains("\\u0000"));
    short.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| clipped(text))
}

fn cut(text: &str, bytes_max: usize) -> String {
    let end = (0..=text.len().min(bytes_max)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text[..end].replace('\0', "")
}

pub(crate) async fn record(tx: &mut Tx, changes: &[Change], now_ms: i64) -> Result<(), StoreError> {
    let value = |map: &Map<String, Value>| (!map.is_empty()).then(|| json(map));
    let rows: Vec<_> = changes
        .iter()
        .map(|c| {
            let target = c.target.as_deref().map(|target| cut(target, TARGET_BYTES_MAX));
            let by = &c.by;
            let (before, after) = (value(&c.before), value(&c.after));
            (
                &c.request_id,
                &c.project_id,
                &by.user_id,
                &by.user_name,
                &by.access_key,
                &c.operation,
                target,
                c.accepted,
                c.refused,
                before,
                after,
            )
        })
        .collect();
    tx.run(AUDIT_INSERT, args![json(&rows), now_ms]).await.map(drop)
}

impl Store {
    /// Keeps a change that was made.
    ///
    /// # Errors
    /// What the database says.
    pub async fn audit_add(&self, change: &Change) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        record(&mut tx, std::slice::from_ref(change), self.clock.now_ms()).await?;
        tx.commit().await
    }

    /// Changes, the latest first, at most `limit` and [`AUDIT_ROWS_MAX`].
    ///
    /// # Errors
    /// What the database says.
    pub async fn audit_list(&self, filter: &AuditFilter, limit: i64) -> Result<Vec<Recorded>, StoreError> {
        let project = filter.project_id.as_ref().map_or("", ProjectId::as_str);
        let limit = limit.clamp(0, AUDIT_ROWS_MAX);
        let rows = match &filter.request_id {
            Some(id) => self.db.read(AUDIT_OF_REQUEST, args![id.as_str(), filter.since_ms, project]).await?,
            None => self.db.read(AUDIT, args![filter.since_ms, project, limit]).await?,
        };
        rows.iter().map(from_row).collect()
    }

    /// Forgets changes older than [`crate::Limits::audit_kept_ms`]; tells how many.
    ///
    /// # Errors
    /// What the database says.
    pub async fn audit_prune(&self) -> Result<u64, StoreError> {
        let before_ms = self.clock.now_ms().saturating_sub(self.limits.audit_kept_ms);
        let mut pruned = 0;
        for _ in 0..PRUNE_PAGES_MAX {
            let page = self.db.write(PRUNE, args![before_ms, PRUNE_PAGE]).await?;
            pruned += page;
            if page < PRUNE_PAGE as u64 {
                break;
            }
        }
        Ok(pruned)
    }
}

fn from_row(row: &AnyRow) -> Result<Recorded, StoreError> {
    let value = |column| -> Result<Map<String, Value>, StoreError> {
        let Some(text) = row.opt_text(column)? else { return Ok(Map::new()) };
        serde_json::from_str(&text).map_err(|_| StoreError::Unreadable { what: "audit value", value: text })
    };
    let change = Change {
        request_id: RequestId::new(row.text(0)?),
        project_id: row.opt_text(2)?.map(ProjectId::new),
        by: Actor {
            user_id: row.opt_text(3)?.map(UserId::new),
            user_name: row.text(4)?,
            access_key: row.opt_text(5)?,
        },
        operation: row.text(6)?,
        target: row.opt_text(7)?,
        accepted: row.int(8)?,
        refused: row.int(9)?,
        before: value(10)?,
        after: value(11)?,
    };
    Ok(Recorded { change, create_ms: row.int(1)?, succeeded: row.int(12)?, failed: row.int(13)? })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
#[path = "audit_tests.rs"]
mod tests;
