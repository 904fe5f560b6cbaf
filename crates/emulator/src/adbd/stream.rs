//! One stream: what the client writes goes to its service through a pipe, what the service writes goes to the
//! client, one unacknowledged packet each way.

use super::service::Service;
use crate::guest::Guest;
use crate::pipe::{Input, Output, pipe};
use adb::packet::Packet;
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;

/// Longest that a program may take to use up what it was sent, once its stream is closed.
const USE_UP_MAX: Duration = Duration::from_secs(30);

/// A stream's ends towards the connection.
pub(super) struct Stream {
    pub(super) id: u32,
    pub(super) remote: u32,
    pub(super) payload_max: usize,
    pub(super) incoming: mpsc::Receiver<Bytes>,
    pub(super) acked: Arc<Semaphore>,
    pub(super) out: mpsc::Sender<Packet>,
}

/// Runs a service over a stream until it has ended and all it wrote is sent. Once the phone's boot has ended,
/// nothing is: the program was killed with it, and what a command says of a phone that is off is not true.
pub(super) async fn run(stream: Stream, service: Service, guest: Guest, nested: usize) {
    let Stream { id, remote, payload_max, incoming, acked, out } = stream;
    let (stdin, input) = pipe();
    let (output, sent) = pipe();
    let work = async {
        // The service does not wait for its last packet's acknowledgement: some clients never send it.
        let serving = service.run(guest.clone(), input, output, nested);
        tokio::join!(serving, send(&guest, id, remote, payload_max, sent, &acked, &out));
    };
    tokio::pin!(work);
    tokio::select! {
        () = &mut work => {}
        // The client has closed the stream and knows it: its program sees the end of its input.
        () = receive(id, remote, incoming, stdin, &out) => {
            acked.close();
            let _ = timeout(USE_UP_MAX, work).await;
            return;
        }
    }
    while_on(&guest).await;
    let _ = out.send(Packet::close(id, remote)).await;
}

/// Goes on only in the boot that the stream belongs to; the connection ends with that.
async fn while_on(guest: &Guest) {
    if guest.next_change_ms().is_err() {
        std::future::pending().await
    }
}

/// Hands on what the client writes, and acknowledges it once the service has room for more.
async fn receive(
    id: u32,
    remote: u32,
    mut incoming: mpsc::Receiver<Bytes>,
    stdin: Output,
    out: &mpsc::Sender<Packet>,
) {
    while let Some(data) = incoming.recv().await {
        // A program that has stopped reading lets the rest fall on the floor.
        let _ = stdin.write(data).await;
        if out.send(Packet::okay(id, remote)).await.is_err() {
            return;
        }
    }
}

async fn send(
    guest: &Guest,
    id: u32,
    remote: u32,
    payload_max: usize,
    sent: Input,
    acked: &Semaphore,
    out: &mpsc::Sender<Packet>,
) {
    while let Some(data) = sent.up_to(payload_max).await {
        // Once the client has closed the stream, what comes falls on the floor.
        if let Ok(permit) = acked.acquire().await {
            permit.forget();
            while_on(guest).await;
            if out.send(Packet::write(id, remote, data)).await.is_err() {
                return;
            }
        }
    }
}
