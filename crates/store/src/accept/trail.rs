//! What an accepted request leaves in the audit log: who asked for what, how many entries went which way, and
//! for a single phone what it had before.

use super::read::Read;
use super::{Accept, Entry, Work};
use crate::audit::{Change, clipped, parsed};
use model::id::{ImageId, PhoneId};
use model::plan::{Asked, PropertyText};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// The row of a request that was answered with these entries.
pub(super) fn change(accept: &Accept, entries: &[Entry], phones: &HashMap<PhoneId, Read>) -> Change {
    let accepted = entries.iter().filter(|entry| entry.job_id.is_some()).count();
    let mut change = Change {
        project_id: Some(accept.project_id.clone()),
        accepted: accepted as i64,
        refused: (entries.len() - accepted) as i64,
        ..Change::new(accept.request_id.clone(), accept.by.clone(), accept.operation)
    };
    let only = match entries {
        [entry] => Some(entry),
        _ => None,
    };
    change.target = only.map(|entry| entry.target.clone());
    match &accept.work {
        Work::Power { asked, image_id, .. } => change.after = wanted(asked, image_id.as_ref()),
        Work::Property { asked } => change.after = wanted(asked, None),
        Work::ServerRestart { .. } => {}
    }
    // Only of a phone that was accepted: another project's is none of the asker's business.
    let phone = only.filter(|entry| entry.job_id.is_some());
    if let Some(read) = phone.and_then(|entry| phones.get(&PhoneId::new(entry.target.as_str()))) {
        change.before = had(read, &change.after);
    }
    change
}

/// What the request asks of its phones, where it is the same for all.
fn wanted(asked: &[Asked], image_id: Option<&ImageId>) -> Map<String, Value> {
    let mut after = Map::new();
    if let Some(image_id) = image_id {
        after.insert("image_id".into(), clipped(image_id.as_str()));
    }
    let Some((first, others)) = asked.split_first() else { return after };
    let same = others.iter().all(|other| {
        other.property == first.property
            && other.custom_property == first.custom_property
            && other.factory_reset == first.factory_reset
    });
    if !same {
        after.insert("properties".into(), Value::String("differ from phone to phone".into()));
        return after;
    }
    if let PropertyText::Text(text) = &first.property {
        after.insert("property".into(), parsed(text));
    }
    if !first.custom_property.is_empty() {
        after.insert("custom_property".into(), parsed(&crate::json(&first.custom_property)));
    }
    if first.factory_reset {
        after.insert("factory_reset".into(), Value::Bool(true));
    }
    after
}

/// The phone's own values of what is to change.
fn had(read: &Read, after: &Map<String, Value>) -> Map<String, Value> {
    let mut before = Map::new();
    if after.contains_key("image_id") {
        before.insert("image_id".into(), clipped(read.image_id.as_str()));
    }
    if (after.contains_key("property") || after.contains_key("factory_reset"))
        && let Some(current) = &read.current
    {
        before.insert("property".into(), parsed(&current.property));
    }
    if after.contains_key("custom_property") {
        before.insert("custom_property".into(), parsed(&read.custom_property));
    }
    before
}
