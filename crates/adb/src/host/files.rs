//! Files to and from a phone, by the sync service.

use super::connection::{Connection, Event};
use super::{Host, HostError, within};
use crate::sync::{
    DATA_BYTES_MAX, PATH_BYTES_MAX, SYNC_HEADER_BYTES, SyncReply, SyncReplyDecoder, data, request, send_done,
    send_request,
};
use bytes::Bytes;

impl Host {
    /// Writes a file with these permissions and this time of change, in seconds since 1970. The phone makes the
    /// folders that are missing.
    ///
    /// # Errors
    /// [`HostError::Failed`] with the phone's words; others as they say.
    pub async fn push(&mut self, path: &str, mode: u32, mtime: u32, bytes: &[u8]) -> Result<(), HostError> {
        let first = send_request(path, mode);
        check_path(first.len().saturating_sub(SYNC_HEADER_BYTES))?;
        let connection = &mut self.connection;
        let result = within(self.deadline, send(connection, first, mtime, bytes)).await;
        self.connection.close().await;
        result
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`HostError::Failed`] with the phone's words, [`HostError::TooLong`] for a file above `bytes_max`; others
    /// as they say.
    pub async fn pull(&mut self, path: &str, bytes_max: usize) -> Result<Vec<u8>, HostError> {
        check_path(path.len())?;
        let connection = &mut self.connection;
        let result = within(self.deadline, receive(connection, path, bytes_max)).await;
        self.connection.close().await;
        result
    }
}

fn check_path(bytes: usize) -> Result<(), HostError> {
    if bytes > PATH_BYTES_MAX {
        return Err(HostError::RequestTooLong { bytes, bytes_max: PATH_BYTES_MAX });
    }
    Ok(())
}

async fn send(connection: &mut Connection, first: Bytes, mtime: u32, bytes: &[u8]) -> Result<(), HostError> {
    connection.open("sync:").await?;
    let mut decoder = SyncReplyDecoder::new();
    // An empty file has no chunks.
    let chunks = bytes.chunks(DATA_BYTES_MAX).map(data);
    for message in std::iter::once(first).chain(chunks).chain(std::iter::once(send_done(mtime))) {
        if send_message(connection, &mut decoder, message).await? {
            return Ok(());
        }
    }
    while let Event::Data(answer) = connection.event().await? {
        decoder.feed(&answer);
        if answered(&mut decoder)? {
            return Ok(());
        }
    }
    Err(HostError::Protocol("it closes sync without an answer"))
}

/// Sends one message; true if the phone says meanwhile that all is well, which it can after the last one only.
async fn send_message(
    connection: &mut Connection,
    decoder: &mut SyncReplyDecoder,
    message: Bytes,
) -> Result<bool, HostError> {
    connection.write(message)?;
    while !connection.sent() {
        match connection.event_or_ack().await? {
            None => {}
            Some(Event::Data(answer)) => {
                decoder.feed(&answer);
                if answered(decoder)? {
                    return Ok(true);
                }
            }
            Some(Event::Closed) => return Err(HostError::Protocol("it closes sync without an answer")),
        }
    }
    Ok(false)
}

/// Whether the phone says that the file is written.
fn answered(decoder: &mut SyncReplyDecoder) -> Result<bool, HostError> {
    match decoder.next()? {
        None => Ok(false),
        Some(SyncReply::Okay) => Ok(true),
        Some(SyncReply::Fail(text)) => Err(HostError::Failed(text)),
        Some(SyncReply::Data(_) | SyncReply::Done) => {
            Err(HostError::Protocol("it sends a file while it is sent one"))
        }
    }
}

async fn receive(connection: &mut Connection, path: &str, bytes_max: usize) -> Result<Vec<u8>, HostError> {
    connection.open("sync:").await?;
    connection.write(request(*b"RECV", path))?;
    let mut decoder = SyncReplyDecoder::new();
    let mut file = Vec::new();
    while let Event::Data(answer) = connection.event().await? {
        decoder.feed(&answer);
        while let Some(reply) = decoder.next()? {
            match reply {
                SyncReply::Data(chunk) if file.len() + chunk.len() > bytes_max => {
                    return Err(HostError::TooLong { bytes_max });
                }
                SyncReply::Data(chunk) => file.extend_from_slice(&chunk),
                SyncReply::Done => return Ok(file),
                SyncReply::Fail(text) => return Err(HostError::Failed(text)),
                SyncReply::Okay => return Err(HostError::Protocol("it answers a request to read with OKAY")),
            }
        }
    }
    Err(HostError::Protocol("it closes sync before the file's end"))
}
