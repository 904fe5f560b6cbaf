//! The part of the tour over ADB: the stock client looks at a phone, and brings back a picture of its screen.

use super::tour::NUMBER;
use super::{Yard, text};
use crate::operator::{self, Command};
use crate::service::Service;
use adb::auth::PrivateKey;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;
use tokio::time::timeout;

/// The picture, in the demo's directory.
const SCREEN_FILE: &str = "screen.png";
/// The demo's own adb key, in the demo's directory.
pub(super) const KEY_FILE: &str = "adbkey";
/// Longest that one call of adb may take: it starts a server the first time.
const CALL_MAX: Duration = Duration::from_secs(30);
/// First bytes of a PNG.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Makes a key and lets it open the demo's phones, beside the user's own if there is one.
///
/// # Errors
/// A line for the operator.
pub(super) async fn register_keys(service: &Service, dir: &Path, project: &str) -> Result<(), String> {
    let add = |key: String| async move {
        let command = Command::AdbKeyAdd { project: project.into(), key };
        operator::perform(&service.store, None, command).await
    };
    let key = PrivateKey::generate().map_err(text)?;
    super::write_private(&dir.join(KEY_FILE), &key.to_pem().map_err(text)?)?;
    let public = format!("{} phoneyard-demo", key.public().to_text());
    std::fs::write(dir.join(KEY_FILE).with_extension("pub"), &public).map_err(text)?;
    add(public).await?;
    let own = std::env::home_dir().map(|home| home.join(".android/adbkey.pub"));
    if let Some(own) = own.and_then(|path| std::fs::read_to_string(path).ok()) {
        // One that is broken is adb's own affair; the demo has its key.
        let _ = add(own).await;
    }
    Ok(())
}

/// Looks at a phone with adb.
///
/// # Errors
/// A line for the operator; also when the phone does not show what it should.
pub(super) async fn look(yard: &Yard, dir: &Path, address: SocketAddr) -> Result<(), String> {
    let adb = Adb::new(dir)?;
    if !adb.there().await {
        say!("\nSKIPPED: the part over ADB, as there is no adb on the PATH (make demo installs it)");
        return Ok(());
    }
    say!("\nThe same phone over ADB, with the stock client:");
    let looked = adb.tour(yard, dir, address).await;
    // The server was started for this tour.
    let _ = adb.call(&["kill-server"]).await;
    looked
}

/// The stock client, with a server, a home and a key of its own.
struct Adb {
    home: PathBuf,
    key: PathBuf,
    server_port: u16,
}

impl Adb {
    fn new(dir: &Path) -> Result<Self, String> {
        let dir = std::path::absolute(dir).map_err(text)?;
        let free = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|l| l.local_addr());
        let server_port = free.map_err(text)?.port();
        Ok(Self { home: dir.join("adb-home"), key: dir.join(KEY_FILE), server_port })
    }

    fn command(&self, arguments: &[&str]) -> tokio::process::Command {
        let mut command = tokio::process::Command::new("adb");
        command
            .args(arguments)
            .env("HOME", &self.home)
            .env("ADB_VENDOR_KEYS", &self.key)
            .env("ANDROID_ADB_SERVER_PORT", self.server_port.to_string())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    async fn there(&self) -> bool {
        std::fs::create_dir_all(&self.home).is_ok() && self.command(&["version"]).output().await.is_ok()
    }

    async fn call(&self, arguments: &[&str]) -> Result<Output, String> {
        match timeout(CALL_MAX, self.command(arguments).output()).await {
            Ok(done) => done.map_err(|e| format!("adb: {e}")),
            Err(_) => Err(format!("adb {} does not end", arguments.join(" "))),
        }
    }

    /// Calls adb, shows the call with its answer, and gives the answer.
    async fn show(&self, arguments: &[&str]) -> Result<String, String> {
        let done = self.call(arguments).await?;
        let answer = String::from_utf8_lossy(&done.stdout).trim_end().to_owned();
        let line = arguments.join(" ");
        if !done.status.success() {
            return Err(format!("adb {line}: {answer}{}", String::from_utf8_lossy(&done.stderr).trim_end()));
        }
        say!("  $ adb {line}");
        answer.lines().for_each(|line| say!("  {line}"));
        Ok(answer)
    }

    async fn tour(&self, yard: &Yard, dir: &Path, address: SocketAddr) -> Result<(), String> {
        let address = address.to_string();
        let connected = self.show(&["connect", &address]).await?;
        if !connected.contains("connected to") {
            return Err(format!("adb does not connect: {connected}"));
        }
        let number = self.show(&["shell", "getprop sys.prop.writephonenum"]).await?;
        let release = self.show(&["shell", "getprop ro.build.version.release"]).await?;
        if (number.as_str(), release.as_str()) != (NUMBER, yard.new_android_version.as_str()) {
            return Err("the phone does not show its new image and properties over ADB".into());
        }
        let picture = self.call(&["exec-out", "screencap -p"]).await?.stdout;
        if !picture.starts_with(PNG) {
            return Err("the phone gives no picture of its screen".into());
        }
        let path = dir.join(SCREEN_FILE);
        std::fs::write(&path, &picture).map_err(text)?;
        say!("  $ adb exec-out screencap -p > {}", path.display());
        Ok(())
    }
}
