//! Phones: list, detail, name.

use crate::context::Context;
use model::code::{self, Refusal};
use model::phone::{ADB_PORT, Phone};
use model::server::phone_model;
use store::{Change, Page, PhoneFilter};
use wire::phone::{
    CloudPhoneDetail, CloudPhones, Done, ListCloudPhones, PhoneAccessInfo, PhoneDataVolume, PhoneMetadata,
    ShowCloudPhoneDetail, UpdatePhoneName,
};
use wire::time::utc;

/// Phones have a disk of their own (`contract/operations.md`, structure Phone).
const VOLUME_MODE_OWN: i64 = 1;
const TRAFFIC_TYPE: &str = "direct";

/// ListCloudPhones.
pub async fn list(context: Context, request: ListCloudPhones) -> Result<CloudPhones, Refusal> {
    let project = context.project()?;
    let request_id = context.request_text();
    // Every phone is of type 0: there are no trial phones here.
    if request.phone_type.is_some_and(|t| t != 0) {
        return Ok(CloudPhones { request_id, count: 0, phones: Vec::new() });
    }
    let filter =
        PhoneFilter { server_id: request.server_id, name_part: request.phone_name, status: request.status };
    let page = Page { offset: request.page.offset, limit: request.page.limit };
    let (phones, count) = context.store().phones_list(project, &filter, page).await?;
    let zone = &context.state.config.region;
    Ok(CloudPhones { request_id, count, phones: phones.into_iter().map(|p| listed(p, zone)).collect() })
}

fn listed(phone: Phone, zone: &str) -> wire::phone::Phone {
    wire::phone::Phone {
        phone_name: phone.name,
        server_id: phone.server_id.into_string(),
        phone_id: phone.id.into_string(),
        phone_model_name: phone.phone_model,
        image_id: phone.image_id.into_string(),
        image_version: phone.image_version,
        vnc_enable: "false".into(),
        status: phone.status.number(),
        phone_type: 0,
        imei: None,
        traffic_type: Some(TRAFFIC_TYPE.into()),
        volume_mode: VOLUME_MODE_OWN,
        availability_zone: Some(zone.into()),
        metadata: PhoneMetadata::default(),
        has_encrypt: false,
        create_time: utc(phone.create_ms),
        update_time: utc(phone.update_ms),
    }
}

/// ShowCloudPhoneDetail.
pub async fn detail(context: Context, request: ShowCloudPhoneDetail) -> Result<CloudPhoneDetail, Refusal> {
    let phone = context.store().phone_get(context.project()?, request.phone_id.as_str()).await?;
    let phone = phone.ok_or(code::PHONE_NOT_FOUND)?;
    let access_infos = access_infos(&context, &phone).await?;
    let disk = phone_model(&phone.phone_model).map(|m| m.disk_gib);
    Ok(CloudPhoneDetail {
        request_id: context.request_text(),
        phone_name: phone.name,
        server_id: phone.server_id.into_string(),
        phone_id: phone.id.into_string(),
        image_id: phone.image_id.into_string(),
        image_version: phone.image_version,
        vnc_enable: "false".into(),
        phone_model_name: phone.phone_model,
        status: phone.status.number(),
        access_infos,
        property: phone.property,
        custom_property: serde_json::from_str(&phone.custom_property).unwrap_or_default(),
        metadata: PhoneMetadata::default(),
        phone_data_volume: disk.map(|volume_size| PhoneDataVolume { volume_type: "SSD".into(), volume_size }),
        imei: None,
        phone_type: 0,
        traffic_type: Some(TRAFFIC_TYPE.into()),
        volume_mode: VOLUME_MODE_OWN,
        availability_zone: Some(context.state.config.region.clone()),
        has_encrypt: false,
        create_time: utc(phone.create_ms),
        update_time: utc(phone.update_ms),
    })
}

/// How the phone can be reached, in truth: opened before it is told. Nothing is public here.
async fn access_infos(context: &Context, phone: &Phone) -> Result<Vec<PhoneAccessInfo>, Refusal> {
    let Some(access) = &context.state.access else { return Ok(Vec::new()) };
    let Some(reached) = access.adb(&phone.id).await else { return Ok(Vec::new()) };
    let ordinal = context.store().phone_ordinal(&phone.id).await?.unwrap_or(0);
    let phone_ip = model::phone::address(ordinal).to_string();
    let server_ip = reached.ip().to_string();
    Ok(vec![PhoneAccessInfo::new("adb", (&phone_ip, ADB_PORT), (&server_ip, reached.port()), "")])
}

/// UpdatePhoneName.
pub async fn rename(context: Context, request: UpdatePhoneName) -> Result<Done, Refusal> {
    let (project, phone_id) = (context.project()?, request.phone_id.as_str());
    let by = context.caller()?.actor();
    let change = Change::new(context.request_id.clone(), by, "UpdatePhoneName");
    if !context.store().phone_rename(project, phone_id, &request.phone_name, change).await? {
        return Err(code::PHONE_NOT_FOUND.into());
    }
    Ok(Done { request_id: context.request_text() })
}
