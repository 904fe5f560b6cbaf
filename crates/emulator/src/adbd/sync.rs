//! The sync service: files in and out of the phone.

use crate::guest::Guest;
use crate::pipe::{Closed, Input, Output};
use crate::{FileError, FileWriter, Kind, Stat};
use adb::sync::{SyncDecoder, SyncRequest, SyncStat};
use adb::sync::{dent_v1, dent_v2, done_v1, done_v2, fail, lstat_v2, okay, stat_v1, stat_v2};
use bytes::Bytes;

/// The bits of a mode that say what kind of a file it is, and the two kinds that can be sent.
const KIND_BITS: u32 = 0o170_000;
const KIND_LINK: u32 = 0o120_000;
/// Longest target of a link.
const TARGET_BYTES_MAX: usize = 1024;
/// Folders that are made on the way to a file.
const FOLDER_MODE: u32 = 0o771;

/// Answers requests until the client has no more, or sends what is none.
pub(super) async fn run(guest: Guest, input: Input, output: Output) {
    let mut sync = Sync { guest, input, output, decoder: SyncDecoder::new() };
    // A client that has gone needs no answer.
    let _ = sync.serve().await;
}

struct Sync {
    guest: Guest,
    input: Input,
    output: Output,
    decoder: SyncDecoder,
}

/// What a client is sending.
enum Incoming {
    File(FileWriter),
    Link(Vec<u8>),
    /// It failed; what is left is read over, so that the client hears why.
    Failed(FileError),
}

impl Sync {
    async fn serve(&mut self) -> Result<(), Closed> {
        while let Some(request) = self.next().await? {
            match request {
                SyncRequest::Stat { path } => {
                    let stat = self.guest.lstat(&path);
                    self.answer(stat_v1(&wire(&stat))).await?;
                }
                SyncRequest::Stat2 { path } => {
                    let stat = self.guest.stat(&path);
                    self.answer(stat_v2(&wire(&stat))).await?;
                }
                SyncRequest::Lstat2 { path } => {
                    let stat = self.guest.lstat(&path);
                    self.answer(lstat_v2(&wire(&stat))).await?;
                }
                SyncRequest::List { path } => self.list(&path, dent_v1, done_v1()).await?,
                SyncRequest::List2 { path } => self.list(&path, dent_v2, done_v2()).await?,
                SyncRequest::Send { path, mode } => self.send(&path, mode).await?,
                SyncRequest::Receive { path } => self.receive(&path).await?,
                SyncRequest::Quit => return Ok(()),
                SyncRequest::Data(_) | SyncRequest::Done { .. } => {
                    return self.answer(fail("data without a file")).await;
                }
            }
        }
        Ok(())
    }

    /// The next request; none at the end, and after bytes that are none.
    async fn next(&mut self) -> Result<Option<SyncRequest>, Closed> {
        loop {
            match self.decoder.next() {
                Ok(Some(request)) => return Ok(Some(request)),
                Ok(None) => match self.input.next().await {
                    Some(bytes) => self.decoder.feed(&bytes),
                    None => return Ok(None),
                },
                Err(error) => {
                    self.answer(fail(&error.to_string())).await?;
                    return Ok(None);
                }
            }
        }
    }

    async fn answer(&self, bytes: Bytes) -> Result<(), Closed> {
        self.output.write(bytes).await
    }

    async fn list(
        &mut self,
        path: &str,
        entry: impl Fn(&SyncStat, &str) -> Bytes,
        end: Bytes,
    ) -> Result<(), Closed> {
        // The protocol has no way to say why a folder cannot be listed: it looks empty.
        for (name, stat) in self.guest.list(path).unwrap_or_default() {
            self.answer(entry(&wire(&Ok(stat)), &name)).await?;
        }
        self.answer(end).await
    }

    async fn receive(&mut self, path: &str) -> Result<(), Closed> {
        let mut file = match self.guest.open(path) {
            Ok(file) => file,
            Err(error) => return self.answer(fail(&error.to_string())).await,
        };
        loop {
            match file.next() {
                Ok(Some(bytes)) => self.answer(adb::sync::data(&bytes)).await?,
                Ok(None) => return self.answer(adb::sync::done()).await,
                Err(error) => return self.answer(fail(&error.to_string())).await,
            }
        }
    }

    async fn send(&mut self, path: &str, mode: u32) -> Result<(), Closed> {
        let mut incoming = self.begin(path, mode);
        loop {
            match self.next().await? {
                Some(SyncRequest::Data(bytes)) => incoming = incoming.take(&bytes),
                Some(SyncRequest::Done { mtime }) => {
                    let answer = match self.finish(path, incoming, mtime) {
                        Ok(()) => okay(),
                        Err(error) => fail(&error.to_string()),
                    };
                    return self.answer(answer).await;
                }
                // The file is whole or not there: what has come of it so far is dropped.
                Some(_) => return self.answer(fail("a file breaks off")).await,
                None => return Err(Closed),
            }
        }
    }

    fn begin(&self, path: &str, mode: u32) -> Incoming {
        if mode & KIND_BITS == KIND_LINK {
            return Incoming::Link(Vec::new());
        }
        let made = parent(path).map_or(Ok(()), |parent| self.guest.mkdir_all(parent, FOLDER_MODE));
        match made.and_then(|()| self.guest.create(path, mode & 0o777)) {
            Ok(writer) => Incoming::File(writer),
            Err(error) => Incoming::Failed(error),
        }
    }

    fn finish(&self, path: &str, incoming: Incoming, mtime: u32) -> Result<(), FileError> {
        match incoming {
            Incoming::File(writer) => writer.commit(Some(i64::from(mtime))),
            Incoming::Failed(error) => Err(error),
            Incoming::Link(target) => {
                let target = std::str::from_utf8(&target).map_err(|_| FileError::Invalid)?;
                parent(path).map_or(Ok(()), |parent| self.guest.mkdir_all(parent, FOLDER_MODE))?;
                match self.guest.unlink(path) {
                    Ok(()) | Err(FileError::NotFound) => {}
                    Err(error) => return Err(error),
                }
                self.guest.symlink(target.trim_end_matches('\0'), path)
            }
        }
    }
}

impl Incoming {
    fn take(self, bytes: &[u8]) -> Self {
        match self {
            Self::File(mut writer) => match writer.write(bytes) {
                Ok(()) => Self::File(writer),
                Err(error) => Self::Failed(error),
            },
            Self::Link(target) if target.len() + bytes.len() > TARGET_BYTES_MAX => {
                Self::Failed(FileError::NameTooLong)
            }
            Self::Link(target) => Self::Link([target.as_slice(), bytes].concat()),
            Self::Failed(error) => Self::Failed(error),
        }
    }
}

fn parent(path: &str) -> Option<&str> {
    let (parent, _) = path.trim_end_matches('/').rsplit_once('/')?;
    (!parent.is_empty()).then_some(parent)
}

fn wire(stat: &Result<Stat, FileError>) -> SyncStat {
    match stat {
        Ok(stat) => SyncStat {
            error: 0,
            mode: stat.st_mode(),
            size: if stat.kind == Kind::Directory { 4096 } else { stat.size },
            mtime_s: stat.mtime_s,
            inode: stat.inode,
            links: stat.links,
            uid: stat.uid,
            gid: stat.gid,
        },
        Err(error) => SyncStat { error: error.errno(), ..SyncStat::default() },
    }
}
