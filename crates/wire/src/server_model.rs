//! Server models on offer (`contract/operations.md`, structure ServerModel).

use crate::image::PageInfo;
use crate::request::{LIMIT, MARKER, MarkerPage, Parts, QueryField, Request};
use model::code::{self, Refusal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// ListCloudPhoneServerModels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListCloudPhoneServerModels {
    /// Models of this product: 0 phone, 1 game.
    pub product_type: Option<i64>,
    /// Which part of the list.
    pub page: MarkerPage,
}

impl Request for ListCloudPhoneServerModels {
    const QUERY: &'static [QueryField] =
        &[QueryField::integer("product_type", "0 phone, 1 game; all by default."), MARKER, LIMIT];

    /// CPS.0144 for the product type, CPS.0002 for marker and limit.
    fn decode(parts: &Parts<'_>) -> Result<Self, Refusal> {
        let product_type = parts.integer("product_type", code::PRODUCT_TYPE_INVALID)?;
        Ok(Self { product_type, page: parts.marker_page(100, 100)? })
    }
}

/// The answer of ListCloudPhoneServerModels.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CloudPhoneServerModels {
    /// The request's id.
    pub request_id: String,
    /// The models.
    pub server_models: Vec<ServerModel>,
    /// Where the next page starts.
    pub page_info: PageInfo,
}

/// A kind of server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServerModel {
    /// Its name.
    pub server_model_name: String,
    /// The kind of machine.
    pub server_type: String,
    /// Cores.
    pub cpu: i64,
    /// Memory in GB.
    pub memory: i64,
    /// More of its specification: here an object, unlike in phone models.
    pub extend_spec: ServerModelExtendSpec,
    /// Most disks.
    pub disk_max_num: i64,
    /// 0 phone, 1 game.
    pub product_type: i64,
    /// How many can still be had.
    pub free_size: i64,
}

/// More of a server model's specification; what is not known is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServerModelExtendSpec {
    /// The processors in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<String>,
    /// The memory in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    /// The disks in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk: Option<String>,
    /// The network interfaces in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_interface: Option<String>,
    /// The graphics cards in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu: Option<String>,
    /// The bare machine's model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bms_flavor: Option<String>,
    /// Graphics cards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu_count: Option<i64>,
    /// NUMA nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numa_count: Option<i64>,
    /// The system disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os_volume: Option<OsVolume>,
}

/// A server model's system disk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OsVolume {
    /// Its size in GiB.
    pub size: i64,
    /// The kind of disk, for example `SSD`.
    pub volume_type: String,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::{code as code_of, has_fields, query};

    #[test]
    fn filters() {
        let list = query::<ListCloudPhoneServerModels>("product_type=1&marker=m&limit=2").unwrap();
        assert_eq!((list.product_type, list.page.marker, list.page.limit), (Some(1), Some("m".into()), 2));
        assert_eq!(query::<ListCloudPhoneServerModels>("").unwrap().page.limit, 100);
        assert_eq!(code_of(query::<ListCloudPhoneServerModels>("product_type=x")), "CPS.0144");
        assert_eq!(code_of(query::<ListCloudPhoneServerModels>("limit=101")), "CPS.0002");
    }

    #[test]
    fn the_fields_of_the_contract() {
        has_fields(
            &serde_json::to_value(ServerModel::default()).unwrap(),
            "server_model_name:str, server_type:str, cpu:int, memory:int, extend_spec:ServerModelExtendSpec, \
             disk_max_num:int, product_type:int, free_size:int",
        );
        let text = || Some(String::from("x"));
        let spec = ServerModelExtendSpec {
            cpu: text(),
            memory: text(),
            disk: text(),
            network_interface: text(),
            gpu: text(),
            bms_flavor: text(),
            gpu_count: Some(1),
            numa_count: Some(1),
            os_volume: Some(OsVolume::default()),
        };
        has_fields(
            &serde_json::to_value(spec).unwrap(),
            "cpu:str, memory:str, disk:str, network_interface:str, gpu:str, bms_flavor:str, gpu_count:int, \
             numa_count:int, os_volume:OsVolume",
        );
    }
}
