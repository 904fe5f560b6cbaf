//! The operator's socket: a unix socket in the data directory, open to its owner only. While the service
//! holds the database, operator commands come in here.

use crate::operator::{self, Command};
use crate::view::View;
use runtime::EmulatedRuntime;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Largest command.
const COMMAND_BYTES_MAX: u64 = 1024 * 1024;
/// Longest time for a command to arrive.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(10);

fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("operator.sock")
}

/// What commands are about.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The service's store.
    pub store: Store,
    /// Its phones.
    pub runtime: Arc<EmulatedRuntime>,
    /// The view of it.
    pub view: Arc<View>,
}

/// Serves commands until `stop`.
///
/// # Errors
/// A line for the operator.
pub fn listen(data_dir: &Path, asked: Asked, stop: CancellationToken) -> Result<JoinHandle<()>, String> {
    let path = path(data_dir);
    // Left behind by a killed process; a living one would have kept us off the database.
    let _ = std::fs::remove_file(&path);
    let failed = |e: std::io::Error| format!("{}: {e}", path.display());
    let listener = UnixListener::bind(&path).map_err(failed)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
    Ok(tokio::spawn(async move {
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => {
                    let asked = asked.clone();
                    tokio::spawn(async move { answer(stream, &asked).await });
                }
                Err(error) => {
                    tracing::warn!(%error, "operator socket");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
        let _ = std::fs::remove_file(&path);
    }))
}

async fn answer(mut stream: UnixStream, asked: &Asked) {
    let mut text = Vec::new();
    let (mut reading, mut writing) = stream.split();
    let mut limited = (&mut reading).take(COMMAND_BYTES_MAX);
    if !matches!(timeout(COMMAND_TIMEOUT, limited.read_to_end(&mut text)).await, Ok(Ok(_))) {
        return;
    }
    let result = match serde_json::from_slice::<Command>(&text) {
        Ok(Command::Status) => Ok(asked.view.status().await),
        Ok(command) => operator::perform(&asked.store, Some(&asked.runtime), command).await,
        Err(error) => Err(format!("the service does not understand this command: {error}")),
    };
    let reply = match result {
        Ok(value) => json!({ "ok": value }),
        Err(error) => json!({ "error": error }),
    };
    let _ = writing.write_all(reply.to_string().as_bytes()).await;
    let _ = writing.shutdown().await;
}

/// Hands a command to the service that runs on this data directory; none when there is no such service.
///
/// # Errors
/// What the service says, or why it did not answer.
pub async fn ask(data_dir: &Path, command: &Command) -> Result<Option<Value>, String> {
    let Ok(mut stream) = UnixStream::connect(path(data_dir)).await else { return Ok(None) };
    let text = serde_json::to_vec(command).map_err(|e| e.to_string())?;
    let mut reply = Vec::new();
    let talked = async {
        stream.write_all(&text).await?;
        stream.shutdown().await?;
        stream.read_to_end(&mut reply).await
    };
    talked.await.map_err(|e| format!("the running service: {e}"))?;
    let reply: Value =
        serde_json::from_slice(&reply).map_err(|_| "the running service broke off".to_string())?;
    match (&reply["ok"], reply["error"].as_str()) {
        (_, Some(error)) => Err(error.to_string()),
        (value, None) => Ok(Some(value.clone())),
    }
}
