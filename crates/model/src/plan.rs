//! The gate of every batch operation: what was asked and what is stored go in, one verdict per entry comes
//! out. Pure, so every rule of `contract/restart.md` is a row of a table test.
//!
//! Order of the checks for a phone: form of the id, existence, frozen, state, server, property
//! (`contract/restart.md`, "Per-phone errors").

use crate::code::{self, Refusal};
use crate::id::{self, PhoneId, ServerId};
use crate::image::Image;
use crate::job::{JobKind, JobSpec};
use crate::phone_state::{self, PhoneStatus, Policy, Power};
use crate::property;
use crate::server;
use crate::server_state::{self, ServerStatus};
use std::collections::{BTreeMap, HashMap};

/// The `property` field of an entry, as it came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum PropertyText {
    /// No field, null, or "".
    #[default]
    Absent,
    /// A string, still to be read as JSON.
    Text(String),
    /// Something else than a string.
    NotText,
}

/// One phone of a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// The id as it came: echoed in the answer whatever it is.
    pub phone_id: String,
    /// The id was something else than a string; the echo is its JSON text, which may look like an id.
    pub id_not_text: bool,
    /// Properties to set.
    pub property: PropertyText,
    /// Custom properties to set.
    pub custom_property: BTreeMap<String, String>,
    /// A reset that also forgets the stored properties.
    pub factory_reset: bool,
}

/// What is stored of a phone that a request names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    /// Its status; planning moves it on, so that the next entry sees what this one did.
    pub status: PhoneStatus,
    /// Its server.
    pub server_id: ServerId,
    /// The server's status.
    pub server_status: ServerStatus,
    /// Its phone model.
    pub phone_model: String,
    /// The stored properties.
    pub property: String,
}

/// A phone's entry that becomes a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The phone.
    pub phone_id: PhoneId,
    /// Its server.
    pub server_id: ServerId,
    /// The status it has.
    pub from: PhoneStatus,
    /// The status it gets in the commit that creates the job.
    pub to: PhoneStatus,
    /// What the job will do.
    pub kind: JobKind,
    /// With which arguments.
    pub spec: JobSpec,
    /// Nothing is left to do: the job is stored as ended well (stop of a stopped phone).
    pub done: bool,
}

/// What becomes of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict<T> {
    /// It becomes a job.
    Job(T),
    /// It is refused; the other entries go on.
    Refused(Refusal),
}

impl<T> From<Result<T, Refusal>> for Verdict<T> {
    fn from(result: Result<T, Refusal>) -> Self {
        match result {
            Ok(accepted) => Self::Job(accepted),
            Err(refusal) => Self::Refused(refusal),
        }
    }
}

/// The phones that a request names and that its project has.
pub type Phones = HashMap<PhoneId, Current>;

/// Plans a power operation. `image` is the request's new image, already found and usable.
///
/// Accepted phones are moved on in `phones`: a phone named twice gets one job and one CPS.0165.
pub fn power(
    power: Power,
    asked: &[Asked],
    image: Option<&Image>,
    phones: &mut Phones,
    policy: Policy,
) -> Vec<Verdict<Accepted>> {
    asked.iter().map(|entry| power_one(power, entry, image, phones, policy).into()).collect()
}

fn power_one(
    power: Power,
    entry: &Asked,
    image: Option<&Image>,
    phones: &mut Phones,
    policy: Policy,
) -> Result<Accepted, Refusal> {
    let (phone_id, current) = find(entry, phones)?;
    let from = current.status;
    let to = phone_state::next(from, phone_state::Event::Accept(power), policy)?;
    ready(current.server_status)?;
    suits(image, &current.phone_model)?;
    let property = match power {
        Power::Stop => property::Changes::default(),
        Power::Restart | Power::Reset => changes(&entry.property)?,
    };
    let before = if power == Power::Reset && entry.factory_reset { "{}" } else { &current.property };
    property::merge(before, &property)?;
    current.status = to;
    Ok(Accepted {
        server_id: current.server_id.clone(),
        phone_id,
        from,
        to,
        kind: JobKind::of_power(power),
        spec: JobSpec {
            image_id: image.map(|i| i.id.clone()),
            property,
            custom_property: BTreeMap::new(),
            factory_reset: power == Power::Reset && entry.factory_reset,
            was_off: from == PhoneStatus::Stopped,
        },
        done: from == to,
    })
}

/// Plans a property update: allowed in every status but creating and frozen; the status stays.
pub fn property_update(asked: &[Asked], phones: &mut Phones) -> Vec<Verdict<Accepted>> {
    asked.iter().map(|entry| property_one(entry, phones).into()).collect()
}

fn property_one(entry: &Asked, phones: &mut Phones) -> Result<Accepted, Refusal> {
    let (phone_id, current) = find(entry, phones)?;
    match current.status {
        PhoneStatus::Frozen => return Err(code::PHONE_FROZEN.into()),
        PhoneStatus::Creating | PhoneStatus::CreatingOld => return Err(code::PHONE_STATE.into()),
        _ => {}
    }
    // Here, unlike in a restart, the field is required (`contract/operations.md`).
    if entry.property == PropertyText::Absent && entry.custom_property.is_empty() {
        return Err(code::PROPERTY_INVALID.into());
    }
    let property = changes(&entry.property)?;
    property::merge(&current.property, &property)?;
    Ok(Accepted {
        server_id: current.server_id.clone(),
        phone_id,
        from: current.status,
        to: current.status,
        kind: JobKind::PhoneProperty,
        spec: JobSpec { property, custom_property: entry.custom_property.clone(), ..JobSpec::default() },
        done: false,
    })
}

fn find<'a>(entry: &Asked, phones: &'a mut Phones) -> Result<(PhoneId, &'a mut Current), Refusal> {
    if entry.id_not_text || !id::well_formed(&entry.phone_id) {
        return Err(Refusal::phone_id());
    }
    let phone_id = PhoneId::new(entry.phone_id.as_str());
    match phones.get_mut(&phone_id) {
        Some(current) => Ok((phone_id, current)),
        None => Err(code::PHONE_NOT_FOUND.into()),
    }
}

/// The server must be normal (`contract/restart.md`, question 13).
fn ready(status: ServerStatus) -> Result<(), Refusal> {
    match status {
        ServerStatus::Normal => Ok(()),
        ServerStatus::Frozen => Err(code::SERVER_FROZEN.into()),
        _ => Err(code::SERVER_NOT_READY.into()),
    }
}

/// The image's label must be the phone model's; a mismatch concerns that phone only
/// (`contract/restart.md`, question 7).
fn suits(image: Option<&Image>, phone_model: &str) -> Result<(), Refusal> {
    match (image, server::phone_model(phone_model)) {
        (Some(image), Some(model)) if image.label != model.image_label => Err(code::IMAGE_ID_INVALID.into()),
        _ => Ok(()),
    }
}

fn changes(text: &PropertyText) -> Result<property::Changes, Refusal> {
    match text {
        PropertyText::Absent => Ok(property::Changes::default()),
        PropertyText::Text(text) => property::parse(Some(text)),
        PropertyText::NotText => Err(code::PROPERTY_INVALID.into()),
    }
}

/// A server's entry that becomes a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedServer {
    /// The server.
    pub server_id: ServerId,
    /// The status it has.
    pub from: ServerStatus,
    /// The status it gets in the commit that creates the job.
    pub to: ServerStatus,
}

/// Plans a restart of servers. Accepted ones are moved on in `servers`.
pub fn server_restart(
    asked: &[String],
    servers: &mut HashMap<ServerId, ServerStatus>,
) -> Vec<Verdict<AcceptedServer>> {
    asked.iter().map(|text| server_one(text, servers).into()).collect()
}

fn server_one(text: &str, servers: &mut HashMap<ServerId, ServerStatus>) -> Result<AcceptedServer, Refusal> {
    if !id::server_well_formed(text) {
        return Err(code::SERVER_ID_PARAMETER_INVALID.into());
    }
    let server_id = ServerId::new(text);
    let status = servers.get_mut(&server_id).ok_or(code::SERVER_NOT_FOUND)?;
    let from = *status;
    let to = server_state::next(from, server_state::Event::AcceptRestart)?;
    *status = to;
    Ok(AcceptedServer { server_id, from, to })
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
