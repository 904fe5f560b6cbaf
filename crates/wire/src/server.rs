//! Servers (`contract/operations.md`, "Servers").

use crate::json::{self, Elements};
use crate::request::{
    OFFSET, PER_PAGE_MAX, Page, Parts, QueryField, Request, SchemaFn, server_id_well_formed,
};
use model::code::{self, Code, Refusal};
use model::id::ServerId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most servers of one restart.
pub const SERVERS_MAX: usize = 100;

/// Epoch numbers below this are seconds, from it on milliseconds: in seconds it is the year 5138, in
/// milliseconds 1973.
const MS_FROM: i64 = 100_000_000_000;

/// ListCloudPhoneServers. An absent filter lets everything pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListCloudPhoneServers {
    /// Servers whose name holds this text.
    pub server_name: Option<String>,
    /// The server with this id.
    pub server_id: Option<String>,
    /// Servers on this network: `v1` or `v2`.
    pub network_version: Option<String>,
    /// Servers with phones of this model.
    pub phone_model_name: Option<String>,
    /// Created at this time or later, epoch milliseconds.
    pub create_since_ms: Option<i64>,
    /// Created at this time or earlier, epoch milliseconds.
    pub create_until_ms: Option<i64>,
    /// Servers with this status number.
    pub status: Option<i64>,
    /// Which part of the list.
    pub page: Page,
}

impl Request for ListCloudPhoneServers {
    const QUERY: &'static [QueryField] = &[
        OFFSET,
        QueryField::integer("limit", "Most servers to answer: 1 to 100, 100 by default."),
        QueryField::text("server_name", "Part of the name."),
        QueryField::text("server_id", "The server's id."),
        QueryField::text("network_version", "v1 or v2."),
        QueryField::text("phone_model_name", "The model of its phones."),
        QueryField::integer("create_since", "Created at this time or later, epoch seconds or milliseconds."),
        QueryField::integer(
            "create_until",
            "Created at this time or earlier, epoch seconds or milliseconds.",
        ),
        QueryField::integer("status", "A server status."),
    ];

    /// CPS.0002 for offset and limit, CPS.0010 for the status, CPS.0174 for the times, CPS.0240 for the
    /// network version.
    fn decode(parts: &Parts<'_>) -> Result<Self, Refusal> {
        let network_version = match parts.query("network_version").map(str::to_ascii_lowercase) {
            Some(version) if version != "v1" && version != "v2" => {
                return Err(code::NETWORK_VERSION_INVALID.into());
            }
            version => version,
        };
        Ok(Self {
            page: parts.page(PER_PAGE_MAX, PER_PAGE_MAX)?,
            server_name: parts.text("server_name", code::SERVER_NAME_INVALID)?,
            server_id: parts.text("server_id", code::SERVER_ID_INVALID)?,
            network_version,
            phone_model_name: parts.text("phone_model_name", code::PHONE_MODEL_NAME_INVALID)?,
            create_since_ms: time_ms(parts, "create_since")?,
            create_until_ms: time_ms(parts, "create_until")?,
            status: parts.integer("status", code::STATUS_INVALID)?,
        })
    }
}

/// The contract says "epoch numbers" and leaves the unit open; both are read.
fn time_ms(parts: &Parts<'_>, name: &str) -> Result<Option<i64>, Refusal> {
    let number = parts.integer(name, code::TIME_INVALID)?;
    Ok(number.map(|number| if number.saturating_abs() < MS_FROM { number * 1000 } else { number }))
}

/// ShowCloudPhoneServerDetail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShowCloudPhoneServerDetail {
    /// The server.
    pub server_id: ServerId,
}

impl Request for ShowCloudPhoneServerDetail {
    /// CPS.0016 for an id that is none.
    fn decode(parts: &Parts<'_>) -> Result<Self, Refusal> {
        let text = parts.path("server_id");
        if server_id_well_formed(text) {
            Ok(Self { server_id: ServerId::new(text) })
        } else {
            Err(code::SERVER_ID_INVALID.into())
        }
    }
}

/// RestartCloudPhoneServer: restart servers with the phones on them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestartCloudPhoneServer {
    /// The servers as they came, 1 to [`SERVERS_MAX`]; `model::plan` judges each.
    pub server_ids: Vec<String>,
}

/// The body of RestartCloudPhoneServer as documented.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct RestartCloudPhoneServerBody {
    /// The servers' ids: 1 to 100.
    pub server_ids: Vec<String>,
}

impl Request for RestartCloudPhoneServer {
    const BODY: Option<SchemaFn> = Some(|schemas| schemas.subschema_for::<RestartCloudPhoneServerBody>());

    /// CPS.0095 without ids, CPS.0094 for a wrong type or a body that is not JSON, CPS.0096 for more than
    /// [`SERVERS_MAX`].
    fn decode(parts: &Parts<'_>) -> Result<Self, Refusal> {
        let invalid = code::SERVER_IDS_INVALID;
        let [raw] = json::body_fields(parts.body, ["server_ids"]).ok_or(invalid)?;
        match json::elements(raw.ok_or(code::SERVER_IDS_EMPTY)?, SERVERS_MAX).ok_or(invalid)? {
            Elements::TooMany => Err(code::TOO_MANY_SERVERS.into()),
            Elements::All(ids) if ids.is_empty() => Err(code::SERVER_IDS_EMPTY.into()),
            Elements::All(ids) => {
                let texts: Result<_, Code> =
                    ids.into_iter().map(|id| json::text(id).map(json::echo).ok_or(invalid)).collect();
                Ok(Self { server_ids: texts? })
            }
        }
    }
}

/// The answer of RestartCloudPhoneServer: one entry per server asked, in the request's order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServerJobs {
    /// The request's id: the key to list its jobs with.
    pub request_id: String,
    /// The entries.
    pub jobs: Vec<ServerJob>,
}

/// What became of one server: it has either a job or an error.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServerJob {
    /// The server's id as it was asked for.
    pub server_id: String,
    /// The job, when the server was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<String>,
    /// The code, when it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// The text, when it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_msg: Option<String>,
}

impl ServerJob {
    /// An accepted server.
    pub fn accepted(server_id: impl Into<String>, job_id: impl Into<String>) -> Self {
        Self { server_id: server_id.into(), job_id: Some(job_id.into()), ..Self::default() }
    }

    /// A refused server.
    pub fn refused(
        server_id: impl Into<String>,
        error_code: impl Into<String>,
        error_msg: impl Into<String>,
    ) -> Self {
        Self {
            server_id: server_id.into(),
            job_id: None,
            error_code: Some(error_code.into()),
            error_msg: Some(error_msg.into()),
        }
    }
}

/// The answer of ListCloudPhoneServers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CloudPhoneServers {
    /// The request's id.
    pub request_id: String,
    /// How many servers pass the filters, before paging.
    pub count: i64,
    /// The servers, newest first.
    pub servers: Vec<Server>,
}

/// A server in a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Server {
    /// Its name.
    pub server_name: String,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub availability_zone: Option<String>,
    /// Its id.
    pub server_id: String,
    /// The name of its server model.
    pub server_model_name: String,
    /// The name of its phones' model.
    pub phone_model_name: String,
    /// The key pair that opens it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keypair_name: Option<String>,
    /// Its status: 0, 1, 3 and 4 creating, 2 abnormal, 5 normal, 6 deleted, 8 frozen, 10 off, 11 shutting
    /// down, 12 shutdown failed, 13 starting.
    pub status: i64,
    /// Its VPC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<String>,
    /// Deprecated, equal to vpc_cidr.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cidr: Option<String>,
    /// The addresses of its VPC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_cidr: Option<String>,
    /// Its subnet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subnet_id: Option<String>,
    /// The addresses of its subnet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subnet_cidr: Option<String>,
    /// How it is reached.
    pub addresses: Vec<Address>,
    /// The project that holds its resources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_project_id: Option<String>,
    /// The order that bought it.
    pub metadata: ServerMetadata,
    /// `v1` or `v2`.
    pub network_version: String,
    /// The enterprise project it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enterprise_project_id: Option<String>,
    /// When it was created, UTC.
    pub create_time: String,
    /// When it last changed, UTC.
    pub update_time: String,
}

/// The answer of ShowCloudPhoneServerDetail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CloudPhoneServerDetail {
    /// The request's id.
    pub request_id: String,
    /// What the list shows too.
    #[serde(flatten)]
    pub server: Server,
    /// Its bandwidths.
    pub band_widths: Vec<Bandwidth>,
    /// Its disks.
    pub volumes: Vec<Volume>,
    /// The disk that its phones share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_volume_info: Option<ShareVolumeInfo>,
    /// The security groups it is in; none on v1 networks.
    pub security_groups: Vec<String>,
}

/// The order that bought a server; without an order, nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServerMetadata {
    /// The product ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_id: Option<String>,
    /// The order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// 0 yearly or monthly, 1 pay per use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charging_mode: Option<i64>,
}

/// How a server is reached. Make it with [`Address::new`], which fills the deprecated twins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Address {
    /// Deprecated, equal to server_ip.
    pub intranet_ip: String,
    /// Deprecated, equal to public_ip.
    pub access_ip: String,
    /// The server's own address.
    pub server_ip: String,
    /// The public address; "" when there is none.
    pub public_ip: String,
}

impl Address {
    /// An address inside and one outside; "" where there is none.
    pub fn new(server_ip: &str, public_ip: &str) -> Self {
        Self {
            intranet_ip: server_ip.into(),
            access_ip: public_ip.into(),
            server_ip: server_ip.into(),
            public_ip: public_ip.into(),
        }
    }
}

/// A bandwidth.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Bandwidth {
    /// Its name.
    pub band_width_name: String,
    /// Its id.
    pub band_width_id: String,
    /// Mbit/s.
    pub band_width_size: i64,
    /// 0 by bandwidth, 1 by traffic.
    pub band_width_charge_mode: i64,
    /// 0 own, 1 shared.
    pub band_width_share_type: i64,
    /// When it was created, UTC.
    pub create_time: String,
    /// When it last changed, UTC.
    pub update_time: String,
}

/// A disk of a server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Volume {
    /// Its name.
    pub volume_name: String,
    /// Its id.
    pub volume_id: String,
    /// Its size in GiB.
    pub volume_size: i64,
    /// The kind of disk, for example `SSD`.
    pub volume_type: String,
    /// When it was created, UTC.
    pub create_time: String,
    /// When it last changed, UTC.
    pub update_time: String,
}

/// The disk that the phones of a server share.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShareVolumeInfo {
    /// The kind of disk, for example `SSD`.
    pub volume_type: String,
    /// Its size in GiB.
    pub size: i64,
    /// 0 storage 1.0, 1 storage 2.0.
    pub version: i64,
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
