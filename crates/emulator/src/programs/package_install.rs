//! `pm install` and its kind: what adb sends an APK to.

use super::pm::operands;
use super::util::{absolute, error};
use crate::apps::installer;
use crate::apps::packages::{Failure, Options};
use crate::files::disk::on_disk;
use crate::guest::Guest;
use crate::program::Process;

const PARSE: &str = "INSTALL_PARSE_FAILED_NOT_APK";

/// The command line of an installing command.
#[derive(Debug, Default)]
struct Line {
    options: Options,
    size: Option<u64>,
    operands: Vec<String>,
}

impl Line {
    fn parse(arguments: &[String]) -> Result<Self, String> {
        let mut line = Self::default();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut value = || {
                arguments
                    .next()
                    .cloned()
                    .ok_or_else(|| format!("Error: Argument expected after \"{argument}\""))
            };
            match argument.as_str() {
                "-r" => line.options.replace = true,
                "-R" => line.options.keep = true,
                "-d" | "--allow-downgrade" => line.options.downgrade = true,
                "-g" | "--grant-runtime-permissions" => line.options.grant = true,
                "-i" => line.options.installer = Some(value()?),
                "-p" => line.options.inherit = Some(value()?),
                "-S" => {
                    let size = value()?;
                    let size = size.parse().map_err(|_| format!("Error: Invalid size: {size}"))?;
                    line.size = Some(size);
                }
                "--user" | "--abi" | "--install-location" | "--install-reason" | "--originating-uri"
                | "--referrer" | "--pkg" | "--force-uuid" | "--package-source" | "--update-ownership" => {
                    value()?;
                }
                "-t"
                | "-f"
                | "-l"
                | "-s"
                | "--instant"
                | "--ephemeral"
                | "--full"
                | "--preload"
                | "--dont-kill"
                | "--force-queryable"
                | "--enable-rollback"
                | "--skip-verification"
                | "--bypass-low-target-sdk-block"
                | "--no-incremental"
                | "--non-staged" => {}
                "-" => line.operands.push("-".into()),
                option if option.starts_with('-') => return Err(format!("Error: Unknown option {option}")),
                operand => line.operands.push(operand.to_owned()),
            }
        }
        Ok(line)
    }

    fn operand(&self, at: usize) -> Option<&str> {
        self.operands.get(at).map(String::as_str)
    }

    /// The session that an operand names.
    fn session(&self) -> Result<u32, String> {
        let operand = self.operand(0).ok_or("Error: no session specified")?;
        operand.parse().map_err(|_| format!("Error: Invalid session: {operand}"))
    }
}

/// A session that is given up unless all is staged: whoever sends may go at any moment.
struct Opened<'a> {
    guest: &'a Guest,
    id: u32,
}

impl Opened<'_> {
    /// All is staged: whoever commits ends the session.
    fn staged(self) -> u32 {
        std::mem::ManuallyDrop::new(self).id
    }
}

impl Drop for Opened<'_> {
    fn drop(&mut self) {
        // When the boot has ended, its sessions are over anyway.
        let _ = installer::session_abandon(self.guest, self.id);
    }
}

/// Says how it went.
async fn ended(process: &Process, result: Result<String, Failure>) -> u8 {
    match result {
        Ok(text) => {
            process.say(text).await;
            0
        }
        Err(failure) => {
            process.say(failure.to_string()).await;
            1
        }
    }
}

/// `pm install`.
pub(super) async fn install(guest: &Guest, process: &Process, arguments: &[String]) -> u8 {
    let line = match Line::parse(arguments) {
        Ok(line) => line,
        Err(why) => return error(process, &why).await,
    };
    let from_stdin = line.operand(0).is_none_or(|path| path == "-");
    if from_stdin && line.size.is_none() {
        return error(process, "Error: must either specify a package size or an APK file").await;
    }
    let paths: Vec<String> = line.operands.iter().map(|path| absolute(process, path)).collect();
    if !from_stdin {
        for path in &paths {
            if let Err(why) = guest.open(path) {
                let text = format!(
                    "Error: Unable to open file: {path}\nConsider using a file under /data/local/tmp/\nError: {why}"
                );
                return error(process, &text).await;
            }
        }
    }
    let result = async {
        let opened = Opened { guest, id: installer::session_create(guest, line.options.clone())? };
        if from_stdin {
            stream(guest, process, opened.id, "base.apk", line.size).await?;
        } else {
            copy_all(guest, opened.id, &paths)?;
        }
        committed(guest, opened.staged()).await
    };
    ended(process, result.await).await
}

/// Writes what comes in to a file of a session; gives its length.
async fn stream(
    guest: &Guest,
    process: &Process,
    id: u32,
    name: &str,
    size: Option<u64>,
) -> Result<u64, Failure> {
    let usage = guest.usage()?;
    if size.is_some_and(|size| size > usage.total.saturating_sub(usage.used)) {
        let message = format!("Failed to allocate {} bytes", size.unwrap_or(0));
        return Err(Failure::new("INSTALL_FAILED_INSUFFICIENT_STORAGE", message));
    }
    let mut writer = installer::session_write(guest, id, name)?;
    let mut left = size.unwrap_or(u64::MAX);
    while left > 0 {
        let Some(mut piece) = process.stdin.next().await else { break };
        if piece.len() as u64 > left {
            let rest = piece.split_off(usize::try_from(left).unwrap_or(piece.len()));
            process.stdin.unread(rest).await;
        }
        writer.write(&piece)?;
        left -= piece.len() as u64;
    }
    if left > 0 && size.is_some() {
        return Err(Failure::new(
            PARSE,
            format!("Failed to read {} bytes: {left} are missing", size.unwrap_or(0)),
        ));
    }
    let written = writer.written();
    installer::session_written(guest, id, name, writer)?;
    Ok(written)
}

/// Copies a file of the phone to a session; gives its length. Who runs this must be able to read it.
fn copy(guest: &Guest, id: u32, name: &str, path: &str) -> Result<u64, Failure> {
    let mut reader = guest.open(path)?;
    let mut writer = installer::session_write(guest, id, name)?;
    on_disk(guest.disk(), || {
        let mut left = reader.size();
        while left > 0 {
            let Some(piece) = reader.next()? else { break };
            writer.write(&piece)?;
            left = left.saturating_sub(piece.len() as u64);
        }
        Ok::<_, Failure>(())
    })?;
    let written = writer.written();
    installer::session_written(guest, id, name, writer)?;
    Ok(written)
}

fn copy_all(guest: &Guest, id: u32, paths: &[String]) -> Result<(), Failure> {
    for (n, path) in paths.iter().enumerate() {
        let name = if n == 0 { "base.apk".into() } else { format!("{n}.apk") };
        copy(guest, id, &name, path)?;
    }
    Ok(())
}

/// Installs what a session holds, beside those that wait: reading an APK keeps a processor busy for a while.
async fn committed(guest: &Guest, id: u32) -> Result<String, Failure> {
    let guest = guest.clone();
    let committing = tokio::task::spawn_blocking(move || installer::session_commit(&guest, id));
    let committed = committing.await;
    committed.map_err(|error| Failure::new("INSTALL_FAILED_INTERNAL_ERROR", error.to_string()))??;
    Ok("Success".to_owned())
}

/// `pm install-create`.
pub(super) async fn create(guest: &Guest, process: &Process, arguments: &[String]) -> u8 {
    let line = match Line::parse(arguments) {
        Ok(line) => line,
        Err(why) => return error(process, &why).await,
    };
    let created = installer::session_create(guest, line.options);
    ended(process, created.map(|id| format!("Success: created install session [{id}]"))).await
}

/// `pm install-write`.
pub(super) async fn write(guest: &Guest, process: &Process, arguments: &[String]) -> u8 {
    let parsed = Line::parse(arguments).and_then(|line| Ok((line.session()?, line)));
    let (id, line) = match parsed {
        Ok(parsed) => parsed,
        Err(why) => return error(process, &why).await,
    };
    let Some(name) = line.operand(1) else { return error(process, "Error: no split name specified").await };
    let written = match line.operand(2) {
        Some(path) if path != "-" => copy(guest, id, name, &absolute(process, path)),
        _ if line.size.is_none() => return error(process, "Error: must specify a APK size").await,
        _ => stream(guest, process, id, name, line.size).await,
    };
    ended(process, written.map(|bytes| format!("Success: streamed {bytes} bytes"))).await
}

/// `pm install-commit`.
pub(super) async fn commit(guest: &Guest, process: &Process, arguments: &[String]) -> u8 {
    match Line::parse(arguments).and_then(|line| line.session()) {
        Ok(id) => {
            let committed = committed(guest, id).await;
            ended(process, committed).await
        }
        Err(why) => error(process, &why).await,
    }
}

/// `pm install-abandon`.
pub(super) async fn abandon(guest: &Guest, process: &Process, arguments: &[String]) -> u8 {
    match Line::parse(arguments).and_then(|line| line.session()) {
        Ok(id) => {
            let abandoned = installer::session_abandon(guest, id);
            ended(process, abandoned.map(|()| "Success".into())).await
        }
        Err(why) => error(process, &why).await,
    }
}

/// `pm uninstall`.
pub(super) async fn uninstall(guest: &Guest, process: &Process, arguments: &[String]) -> u8 {
    let keep = arguments.iter().any(|argument| argument == "-k");
    let operands = operands(arguments);
    let Some(name) = operands.first() else {
        return error(process, "Error: package name not specified").await;
    };
    let removed = installer::uninstall(guest, name, keep);
    ended(process, removed.map(|()| "Success".into())).await
}
