//! What a transaction reads before it plans: earlier answers, images, phones, servers.

use super::{Accept, Answer, IMAGES, PHONES, SERVERS, TOKENS, Work};
use crate::db::{Columns, Tx, args};
use crate::error::StoreError;
use crate::json;
use model::code::{self, Refusal};
use model::id::{ImageId, PhoneId, ProjectId, RequestId, ServerId};
use model::image::Image;
use model::plan::Current;
use model::server_state::ServerStatus;
use std::collections::{HashMap, HashSet};

/// (project, operation, token) of an answer already given.
pub(super) type TokenKey = (String, String, String);
/// Its body's digest, and the answer.
pub(super) type KnownAnswers = HashMap<TokenKey, (String, Answer)>;

pub(super) async fn tokens(
    tx: &mut Tx,
    accepts: &[Accept],
    after_ms: i64,
) -> Result<KnownAnswers, StoreError> {
    let keys: Vec<_> = accepts
        .iter()
        .filter_map(|a| {
            a.client_token.as_ref().map(|t| (a.project_id.as_str(), a.operation, t.token.as_str()))
        })
        .collect();
    let mut known = KnownAnswers::new();
    if keys.is_empty() {
        return Ok(known);
    }
    for row in tx.rows(TOKENS, args![json(&keys), after_ms]).await? {
        let text = row.text(5)?;
        let entries = serde_json::from_str(&text)
            .map_err(|_| StoreError::Unreadable { what: "client_token.answer", value: text })?;
        let answer = Answer { request_id: RequestId::new(row.text(4)?), entries };
        known.insert((row.text(0)?, row.text(1)?, row.text(2)?), (row.text(3)?, answer));
    }
    Ok(known)
}

pub(super) fn known_answer(known: &KnownAnswers, accept: &Accept) -> Option<Result<Answer, Refusal>> {
    let token = accept.client_token.as_ref()?;
    let key = (accept.project_id.to_string(), accept.operation.to_string(), token.token.clone());
    let (digest, answer) = known.get(&key)?;
    Some(if *digest == token.body_digest {
        Ok(answer.clone())
    } else {
        Err(Refusal::new(code::DUPLICATE_APPLY).saying("The client token was used with another body."))
    })
}

pub(super) async fn images(
    tx: &mut Tx,
    accepts: &[Accept],
) -> Result<HashMap<(ProjectId, ImageId), Image>, StoreError> {
    let wanted: HashSet<(&str, &str)> = accepts
        .iter()
        .filter_map(|a| match &a.work {
            Work::Power { image_id: Some(image_id), .. } => Some((a.project_id.as_str(), image_id.as_str())),
            _ => None,
        })
        .collect();
    let mut found = HashMap::new();
    if wanted.is_empty() {
        return Ok(found);
    }
    for row in tx.rows(IMAGES, args![json(&wanted)]).await? {
        let image = crate::images::from_row(&row, 1)?;
        found.insert((ProjectId::new(row.text(0)?), image.id.clone()), image);
    }
    Ok(found)
}

/// A phone as read: its project, its present epoch and status, and what the plan needs.
pub(super) struct Read {
    pub(super) project_id: ProjectId,
    pub(super) epoch: i64,
    pub(super) current: Option<Current>,
    pub(super) image_id: String,
    pub(super) custom_property: String,
}

pub(super) async fn phones(tx: &mut Tx, accepts: &[Accept]) -> Result<HashMap<PhoneId, Read>, StoreError> {
    let wanted: HashSet<(&str,)> = accepts
        .iter()
        .flat_map(|a| match &a.work {
            Work::Power { asked, .. } | Work::Property { asked } => asked.as_slice(),
            Work::ServerRestart { .. } => &[],
        })
        .map(|entry| (entry.phone_id.as_str(),))
        .filter(|(id,)| model::id::well_formed(id))
        .collect();
    let mut found = HashMap::with_capacity(wanted.len());
    if wanted.is_empty() {
        return Ok(found);
    }
    for row in tx.rows(PHONES, args![json(&wanted)]).await? {
        let current = Current {
            status: crate::phones::status(row.int(2)?)?,
            server_id: ServerId::new(row.text(3)?),
            server_status: crate::servers::status(row.int(4)?)?,
            phone_model: row.text(5)?,
            property: row.text(6)?,
        };
        let read = Read {
            project_id: ProjectId::new(row.text(1)?),
            epoch: row.int(7)?,
            current: Some(current),
            image_id: row.text(8)?,
            custom_property: row.text(9)?,
        };
        found.insert(PhoneId::new(row.text(0)?), read);
    }
    Ok(found)
}

pub(super) async fn servers(
    tx: &mut Tx,
    accepts: &[Accept],
) -> Result<HashMap<ServerId, (ProjectId, ServerStatus)>, StoreError> {
    let wanted: HashSet<(&str,)> = accepts
        .iter()
        .flat_map(|a| match &a.work {
            Work::ServerRestart { asked } => asked.as_slice(),
            _ => &[],
        })
        .map(|id| (id.as_str(),))
        .filter(|(id,)| model::id::server_well_formed(id))
        .collect();
    let mut found = HashMap::new();
    if wanted.is_empty() {
        return Ok(found);
    }
    for row in tx.rows(SERVERS, args![json(&wanted)]).await? {
        let status = crate::servers::status(row.int(2)?)?;
        found.insert(ServerId::new(row.text(0)?), (ProjectId::new(row.text(1)?), status));
    }
    Ok(found)
}
