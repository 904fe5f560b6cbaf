//! The audit log from the operator's side: what each verb leaves in it, and `phoneyard audit`.

use crate::duration::Span;
use crate::operator::Command;
use crate::verbs::{Common, ask_or_do};
use clap::Args;
use model::id::{ProjectId, RequestId};
use serde_json::{Map, Value, json};
use store::{Actor, AuditFilter, Change, Recorded, Store};
use wire::time::utc;

/// `phoneyard audit`.
#[derive(Debug, Args)]
pub struct AuditArguments {
    /// Only of this project, by name or id
    #[arg(long)]
    project: Option<String>,
    /// Only of the last so long, such as 30m or 48h
    #[arg(long)]
    since: Option<Span>,
    /// Only of this request
    #[arg(long)]
    request: Option<String>,
    /// At most so many, the latest first
    #[arg(long, default_value_t = 100)]
    limit: i64,
    #[command(flatten)]
    common: Common,
}

/// Runs `phoneyard audit`.
///
/// # Errors
/// A line for the operator.
pub async fn run(arguments: AuditArguments) -> Result<(), String> {
    let AuditArguments { project, since, request, limit, common } = arguments;
    let command = Command::AuditList { project, since_ms: since.map(Span::ms), request, limit };
    let value = ask_or_do(&common, command).await?;
    if common.json {
        say!("{value}");
    } else {
        value["audit"].as_array().into_iter().flatten().for_each(|row| say!("{}", line(row)));
    }
    Ok(())
}

/// Finds changes, the latest first.
///
/// # Errors
/// A line for the operator.
pub async fn list(
    store: &Store,
    project: Option<String>,
    since_ms: Option<i64>,
    request_id: Option<String>,
    limit: i64,
) -> Result<Value, String> {
    let text = |e: store::StoreError| e.to_string();
    let project_id = match project {
        Some(project) => Some(store.project_named(&project).await.map_err(text)?.id),
        None => None,
    };
    let since_ms = since_ms.map_or(0, |ms| store.clock().now_ms().saturating_sub(ms));
    let filter = AuditFilter { project_id, since_ms, request_id };
    let rows = store.audit_list(&filter, limit).await.map_err(text)?;
    Ok(json!({ "audit": rows.iter().map(told).collect::<Vec<_>>() }))
}

fn told(row: &Recorded) -> Value {
    let Recorded { change, create_ms, succeeded, failed } = row;
    json!({
        "time": utc(*create_ms),
        "request_id": change.request_id,
        "project_id": change.project_id,
        "user_id": change.by.user_id,
        "user": change.by.user_name,
        "access_key": change.by.access_key,
        "operation": change.operation,
        "target": change.target,
        "accepted": change.accepted,
        "refused": change.refused,
        "succeeded": succeeded,
        "failed": failed,
        "before": change.before,
        "after": change.after,
    })
}

/// A change on one line, for people.
fn line(row: &Value) -> String {
    let text = |name: &str| row[name].as_str().unwrap_or("-").to_string();
    let mut line = format!("{} {} {}", text("time"), text("user"), text("operation"));
    if let Some(target) = row["target"].as_str() {
        line.push_str(&format!(" {target}"));
    }
    let counts = ["accepted", "refused", "succeeded", "failed"].map(|name| row[name].as_i64().unwrap_or(0));
    if counts != [1, 0, 0, 0] {
        let [accepted, refused, succeeded, failed] = counts;
        line.push_str(&format!(
            ": {accepted} accepted, {refused} refused, {succeeded} succeeded, {failed} failed"
        ));
    }
    let values = ["before", "after"].map(|name| row[name].as_object().filter(|map| !map.is_empty()));
    match values {
        [Some(before), Some(after)] => line.push_str(&format!(" {} -> {}", object(before), object(after))),
        [None, Some(after)] => line.push_str(&format!(" {}", object(after))),
        [Some(before), None] => line.push_str(&format!(" {} ->", object(before))),
        [None, None] => {}
    }
    line.push_str(&format!(" [{}]", text("request_id")));
    line
}

fn object(map: &Map<String, Value>) -> String {
    Value::Object(map.clone()).to_string()
}

/// What a verb that was carried out leaves in the audit log; none for one that changes nothing. Of a reply only
/// what is named here is kept: never an SK, never a password.
pub fn change(command: &Command, reply: &Value) -> Option<Change> {
    let (verb, target, kept): (_, _, &[&str]) = match command {
        Command::ProjectCreate { .. } => ("project create", "project_id", &["name", "domain"]),
        Command::UserCreate { .. } => ("user create", "user_id", &["name"]),
        Command::AccessKeyCreate { .. } => ("access-key create", "ak", &["user_id"]),
        Command::ImageCreate { .. } => ("image create", "image_id", &["name", "version"]),
        Command::ServerCreate { .. } => ("server create", "server_id", &["name"]),
        Command::AdbKeyAdd { .. } => ("adb-key add", "fingerprint", &["name"]),
        Command::AdbKeyRemove { .. } => ("adb-key remove", "removed", &[]),
        Command::PhoneFault { .. } => ("phone fault", "phone_id", &["fault"]),
        Command::ProjectList | Command::AdbKeyList { .. } | Command::AuditList { .. } | Command::Status => {
            return None;
        }
    };
    let text = |name: &str| reply[name].as_str().map(String::from);
    let values = kept.iter().filter_map(|name| Some((name.to_string(), Value::String(text(name)?))));
    let mut change = Change::new(RequestId::generate(), Actor::operator(), verb);
    change.target = text(target);
    change.project_id = text("project_id").map(ProjectId::new);
    change.after = values.collect();
    if let Some(phones) = reply["phone_ids"].as_array() {
        change.after.insert("phones".into(), phones.len().into());
    }
    Some(change)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_new_access_key_is_kept_without_its_secret() {
        let command = Command::AccessKeyCreate { user: "alice".into() };
        let reply = json!({"user_id": "u1", "ak": "AK1", "sk": "very secret"});
        let change = change(&command, &reply).unwrap();
        assert_eq!(change.target.as_deref(), Some("AK1"));
        assert_eq!(Value::Object(change.after.clone()), json!({"user_id": "u1"}));
        assert!(!format!("{change:?}").contains("secret"));
        assert_eq!(change.by.user_name, "operator");
    }

    #[test]
    fn what_changes_nothing_leaves_nothing() {
        assert!(change(&Command::ProjectList, &json!({"projects": []})).is_none());
        assert!(change(&Command::Status, &json!({})).is_none());
    }

    #[test]
    fn a_change_reads_well_on_one_line() {
        let row = json!({"time": "2026-01-02 03:04:05", "user": "alice", "operation": "UpdatePhoneName",
            "target": "p1", "accepted": 1, "refused": 0, "succeeded": 0, "failed": 0, "request_id": "r1",
            "before": {"phone_name": "a"}, "after": {"phone_name": "b"}});
        assert_eq!(
            line(&row),
            r#"2026-01-02 03:04:05 alice UpdatePhoneName p1 {"phone_name":"a"} -> {"phone_name":"b"} [r1]"#
        );
        let row = json!({"time": "t", "user": "bob", "operation": "RestartCloudPhone", "target": null,
            "accepted": 9, "refused": 1, "succeeded": 8, "failed": 1, "request_id": "r2", "before": {}, "after": {}});
        assert_eq!(line(&row), "t bob RestartCloudPhone: 9 accepted, 1 refused, 8 succeeded, 1 failed [r2]");
    }
}
