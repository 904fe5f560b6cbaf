//! A server as it is stored, and the models of servers and phones that can be had.

use crate::id::{ProjectId, ServerId};
use crate::image::LABEL_CLOUD_PHONE;
use crate::server_state::ServerStatus;

/// One server (`contract/operations.md`, structure Server).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its id.
    pub id: ServerId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Name, at most 65 characters.
    pub name: String,
    /// Name of its server model, one of [`SERVER_MODELS`].
    pub server_model: String,
    /// Name of the phone model of its phones, one of [`PHONE_MODELS`].
    pub phone_model: String,
    /// Its status.
    pub status: ServerStatus,
    /// Epoch milliseconds.
    pub create_ms: i64,
    /// Epoch milliseconds; changes with each step of its status.
    pub update_ms: i64,
}

/// A kind of server (`contract/operations.md`, structure ServerModel).
#[derive(Debug, Clone, Copy)]
pub struct ServerModel {
    /// Name.
    pub name: &'static str,
    /// Cores.
    pub cpu: i64,
    /// Memory in GB.
    pub memory_gb: i64,
    /// 0 phone, 1 game.
    pub product_type: i64,
}

/// A kind of phone (`contract/operations.md`, structure PhoneModel).
#[derive(Debug, Clone, Copy)]
pub struct PhoneModel {
    /// Name.
    pub name: &'static str,
    /// The server model it runs on.
    pub server_model: &'static str,
    /// Cores.
    pub cpu: i64,
    /// Memory in MB.
    pub memory_mb: i64,
    /// Data disk in GiB.
    pub disk_gib: i64,
    /// Width x height in pixels.
    pub resolution: &'static str,
    /// Dots per inch.
    pub dpi: i64,
    /// Frames per second.
    pub fps: i64,
    /// Most phones of this model on one server.
    pub capacity: i64,
    /// The image label that suits it.
    pub image_label: &'static str,
    /// 0 phone, 1 game.
    pub product_type: i64,
}

/// The server models on offer.
pub const SERVER_MODELS: &[ServerModel] = &[
    ServerModel { name: "physical.rx1.xlarge", cpu: 128, memory_gb: 256, product_type: 0 },
    ServerModel { name: "physical.kg1.4xlarge.cg", cpu: 128, memory_gb: 256, product_type: 1 },
];

/// The phone models on offer. The first is the default of new servers.
pub const PHONE_MODELS: &[PhoneModel] = &[
    PhoneModel {
        name: "rx1.cp.c15.d10.e1v1",
        server_model: "physical.rx1.xlarge",
        cpu: 2,
        memory_mb: 4096,
        disk_gib: 10,
        resolution: "720x1280",
        dpi: 320,
        fps: 30,
        capacity: 100_000,
        image_label: LABEL_CLOUD_PHONE,
        product_type: 0,
    },
    PhoneModel {
        name: "rx1.cp.c60.d32.e1v1",
        server_model: "physical.rx1.xlarge",
        cpu: 4,
        memory_mb: 8192,
        disk_gib: 32,
        resolution: "1080x1920",
        dpi: 480,
        fps: 30,
        capacity: 100_000,
        image_label: LABEL_CLOUD_PHONE,
        product_type: 0,
    },
    PhoneModel {
        name: "kg1.cg.c8.d32.e1v1",
        server_model: "physical.kg1.4xlarge.cg",
        cpu: 8,
        memory_mb: 16384,
        disk_gib: 32,
        resolution: "1080x1920",
        dpi: 480,
        fps: 60,
        capacity: 100_000,
        image_label: "cloud_game",
        product_type: 1,
    },
];

/// The phone model of that name.
pub fn phone_model(name: &str) -> Option<&'static PhoneModel> {
    PHONE_MODELS.iter().find(|m| m.name == name)
}
