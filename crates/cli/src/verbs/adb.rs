//! `phoneyard adb`: asks where a phone's ADB is, connects stock adb and becomes it.

use crate::api;
use crate::arguments::AdbArguments;
use crate::context::Context;
use crate::failure::Failure;
use crate::out::Out;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;
use wire::phone::PhoneAccessInfo;

/// The name of the port in access_infos.
const PORT: &str = "adb";

/// Runs `phoneyard adb`; on success it does not return.
///
/// # Errors
/// The phone has no ADB port, there is no adb, or the phone does not let it in.
pub async fn run(arguments: &AdbArguments) -> Result<u8, Failure> {
    let context = Context::connect(&arguments.connection, Out::new(false, false), false).await?;
    let chosen = context.phone(&arguments.phone).await?;
    let detail = api::phone(&context.session, &chosen.id).await?;
    let Some(address) = address(&detail.access_infos) else {
        return Err(Failure::refused(format!(
            "{} ({}) has no ADB port: the service was started without adb_ports",
            detail.phone_name, detail.phone_id
        )));
    };
    connect(&address)?;
    let shell = [OsString::from("shell")];
    let words = if arguments.arguments.is_empty() { &shell[..] } else { &arguments.arguments };
    Err(not_there(&Command::new("adb").args(["-s", &address]).args(words).exec()))
}

/// `adb connect`; its exit code tells nothing, its words do.
fn connect(address: &str) -> Result<(), Failure> {
    let done = Command::new("adb").args(["connect", address]).output().map_err(|error| not_there(&error))?;
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    if said.contains("connected to") {
        return Ok(());
    }
    let hint = if said.contains("authenticate") {
        "; register your key: phoneyard adb-key add ~/.android/adbkey.pub --project PROJECT"
    } else {
        ""
    };
    Err(Failure::unreachable(format!("adb connect {address}: {}{hint}", said.trim())))
}

fn not_there(error: &std::io::Error) -> Failure {
    if error.kind() == std::io::ErrorKind::NotFound {
        return Failure::usage("there is no adb on PATH; install it (Debian: apt install adb)");
    }
    Failure::usage(format!("adb: {error}"))
}

/// Where adb connects to: the public address if there is one.
fn address(infos: &[PhoneAccessInfo]) -> Option<String> {
    let info = infos.iter().find(|info| info.name == PORT)?;
    let host = if info.public_ip.is_empty() { &info.server_ip } else { &info.public_ip };
    if host.is_empty() {
        return None;
    }
    let port = info.access_port;
    Some(if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(name: &str, server_ip: &str, public_ip: &str) -> PhoneAccessInfo {
        PhoneAccessInfo::new(name, ("10.0.0.1", 5555), (server_ip, 20000), public_ip)
    }

    #[test]
    fn the_address_is_the_public_one_if_there_is_one() {
        assert_eq!(address(&[]), None);
        assert_eq!(address(&[info("vnc", "1.1.1.1", "")]), None);
        assert_eq!(address(&[info("adb", "1.1.1.1", "")]).as_deref(), Some("1.1.1.1:20000"));
        assert_eq!(address(&[info("adb", "1.1.1.1", "2.2.2.2")]).as_deref(), Some("2.2.2.2:20000"));
        assert_eq!(address(&[info("adb", "::1", "")]).as_deref(), Some("[::1]:20000"));
    }
}
