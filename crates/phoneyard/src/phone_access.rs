//! Ways to the phones, between the API that tells of them and the gateway that opens them.

use crate::config::Config;
use api::PhoneAccess;
use async_trait::async_trait;
use gateway::{AdbConfig, AdbGateway, FindPhone, Found};
use jobs::Specs;
use model::id::PhoneId;
use model::phone_state::PhoneStatus;
use runtime::Runtime;
use std::net::SocketAddr;
use std::sync::Arc;
use store::Store;
use tokio_util::sync::CancellationToken;

/// Opens what the settings ask for; none when they ask for nothing.
///
/// # Errors
/// A line for the operator.
pub async fn open(
    config: &Config,
    store: &Store,
    runtime: Arc<dyn Runtime>,
    stop: CancellationToken,
) -> Result<Option<Arc<dyn PhoneAccess>>, String> {
    let settings = &config.emulated;
    let Some(ports) = &settings.adb_ports else { return Ok(None) };
    let adb = AdbConfig {
        ports: ports.0.clone(),
        authentication: settings.adb_authentication,
        connections_max: settings.adb_connections,
        phone_connections_max: settings.adb_connections_per_phone,
    };
    let phones = Arc::new(Phones { specs: Specs::new(store.clone()), store: store.clone() });
    let gateway = AdbGateway::start(store.clone(), runtime, phones, adb, stop).await;
    Ok(Some(Arc::new(Access(gateway.map_err(|e| e.to_string())?))))
}

#[derive(Debug)]
struct Access(Arc<AdbGateway>);

#[async_trait]
impl PhoneAccess for Access {
    async fn adb(&self, phone_id: &PhoneId) -> Option<SocketAddr> {
        self.0.open(phone_id).await
    }
}

/// Phones as the store knows them.
struct Phones {
    store: Store,
    specs: Specs,
}

#[async_trait]
impl FindPhone for Phones {
    async fn find(&self, phone_id: &PhoneId) -> Option<Found> {
        let (phone, epoch) = match self.store.phone_any(phone_id).await {
            Ok(found) => found?,
            Err(error) => {
                tracing::error!(%phone_id, %error, "looking up a phone");
                return None;
            }
        };
        let pending = matches!(phone.status, PhoneStatus::Restarting | PhoneStatus::Resetting);
        let spec = self.specs.phone(&phone, epoch, phone.status == PhoneStatus::Running).await;
        match spec {
            Ok(spec) => Some(Found { project_id: phone.project_id, spec, pending }),
            Err(refusal) => {
                tracing::error!(%phone_id, %refusal, "a phone without image or properties");
                None
            }
        }
    }
}
