//! The host's side of a connection, small: one stream at a time, driven inside the call. Nothing runs between
//! calls, so one task can drive a host and a phone together.

mod connection;
mod files;
mod handshake;

use crate::auth::PrivateKey;
use crate::banner::Banner;
use crate::packet::ReadError;
use crate::shell::{ShellDecoder, ShellError, ShellId, frame};
use crate::sync::SyncError;
use bytes::Bytes;
use connection::{Connection, Event};
use std::time::Duration;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};

/// Why the host did not get what it asked for. After [`Self::Read`], [`Self::Write`], [`Self::Closed`] and
/// [`Self::Protocol`] the connection is of no use any more; after the others it is good for further calls.
#[derive(Debug, Error)]
pub enum HostError {
    /// What came is no packet, or the connection broke.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Nothing can be sent.
    #[error("cannot write to the phone: {0}")]
    Write(#[source] std::io::Error),
    /// The phone ended the connection.
    #[error("the phone ended the connection")]
    Closed,
    /// The phone took too long.
    #[error("the phone did not answer within {0:?}")]
    Deadline(Duration),
    /// The phone does not accept the key, or asks for one that was not given.
    #[error("the phone does not accept the key")]
    Unauthorized,
    /// The phone says something that ADB does not allow here.
    #[error("the phone does not keep to the protocol: {0}")]
    Protocol(&'static str),
    /// The phone has no such service.
    #[error("the phone refuses the service {service:?}")]
    Refused {
        /// What was asked for, without its arguments.
        service: String,
    },
    /// The phone says why it did not do it.
    #[error("the phone answers: {0}")]
    Failed(String),
    /// More came than was asked for.
    #[error("the phone sends more than {bytes_max} bytes")]
    TooLong {
        /// The limit.
        bytes_max: usize,
    },
    /// The phone cannot take a request this long.
    #[error("the request of {bytes} bytes is longer than the {bytes_max} that the phone takes")]
    RequestTooLong {
        /// The request's length.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// What came is no shell packet.
    #[error(transparent)]
    Shell(#[from] ShellError),
    /// What came is no answer of the sync service.
    #[error("the phone's sync service answers wrongly: {0}")]
    Sync(#[from] SyncError),
}

/// What a command may take.
#[derive(Debug, Clone, Copy)]
pub struct ShellLimits {
    /// Most bytes that the command may write, stdout and stderr together.
    pub output_bytes_max: usize,
    /// How long it may take altogether.
    pub deadline: Duration,
}

/// What a command wrote and how it ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShellOutput {
    /// What it wrote; without shell v2 its complaints too.
    pub stdout: Vec<u8>,
    /// Its complaints.
    pub stderr: Vec<u8>,
    /// How it ended; none where the phone does not say.
    pub exit: Option<u8>,
}

impl ShellOutput {
    fn take(&mut self, into: ShellId, data: &[u8], bytes_max: usize) -> Result<(), HostError> {
        if self.stdout.len() + self.stderr.len() + data.len() > bytes_max {
            return Err(HostError::TooLong { bytes_max });
        }
        match into {
            ShellId::Stdout => self.stdout.extend_from_slice(data),
            ShellId::Stderr => self.stderr.extend_from_slice(data),
            ShellId::Exit => self.exit = data.first().copied(),
            // Only a host sends these; a phone's are of no meaning.
            ShellId::Stdin | ShellId::CloseStdin | ShellId::WindowSize => {}
        }
        Ok(())
    }
}

/// A connection to a phone.
#[derive(Debug)]
pub struct Host {
    connection: Connection,
    banner: Banner,
    deadline: Duration,
}

/// Runs it until its deadline.
async fn within<T>(
    deadline: Duration,
    work: impl Future<Output = Result<T, HostError>>,
) -> Result<T, HostError> {
    tokio::time::timeout(deadline, work).await.unwrap_or(Err(HostError::Deadline(deadline)))
}

impl Host {
    /// Introduces itself to the phone at the other end, with the key where the phone asks for one. The deadline
    /// is for this, and for each later push and pull.
    ///
    /// # Errors
    /// [`HostError::Unauthorized`] when the phone asks for a key and none was given, or does not accept it in
    /// time; others as they say.
    pub async fn connect(
        io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        key: Option<&PrivateKey>,
        deadline: Duration,
    ) -> Result<Self, HostError> {
        let mut connection = Connection::new(Box::new(io));
        let banner = handshake::connect(&mut connection, key, deadline).await?;
        Ok(Self { connection, banner, deadline })
    }

    /// What the phone says of itself.
    pub fn banner(&self) -> &Banner {
        &self.banner
    }

    /// Runs a command without a terminal and without stdin.
    ///
    /// # Errors
    /// [`HostError`]; a command that ends with a failure is none.
    pub async fn shell(&mut self, command: &str, limits: ShellLimits) -> Result<ShellOutput, HostError> {
        let framed = self.banner.has("shell_v2");
        let service = if framed { format!("shell,v2,raw:{command}") } else { format!("shell:{command}") };
        let connection = &mut self.connection;
        let result = within(limits.deadline, async {
            connection.open(&service).await?;
            if framed {
                shell_framed(connection, limits.output_bytes_max).await
            } else {
                shell_plain(connection, &[], limits.output_bytes_max).await
            }
        });
        let result = result.await;
        self.connection.close().await;
        result
    }

    /// Runs a command with these bytes as its stdin, and returns what it writes. The phone does not say how it
    /// ended, nor is stdin ever at its end: the command must know how much to read.
    ///
    /// # Errors
    /// [`HostError`].
    pub async fn exec(
        &mut self,
        command: &str,
        stdin: &[u8],
        limits: ShellLimits,
    ) -> Result<Vec<u8>, HostError> {
        self.service(&format!("exec:{command}"), stdin, limits).await
    }

    /// Opens a service by its name, sends these bytes, and returns what comes until the stream's end.
    ///
    /// # Errors
    /// [`HostError`].
    pub async fn service(
        &mut self,
        name: &str,
        stdin: &[u8],
        limits: ShellLimits,
    ) -> Result<Vec<u8>, HostError> {
        let connection = &mut self.connection;
        let result = within(limits.deadline, async {
            connection.open(name).await?;
            shell_plain(connection, stdin, limits.output_bytes_max).await
        });
        let result = result.await;
        self.connection.close().await;
        Ok(result?.stdout)
    }
}

/// Shell v2: until the exit code or the stream's end.
async fn shell_framed(connection: &mut Connection, bytes_max: usize) -> Result<ShellOutput, HostError> {
    let mut output = ShellOutput::default();
    let mut decoder = ShellDecoder::new();
    connection.write(frame(ShellId::CloseStdin, &[]))?;
    while let Event::Data(data) = connection.event().await? {
        decoder.feed(&data);
        while let Some((id, part)) = decoder.next()? {
            output.take(id, &part, bytes_max)?;
            if id == ShellId::Exit {
                return Ok(output);
            }
        }
    }
    Ok(output)
}

/// Bytes as they are, until the stream's end.
async fn shell_plain(
    connection: &mut Connection,
    stdin: &[u8],
    bytes_max: usize,
) -> Result<ShellOutput, HostError> {
    let mut output = ShellOutput::default();
    connection.write(Bytes::copy_from_slice(stdin))?;
    while let Event::Data(data) = connection.event().await? {
        output.take(ShellId::Stdout, &data, bytes_max)?;
    }
    Ok(output)
}
