//! `dd`.

use super::options::size;
use super::source::Source;
use crate::files::file_error::FileError;
use crate::files::reader::FileReader;
use crate::files::writer::FileWriter;
use crate::guest::Guest;
use crate::program::{Process, Running};
use bytes::Bytes;

/// Largest block.
const BLOCK_BYTES_MAX: u64 = 64 << 20;
/// What stands where nothing was written.
static ZEROS: [u8; 64 * 1024] = [0; 64 * 1024];

/// What stands in the file that is written to: some of it stays.
struct Old(Option<FileReader>, Bytes);

impl Old {
    /// The next bytes, at most so many; none at the end.
    async fn next(&mut self, bytes_max: u64) -> Result<Option<Bytes>, FileError> {
        // A file is always ready: others must get their turn.
        tokio::task::consume_budget().await;
        if let (true, Some(reader)) = (self.1.is_empty(), &mut self.0) {
            self.1 = reader.next()?.unwrap_or_default();
        }
        let length = usize::try_from(bytes_max).unwrap_or(usize::MAX).min(self.1.len());
        Ok(Some(self.1.split_to(length)).filter(|piece| !piece.is_empty()))
    }

    /// Copies so many bytes, or all that are left; zeros for what is missing where those are wanted.
    async fn copy(&mut self, to: &mut FileWriter, bytes: u64, zeros: bool) -> Result<(), FileError> {
        let mut left = bytes;
        while left > 0 {
            let piece = match self.next(left).await? {
                Some(piece) => piece,
                None if zeros => {
                    let length = usize::try_from(left).unwrap_or(usize::MAX).min(ZEROS.len());
                    Bytes::from_static(ZEROS.get(..length).unwrap_or_default())
                }
                None => return Ok(()),
            };
            to.write(&piece)?;
            left -= piece.len() as u64;
        }
        Ok(())
    }

    async fn skip(&mut self, bytes: u64) -> Result<(), FileError> {
        let mut left = bytes;
        while left > 0 {
            let Some(piece) = self.next(left).await? else { return Ok(()) };
            left -= piece.len() as u64;
        }
        Ok(())
    }
}

/// Copies blocks.
pub(super) fn dd(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let (mut from, mut to) = ("-".to_owned(), None);
        let (mut block, mut count, mut skip, mut seek, mut quiet) = (512_u64, u64::MAX, 0, 0_u64, false);
        let mut keeps = false;
        for argument in process.arguments() {
            let (name, value) = argument.split_once('=').unwrap_or((argument, ""));
            let number = size(value).ok_or_else(|| format!("bad {name} '{value}'"));
            match (name, number) {
                ("if", _) => from = value.to_owned(),
                ("of", _) => to = Some(value.to_owned()),
                ("bs" | "ibs" | "obs", Ok(number)) => block = number.clamp(1, BLOCK_BYTES_MAX),
                ("count", Ok(number)) => count = number,
                ("skip", Ok(number)) => skip = number,
                ("seek", Ok(number)) => seek = number,
                ("conv", _) => keeps = value.split(',').any(|word| word == "notrunc"),
                ("status", _) => quiet = value == "none",
                ("iflag" | "oflag", _) => {}
                ("bs" | "ibs" | "obs" | "count" | "skip" | "seek", Err(why)) => {
                    return process.complain(why).await;
                }
                _ => return process.complain(format!("unknown operand '{name}'")).await,
            }
        }
        let mut source = match Source::open(&guest, &process, &from) {
            Ok(source) => source,
            Err(why) => return process.complain(format!("{from}: {why}")).await,
        };
        let mut writer: Option<FileWriter> =
            match to.as_ref().map(|to| (to, guest.create(&process.path(to), 0o666))) {
                None => None,
                Some((_, Ok(writer))) => Some(writer),
                Some((to, Err(why))) => return process.complain(format!("{to}: {why}")).await,
            };
        let mut old = match (&writer, &to) {
            (Some(writer), Some(to)) if (seek > 0 || keeps) && !writer.is_sink() => {
                Old(guest.open(&process.path(to)).ok(), Bytes::new())
            }
            _ => Old(None, Bytes::new()),
        };
        if let (Some(writer), Some(to)) = (&mut writer, &to)
            && let Err(why) = old.copy(writer, seek.saturating_mul(block), true).await
        {
            return process.complain(format!("{to}: {why}")).await;
        }
        let mut skip = skip.saturating_mul(block);
        let mut left = count.saturating_mul(block);
        let mut bytes = 0_u64;
        while left > 0 {
            let mut piece = match source.next().await {
                Ok(Some(piece)) => piece,
                Ok(None) => break,
                Err(why) => return process.complain(format!("{from}: {why}")).await,
            };
            let skipped = usize::try_from(skip).unwrap_or(usize::MAX).min(piece.len());
            let _ = piece.split_to(skipped);
            skip -= skipped as u64;
            let taken = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
            let rest = piece.split_off(taken);
            source.unread(rest).await;
            left -= taken as u64;
            bytes += taken as u64;
            let written = match &mut writer {
                Some(writer) => writer.write(&piece).map_err(|why| why.to_string()),
                None => process.stdout.write(piece).await.map_err(|_| "Broken pipe".to_owned()),
            };
            if let Err(why) = written {
                return process.complain(format!("{}: {why}", to.as_deref().unwrap_or("-"))).await;
            }
        }
        if let Some(writer) = writer.as_mut().filter(|_| keeps) {
            let kept = match old.skip(bytes).await {
                Ok(()) => old.copy(writer, u64::MAX, false).await,
                Err(why) => Err(why),
            };
            if let Err(why) = kept {
                return process.complain(format!("{}: {why}", to.as_deref().unwrap_or("-"))).await;
            }
        }
        if let Some(Err(why)) = writer.map(|writer| writer.commit(None)) {
            return process.complain(format!("{}: {why}", to.as_deref().unwrap_or("-"))).await;
        }
        if !quiet {
            let records = format!("{}+{} records", bytes / block, u64::from(!bytes.is_multiple_of(block)));
            let text = format!(
                "{records} in\n{records} out\n{bytes} bytes ({}) copied\n",
                super::disk::human(bytes)
            );
            let _ = process.stderr.write(text).await;
        }
        0
    })
}
