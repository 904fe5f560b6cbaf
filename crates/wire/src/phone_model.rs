//! Phone models on offer (`contract/operations.md`, structure PhoneModel).

use crate::request::{LIMIT, OFFSET, Page, Parts, QueryField, Request};
use model::code::{self, Refusal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// ListCloudPhoneModels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListCloudPhoneModels {
    /// Models with this status: 1 on sale, 0 withdrawn.
    pub status: Option<i64>,
    /// Which part of the list.
    pub page: Page,
}

impl Request for ListCloudPhoneModels {
    const QUERY: &'static [QueryField] =
        &[QueryField::integer("status", "1 on sale, 0 withdrawn; all by default."), OFFSET, LIMIT];

    /// CPS.0010 for the status, CPS.0002 for offset and limit.
    fn decode(parts: &Parts<'_>) -> Result<Self, Refusal> {
        let status = parts.integer("status", code::STATUS_INVALID)?;
        Ok(Self { status, page: parts.page(100, 100)? })
    }
}

/// The answer of ListCloudPhoneModels.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CloudPhoneModels {
    /// The request's id.
    pub request_id: String,
    /// The models.
    pub phone_models: Vec<PhoneModel>,
}

/// A kind of phone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PhoneModel {
    /// The server model that its phones run on.
    pub server_model_name: String,
    /// Its name.
    pub phone_model_name: String,
    /// 1 on sale, 0 withdrawn.
    pub status: i64,
    /// Cores.
    pub cpu: i64,
    /// Memory in MB.
    pub memory: i64,
    /// Disk in GiB.
    pub disk: i64,
    /// Width x height in pixels, for example `1080x1920`.
    pub resolution: String,
    /// More of its specification: a JSON object in a string, at most 512 bytes.
    pub extend_spec: String,
    /// The code that it is ordered by.
    pub spec_code: String,
    /// Most phones of this model on one server.
    pub phone_capacity: i64,
    /// The label of images that suit it, for example `cloud_phone`.
    pub image_label: String,
    /// 0 phone, 1 game.
    pub product_type: i64,
    /// The version of its specification.
    pub phone_model_version: i64,
    /// Dots per inch.
    pub dpi: i64,
    /// Frames per second, as text.
    pub fps: String,
    /// 0 shared disk, 1 own disk.
    pub volume_mode: i64,
    /// Frames per second that are drawn.
    pub render_fps: i64,
    /// Frames per second that are sent.
    pub stream_fps: i64,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::{code as code_of, has_fields, query};

    #[test]
    fn filters() {
        let list = query::<ListCloudPhoneModels>("status=0&offset=1&limit=2").unwrap();
        assert_eq!(list, ListCloudPhoneModels { status: Some(0), page: Page { offset: 1, limit: 2 } });
        assert_eq!(query::<ListCloudPhoneModels>("status=").unwrap().status, None);
        assert_eq!(code_of(query::<ListCloudPhoneModels>("status=x")), "CPS.0010");
        assert_eq!(code_of(query::<ListCloudPhoneModels>("limit=101")), "CPS.0002");
    }

    #[test]
    fn the_fields_of_the_contract() {
        has_fields(
            &serde_json::to_value(PhoneModel::default()).unwrap(),
            "server_model_name:str, phone_model_name:str, status:int, cpu:int, memory:int, disk:int, \
             resolution:str, extend_spec:str, spec_code:str, phone_capacity:int, image_label:str, \
             product_type:int, phone_model_version:int, dpi:int, fps:str, volume_mode:int, render_fps:int, \
             stream_fps:int",
        );
    }
}
