//! `tail -f`: what is added to files.

use super::output::Printer;
use crate::files::file_error::FileError;
use crate::guest::Guest;
use crate::pipe::Closed;
use std::time::Duration;

/// How often the files are looked at.
const LOOKS_AGAIN: Duration = Duration::from_secs(1);

/// A file, and how much of it has been shown.
#[derive(Debug)]
pub(super) struct Followed {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) shown: u64,
}

/// Prints what is added to files, for as long as somebody reads it and the phone is on. The last of them is the
/// one that was shown last.
///
/// # Errors
/// Nobody reads it any more.
pub(super) async fn follow(
    guest: &Guest,
    mut files: Vec<Followed>,
    titled: bool,
    printer: &mut Printer,
) -> Result<(), Closed> {
    let mut last = files.len().saturating_sub(1);
    while guest.observe().is_ok() && !files.is_empty() {
        tokio::time::sleep(LOOKS_AGAIN).await;
        for (at, file) in files.iter_mut().enumerate() {
            let Ok(stat) = guest.stat(&file.path) else {
                // One that is away may come back, as another.
                file.shown = 0;
                continue;
            };
            if stat.size < file.shown {
                file.shown = 0;
            }
            if stat.size == file.shown {
                continue;
            }
            if titled && at != last {
                printer.print(format!("\n==> {} <==\n", file.name)).await?;
            }
            last = at;
            // What cannot be read now is tried again.
            if let Ok(shown) = added(guest, file, printer).await? {
                file.shown = shown;
            }
        }
        printer.flush().await?;
    }
    Ok(())
}

/// Prints what is behind the part that was shown; gives how much is shown then.
async fn added(
    guest: &Guest,
    file: &Followed,
    printer: &mut Printer,
) -> Result<Result<u64, FileError>, Closed> {
    let mut reader = match guest.open(&file.path) {
        Ok(reader) => reader,
        Err(why) => return Ok(Err(why)),
    };
    let mut at = 0_u64;
    loop {
        tokio::task::consume_budget().await;
        let bytes = match reader.next() {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(Ok(at.max(file.shown))),
            Err(why) => return Ok(Err(why)),
        };
        let skipped = usize::try_from(file.shown.saturating_sub(at)).unwrap_or(usize::MAX).min(bytes.len());
        at += bytes.len() as u64;
        printer.print(bytes.slice(skipped..)).await?;
    }
}
