//! The batch operations on phones: restart, reset, stop and property update (`contract/restart.md`).
//!
//! The body as a whole is judged here; what concerns one phone only (its id, its property) is passed on as
//! it came, and `model::plan` refuses that phone alone.

use crate::json::{self, Elements};
use crate::request::{Parts, Request, SchemaFn};
use model::code::{self, Code, Refusal};
use model::id::{self, ImageId};
use model::plan::{Asked, PropertyText};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Most entries that are read at all. The limit that clients meet is configured and lower; this one bounds
/// the memory of a request.
pub const ENTRIES_MAX: usize = 100_000;

/// Longest property text and custom properties together, in bytes (`contract/operations.md`).
pub const UPDATE_BYTES_MAX: usize = 7800;

/// RestartCloudPhone: restart running phones, power on stopped ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestartCloudPhone {
    /// A new image for all of them.
    pub image_id: Option<ImageId>,
    /// The phones.
    pub phones: Vec<Asked>,
}

/// ResetCloudPhone: wipe and boot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResetCloudPhone {
    /// A new image for all of them.
    pub image_id: Option<ImageId>,
    /// The phones.
    pub phones: Vec<Asked>,
}

/// StopCloudPhone: power off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopCloudPhone {
    /// The phones.
    pub phones: Vec<Asked>,
}

/// UpdateCloudPhoneProperty: new properties, power untouched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateCloudPhoneProperty {
    /// The phones.
    pub phones: Vec<Asked>,
}

/// The body of RestartCloudPhone as documented.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct RestartCloudPhoneBody {
    /// An image for all phones of the request to boot from; absent or "" keeps each phone's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_id: Option<String>,
    /// The phones, at least one.
    pub phones: Vec<PhoneProperty>,
}

/// One phone of a restart.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct PhoneProperty {
    /// The phone's id: at most 32 lower-case hex digits.
    pub phone_id: String,
    /// Properties to set: a JSON object in a string; absent, "" and "{}" set none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
}

/// The body of ResetCloudPhone as documented.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct ResetCloudPhoneBody {
    /// An image for all phones of the request to boot from; absent or "" keeps each phone's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_id: Option<String>,
    /// The phones, at least one.
    pub phones: Vec<ResetPhoneProperty>,
}

/// One phone of a reset.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct ResetPhoneProperty {
    /// The phone's id: at most 32 lower-case hex digits.
    pub phone_id: String,
    /// Properties to set: a JSON object in a string; absent, "" and "{}" set none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
    /// Also forget every property stored so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factory_reset_enabled: Option<bool>,
}

/// The body of StopCloudPhone as documented.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct StopCloudPhoneBody {
    /// The phones' ids, at least one.
    pub phone_ids: Vec<String>,
}

/// The body of UpdateCloudPhoneProperty as documented.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct UpdateCloudPhonePropertyBody {
    /// The phones, at least one.
    pub phones: Vec<PropertyToUpdate>,
}

/// One phone of a property update.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct PropertyToUpdate {
    /// The phone's id: at most 32 lower-case hex digits.
    pub phone_id: String,
    /// Properties to set: a JSON object in a string. Together with custom_property at most 7800 bytes.
    pub property: String,
    /// Properties of the client's own to set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_property: Option<BTreeMap<String, String>>,
}

/// The answer of the batch operations: one entry per phone asked, in the request's order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PhoneJobs {
    /// The request's id: the key to list its jobs with.
    pub request_id: String,
    /// The entries.
    pub jobs: Vec<PhoneJob>,
}

/// What became of one phone: it has either a job or an error.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PhoneJob {
    /// The phone's id as it was asked for.
    pub phone_id: String,
    /// The job, when the phone was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<String>,
    /// The code, when it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// The text, when it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_msg: Option<String>,
}

impl Request for RestartCloudPhone {
    const BODY: Option<SchemaFn> = Some(|schemas| schemas.subschema_for::<RestartCloudPhoneBody>());

    /// CPS.0077 for the phones list, CPS.0030 for the image id.
    fn decode(parts: &Parts<'_>) -> Result<Self, Refusal> {
        let (phones, image_id) = phones_and_image(parts, asked)?;
        Ok(Self { image_id, phones })
    }
}

impl Request for ResetCloudPhone {
    const BODY: Option<SchemaFn> = Some(|schemas| schemas.subschema_for::<ResetCloudPhoneBody>());

    /// CPS.0077 for the phones list, also for a `factory_reset_enabled` that is no boolean: what wipes must
    /// not be guessed. CPS.0030 for the image id.
    fn decode(parts: &Parts<'_>) -> Result<Self, Refusal> {
        let (phones, image_id) = phones_and_image(parts, |entry| {
            let factory_reset = match entry.factory_reset_enabled.map(RawValue::get) {
                None => false,
                Some(text) => flag(text).ok_or(code::PHONES_LIST_INVALID)?,
            };
            Ok(Asked { factory_reset, ..asked(entry)? })
        })?;
        Ok(Self { image_id, phones })
    }
}

impl Request for UpdateCloudPhoneProperty {
    const BODY: Option<SchemaFn> = Some(|schemas| schemas.subschema_for::<UpdateCloudPhonePropertyBody>());

    /// CPS.0077 for the phones list.
    fn decode(parts: &Parts<'_>) -> Result<Self, Refusal> {
        let [raw] = json::body_fields(parts.body, ["phones"]).ok_or(code::PHONES_LIST_INVALID)?;
        Ok(Self { phones: phones(raw, with_custom_property)? })
    }
}

impl Request for StopCloudPhone {
    const BODY: Option<SchemaFn> = Some(|schemas| schemas.subschema_for::<StopCloudPhoneBody>());

    /// CPS.0009 for an empty `phone_ids`, CPS.0080 for one of a wrong type or a body that is not JSON,
    /// CPS.0081 when there is none. A public client sends restart's `phones` here, which is read too
    /// (`contract/clients.md`, C4).
    fn decode(parts: &Parts<'_>) -> Result<Self, Refusal> {
        let [phone_ids, listed] =
            json::body_fields(parts.body, ["phone_ids", "phones"]).ok_or(code::PHONE_IDS_INVALID)?;
        if let Some(raw) = phone_ids {
            let asked = |raw: &RawValue| {
                let phone_id = json::echo(json::text(raw).ok_or(code::PHONE_IDS_INVALID)?);
                Ok(Asked { phone_id, ..Asked::default() })
            };
            let elements = elements(raw, code::PHONE_IDS_INVALID, code::PHONE_ID_LIST_EMPTY)?;
            return Ok(Self { phones: elements.into_iter().map(asked).collect::<Result<_, Code>>()? });
        }
        match listed {
            None => Err(code::PHONE_IDS_AND_PHONES_EMPTY.into()),
            Some(raw) if is_empty_list(raw) => Err(code::PHONE_IDS_AND_PHONES_EMPTY.into()),
            listed => Ok(Self { phones: phones(listed, |entry| Ok(entry.asked_id()))? }),
        }
    }
}

/// An entry of a phones list, still as it came.
struct Entry<'a> {
    phone_id: Option<&'a RawValue>,
    property: Option<&'a RawValue>,
    custom_property: Option<&'a RawValue>,
    factory_reset_enabled: Option<&'a RawValue>,
}

impl Entry<'_> {
    /// The phone's id as the answer repeats it, and as `model::plan` judges it.
    ///
    /// Terraform needs some text there even for a refused phone (`contract/clients.md`, T4). What is not a
    /// string is therefore repeated as its JSON text, cut short; missing and null are "".
    fn asked_id(&self) -> Asked {
        let Some(raw) = self.phone_id else { return Asked::default() };
        match json::text(raw) {
            Some(phone_id) => Asked { phone_id: json::echo(phone_id), ..Asked::default() },
            None => {
                let phone_id = json::echo(raw.get().to_owned());
                Asked { phone_id, id_not_text: true, ..Asked::default() }
            }
        }
    }

    fn property(&self) -> PropertyText {
        match self.property.map(json::text) {
            None => PropertyText::Absent,
            Some(None) => PropertyText::NotText,
            Some(Some(text)) if text.is_empty() => PropertyText::Absent,
            Some(Some(text)) => PropertyText::Text(text),
        }
    }
}

fn asked(entry: &Entry<'_>) -> Result<Asked, Code> {
    Ok(Asked { property: entry.property(), ..entry.asked_id() })
}

/// As [`asked`], with the custom properties: an object of strings. Anything else there, or more bytes than
/// [`UPDATE_BYTES_MAX`], makes the entry's property bad: CPS.0078 for that phone.
fn with_custom_property(entry: &Entry<'_>) -> Result<Asked, Code> {
    let mut asked = asked(entry)?;
    let Some(raw) = entry.custom_property else { return Ok(asked) };
    let property_bytes = match &asked.property {
        PropertyText::Text(text) => text.len(),
        PropertyText::Absent | PropertyText::NotText => 0,
    };
    let custom: Option<BTreeMap<String, String>> = serde_json::from_str(raw.get()).ok();
    match custom {
        Some(custom) if property_bytes + bytes(&custom) <= UPDATE_BYTES_MAX && storable(&custom) => {
            asked.custom_property = custom;
        }
        _ => asked.property = PropertyText::NotText,
    }
    Ok(asked)
}

fn bytes(custom: &BTreeMap<String, String>) -> usize {
    custom.iter().map(|(key, value)| key.len() + value.len()).sum()
}

/// PostgreSQL has no place for NUL in texts and JSON.
fn storable(custom: &BTreeMap<String, String>) -> bool {
    !custom.iter().any(|(key, value)| key.is_empty() || key.contains('\0') || value.contains('\0'))
}

fn phones_and_image(
    parts: &Parts<'_>,
    read: impl Fn(&Entry<'_>) -> Result<Asked, Code>,
) -> Result<(Vec<Asked>, Option<ImageId>), Refusal> {
    let [listed, image_id] =
        json::body_fields(parts.body, ["phones", "image_id"]).ok_or(code::PHONES_LIST_INVALID)?;
    Ok((phones(listed, read)?, image(image_id)?))
}

fn phones(
    raw: Option<&RawValue>,
    read: impl Fn(&Entry<'_>) -> Result<Asked, Code>,
) -> Result<Vec<Asked>, Refusal> {
    let bad = code::PHONES_LIST_INVALID;
    let one = |raw: &RawValue| {
        let names = ["phone_id", "property", "custom_property", "factory_reset_enabled"];
        let [phone_id, property, custom_property, factory_reset_enabled] =
            json::fields(raw.get(), names).ok_or(bad)?;
        read(&Entry { phone_id, property, custom_property, factory_reset_enabled })
    };
    let elements = elements(raw.ok_or(bad)?, bad, bad)?;
    Ok(elements.into_iter().map(one).collect::<Result<_, Code>>()?)
}

/// The elements of an array that must have some.
fn elements(raw: &RawValue, wrong_type: Code, empty: Code) -> Result<Vec<&RawValue>, Refusal> {
    match json::elements(raw, ENTRIES_MAX).ok_or(wrong_type)? {
        Elements::TooMany => Err(code::TOO_MANY_PHONES.into()),
        Elements::All(elements) if elements.is_empty() => Err(empty.into()),
        Elements::All(elements) => Ok(elements),
    }
}

fn is_empty_list(raw: &RawValue) -> bool {
    matches!(json::elements(raw, 0), Some(Elements::All(_)))
}

/// "" is no image (`contract/restart.md`, "Typing oddities").
fn image(raw: Option<&RawValue>) -> Result<Option<ImageId>, Refusal> {
    let Some(raw) = raw else { return Ok(None) };
    match json::text(raw) {
        Some(text) if text.is_empty() => Ok(None),
        Some(text) if id::well_formed(&text) => Ok(Some(ImageId::new(text))),
        _ => Err(code::IMAGE_ID_INVALID.into()),
    }
}

/// A boolean, or one in a string as older fields have it.
fn flag(text: &str) -> Option<bool> {
    match text.trim_matches('"').to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" | "" => Some(false),
        _ => None,
    }
}

impl PhoneJob {
    /// An accepted phone.
    pub fn accepted(phone_id: impl Into<String>, job_id: impl Into<String>) -> Self {
        Self { phone_id: phone_id.into(), job_id: Some(job_id.into()), ..Self::default() }
    }

    /// A refused phone.
    pub fn refused(
        phone_id: impl Into<String>,
        error_code: impl Into<String>,
        error_msg: impl Into<String>,
    ) -> Self {
        Self {
            phone_id: phone_id.into(),
            job_id: None,
            error_code: Some(error_code.into()),
            error_msg: Some(error_msg.into()),
        }
    }
}

#[cfg(test)]
#[path = "phone_batch_tests.rs"]
mod tests;
