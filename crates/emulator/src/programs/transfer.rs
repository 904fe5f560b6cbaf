//! `dd`.

use super::options::size;
use super::source::Source;
use crate::guest::Guest;
use crate::program::{Process, Running};
use crate::writer::FileWriter;

/// Largest block.
const BLOCK_BYTES_MAX: u64 = 64 << 20;

/// Copies blocks.
pub(super) fn dd(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let (mut from, mut to) = ("-".to_owned(), None);
        let (mut block, mut count, mut skip, mut quiet) = (512_u64, u64::MAX, 0, false);
        for argument in process.arguments() {
            let (name, value) = argument.split_once('=').unwrap_or((argument, ""));
            let number = size(value).ok_or_else(|| format!("bad {name} '{value}'"));
            match (name, number) {
                ("if", _) => from = value.to_owned(),
                ("of", _) => to = Some(value.to_owned()),
                ("bs" | "ibs" | "obs", Ok(number)) => block = number.clamp(1, BLOCK_BYTES_MAX),
                ("count", Ok(number)) => count = number,
                ("skip", Ok(number)) => skip = number,
                ("status", _) => quiet = value == "none",
                ("conv" | "iflag" | "oflag", _) => {}
                ("bs" | "ibs" | "obs" | "count" | "skip", Err(why)) => return process.complain(why).await,
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
