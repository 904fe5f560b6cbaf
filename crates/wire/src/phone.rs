//! Phones: listing, detail and name (`contract/operations.md`, "Phones").

use crate::json;
use crate::request::{OFFSET, Page, Parts, QueryField, Request, SchemaFn};
use model::code::{self, Refusal};
use model::id::{self, PhoneId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Longest name that a phone can be given, in characters.
pub const NAME_CHARS_MAX: usize = 60;
/// Most phones on a page.
pub const PHONES_PER_PAGE_MAX: i64 = 200;

/// ListCloudPhones. An absent filter lets everything pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListCloudPhones {
    /// Phones whose name holds this text.
    pub phone_name: Option<String>,
    /// Phones of this server.
    pub server_id: Option<String>,
    /// Phones with this status number.
    pub status: Option<i64>,
    /// Phones of this type: 0 normal, 1 trial.
    pub phone_type: Option<i64>,
    /// Which part of the list.
    pub page: Page,
}

impl Request for ListCloudPhones {
    const QUERY: &'static [QueryField] = &[
        OFFSET,
        QueryField::integer("limit", "Most phones to answer: 1 to 200, 100 by default."),
        QueryField::text("phone_name", "Part of the name."),
        QueryField::text("server_id", "The server that the phones live on."),
        QueryField::integer("status", "A phone status; some are negative."),
        QueryField::integer("type", "0 normal, 1 trial."),
    ];

    /// CPS.0002 for offset and limit, CPS.0010 for the status, CPS.0116 for the type.
    fn decode(parts: &Parts<'_>) -> Result<Self, Refusal> {
        Ok(Self {
            page: parts.page(PHONES_PER_PAGE_MAX, 100)?,
            phone_name: parts.text("phone_name", code::PHONE_NAME_INVALID)?,
            server_id: parts.text("server_id", code::SERVER_ID_INVALID)?,
            status: parts.integer("status", code::STATUS_INVALID)?,
            phone_type: parts.integer("type", code::TYPE_INVALID)?,
        })
    }
}

/// ShowCloudPhoneDetail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShowCloudPhoneDetail {
    /// The phone.
    pub phone_id: PhoneId,
}

impl Request for ShowCloudPhoneDetail {
    /// CPS.0004 for an id that is none.
    fn decode(parts: &Parts<'_>) -> Result<Self, Refusal> {
        Ok(Self { phone_id: phone_id(parts)? })
    }
}

/// UpdatePhoneName.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdatePhoneName {
    /// The phone.
    pub phone_id: PhoneId,
    /// The new name.
    pub phone_name: String,
}

/// The body of UpdatePhoneName as documented.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct UpdatePhoneNameBody {
    /// Letters, digits, Chinese characters, - and _; 1 to 60 characters.
    pub phone_name: String,
}

impl Request for UpdatePhoneName {
    const BODY: Option<SchemaFn> = Some(|schemas| schemas.subschema_for::<UpdatePhoneNameBody>());

    /// CPS.0004 for an id that is none, CPS.0025 for the name or a body without one.
    fn decode(parts: &Parts<'_>) -> Result<Self, Refusal> {
        let phone_id = phone_id(parts)?;
        let field = json::body_fields(parts.body, ["phone_name"]).and_then(|[name]| name);
        match field.and_then(json::text) {
            Some(phone_name) if name_allowed(&phone_name) => Ok(Self { phone_id, phone_name }),
            _ => Err(code::PHONE_NAME_INVALID.into()),
        }
    }
}

fn phone_id(parts: &Parts<'_>) -> Result<PhoneId, Refusal> {
    let text = parts.path("phone_id");
    if id::well_formed(text) { Ok(PhoneId::new(text)) } else { Err(code::PHONE_ID_INVALID.into()) }
}

fn name_allowed(name: &str) -> bool {
    let allowed = |letter: char| {
        letter.is_ascii_alphanumeric()
            || matches!(letter, '-' | '_')
            || ('\u{4e00}'..='\u{9fff}').contains(&letter)
    };
    (1..=NAME_CHARS_MAX).contains(&name.chars().count()) && name.chars().all(allowed)
}

/// The answer of ListCloudPhones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CloudPhones {
    /// The request's id.
    pub request_id: String,
    /// How many phones pass the filters, before paging.
    pub count: i64,
    /// The phones, newest first.
    pub phones: Vec<Phone>,
}

/// A phone in a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Phone {
    /// Its name.
    pub phone_name: String,
    /// The server it lives on.
    pub server_id: String,
    /// Its id.
    pub phone_id: String,
    /// The name of its phone model.
    pub phone_model_name: String,
    /// The image in force.
    pub image_id: String,
    /// The image's version, for example `AOSP 11`.
    pub image_version: String,
    /// Whether VNC is on: `true` or `false`.
    pub vnc_enable: String,
    /// Its status: 0 and 1 creating, 2 running, 3 resetting, 4 restarting, 6 frozen, 7 stopping, 8 stopped,
    /// -5 reset failed, -6 restart failed, -7 abnormal, -8 creation failed, -9 stop failed.
    pub status: i64,
    /// 0 normal, 1 trial.
    #[serde(rename = "type")]
    pub phone_type: i64,
    /// The IMEI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imei: Option<String>,
    /// `direct` or `routing`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic_type: Option<String>,
    /// 0 shared disk, 1 own disk.
    pub volume_mode: i64,
    /// Where the server stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub availability_zone: Option<String>,
    /// The order that bought it.
    pub metadata: PhoneMetadata,
    /// Whether its image is encrypted.
    pub has_encrypt: bool,
    /// When it was created, UTC.
    pub create_time: String,
    /// When it last changed, UTC.
    pub update_time: String,
}

/// The order that bought a phone; without an order, nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PhoneMetadata {
    /// The order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The product ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_id: Option<String>,
}

/// The answer of ShowCloudPhoneDetail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CloudPhoneDetail {
    /// The request's id.
    pub request_id: String,
    /// Its name.
    pub phone_name: String,
    /// The server it lives on.
    pub server_id: String,
    /// Its id.
    pub phone_id: String,
    /// The image in force.
    pub image_id: String,
    /// The image's version, for example `AOSP 11`.
    pub image_version: String,
    /// Whether VNC is on: `true` or `false`.
    pub vnc_enable: String,
    /// The name of its phone model.
    pub phone_model_name: String,
    /// Its status, as in the list.
    pub status: i64,
    /// How its ports are reached.
    pub access_infos: Vec<PhoneAccessInfo>,
    /// The properties in force: a JSON object in a string, at most 2048 bytes.
    pub property: String,
    /// The custom properties in force.
    pub custom_property: BTreeMap<String, String>,
    /// The order that bought it.
    pub metadata: PhoneMetadata,
    /// Its data disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_data_volume: Option<PhoneDataVolume>,
    /// The IMEI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imei: Option<String>,
    /// 0 normal, 1 trial.
    #[serde(rename = "type")]
    pub phone_type: i64,
    /// `direct` or `routing`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic_type: Option<String>,
    /// 0 shared disk, 1 own disk.
    pub volume_mode: i64,
    /// Where the server stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub availability_zone: Option<String>,
    /// Whether its image is encrypted.
    pub has_encrypt: bool,
    /// When it was created, UTC.
    pub create_time: String,
    /// When it last changed, UTC.
    pub update_time: String,
}

/// A phone's data disk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PhoneDataVolume {
    /// The kind of disk, for example `GPSSD`.
    pub volume_type: String,
    /// Its size in GiB.
    pub volume_size: i64,
}

/// How one port of a phone is reached. Make it with [`PhoneAccessInfo::new`], which fills the deprecated
/// twins of the addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PhoneAccessInfo {
    /// The port's name, for example `adb`.
    #[serde(rename = "type")]
    pub name: String,
    /// Deprecated, equal to phone_ip.
    pub device_ip: String,
    /// The phone's address.
    pub phone_ip: String,
    /// The port on the phone.
    pub listen_port: i64,
    /// Deprecated, equal to public_ip.
    pub access_ip: String,
    /// The public address; "" when the port is not public.
    pub public_ip: String,
    /// Deprecated, equal to server_ip.
    pub intranet_ip: String,
    /// The server's address.
    pub server_ip: String,
    /// The port on the server or public address.
    pub access_port: i64,
    /// The phone's IPv6 address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_ipv6: Option<String>,
    /// The server's IPv6 address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_ipv6: Option<String>,
}

impl PhoneAccessInfo {
    /// A port called `name`, at `listen_port` of the phone and `access_port` of the server.
    pub fn new(
        name: &str,
        (phone_ip, listen_port): (&str, u16),
        (server_ip, access_port): (&str, u16),
        public_ip: &str,
    ) -> Self {
        Self {
            name: name.into(),
            device_ip: phone_ip.into(),
            phone_ip: phone_ip.into(),
            listen_port: listen_port.into(),
            access_ip: public_ip.into(),
            public_ip: public_ip.into(),
            intranet_ip: server_ip.into(),
            server_ip: server_ip.into(),
            access_port: access_port.into(),
            phone_ipv6: None,
            server_ipv6: None,
        }
    }
}

/// The answer of operations that answer nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Done {
    /// The request's id.
    pub request_id: String,
}

#[cfg(test)]
#[path = "phone_tests.rs"]
mod tests;
