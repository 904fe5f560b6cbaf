//! What must always hold of a database, for tests: read whole as of one moment, judged by pure functions.
//!
//! [`Db::snapshot`] reads; [`Snapshot::at_any_moment`] holds also while jobs run, [`Snapshot::at_rest`]
//! when none does, [`Snapshot::since`] and [`Snapshot::outcomes_since`] between two moments. Each answers with
//! complaints, one a line; none means that all holds.

mod judge;

use crate::db::{Columns, Db, args};
use crate::error::StoreError;
use crate::sql::statements;
use serde::{Deserialize, Serialize};

statements! {
    JOBS = "SELECT id, request_id, server_id, phone_id, kind, status, epoch, attempts, lease_until_ms, \
        begin_ms, end_ms, spec, error_code, error_msg FROM job ORDER BY id";
    PHONES = "SELECT id, server_id, image_id, status, property, custom_property, epoch FROM phone ORDER BY id";
    SERVERS = "SELECT id, status FROM server ORDER BY id";
    REQUESTS = "SELECT id FROM request ORDER BY id";
}

/// A job's row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRow {
    /// Its id.
    pub id: String,
    /// The request it came with.
    pub request_id: String,
    /// Where it works.
    pub server_id: String,
    /// On which phone; none for a server's job.
    pub phone_id: Option<String>,
    /// The stored name of its kind.
    pub kind: String,
    /// Status number.
    pub status: i64,
    /// Epoch of the last claim.
    pub epoch: i64,
    /// Claims so far.
    pub attempts: i64,
    /// End of the lease, epoch milliseconds; 0 without one.
    pub lease_until_ms: i64,
    /// When it was accepted, epoch milliseconds.
    pub begin_ms: i64,
    /// When it ended, epoch milliseconds.
    pub end_ms: Option<i64>,
    /// Its arguments as stored.
    pub spec: String,
    /// Error code of a failed job.
    pub error_code: Option<String>,
    /// Error text of a failed job.
    pub error_msg: Option<String>,
}

/// A phone's row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneRow {
    /// Its id.
    pub id: String,
    /// Its server.
    pub server_id: String,
    /// The image in force.
    pub image_id: String,
    /// Status number.
    pub status: i64,
    /// The properties in force.
    pub property: String,
    /// The custom properties in force.
    pub custom_property: String,
    /// Grows with every job.
    pub epoch: i64,
}

/// A server's row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerRow {
    /// Its id.
    pub id: String,
    /// Status number.
    pub status: i64,
}

/// The database at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Snapshot {
    /// Every job, in the order of acceptance.
    pub jobs: Vec<JobRow>,
    /// Every phone.
    pub phones: Vec<PhoneRow>,
    /// Every server.
    pub servers: Vec<ServerRow>,
    /// Ids of every request.
    pub requests: Vec<String>,
}

impl Db {
    /// Reads everything as of one moment.
    ///
    /// # Errors
    /// What the database says.
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let mut tx = self.begin_read().await?;
        let jobs = tx.rows(JOBS, args![]).await?;
        let phones = tx.rows(PHONES, args![]).await?;
        let servers = tx.rows(SERVERS, args![]).await?;
        let requests = tx.rows(REQUESTS, args![]).await?;
        tx.commit().await?;
        Ok(Snapshot {
            jobs: jobs.iter().map(job).collect::<Result<_, _>>()?,
            phones: phones.iter().map(phone).collect::<Result<_, _>>()?,
            servers: servers.iter().map(server).collect::<Result<_, _>>()?,
            requests: requests.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?,
        })
    }
}

fn job(row: &impl Columns) -> Result<JobRow, StoreError> {
    Ok(JobRow {
        id: row.text(0)?,
        request_id: row.text(1)?,
        server_id: row.text(2)?,
        phone_id: row.opt_text(3)?,
        kind: row.text(4)?,
        status: row.int(5)?,
        epoch: row.int(6)?,
        attempts: row.int(7)?,
        lease_until_ms: row.int(8)?,
        begin_ms: row.int(9)?,
        end_ms: row.opt_int(10)?,
        spec: row.text(11)?,
        error_code: row.opt_text(12)?,
        error_msg: row.opt_text(13)?,
    })
}

fn phone(row: &impl Columns) -> Result<PhoneRow, StoreError> {
    Ok(PhoneRow {
        id: row.text(0)?,
        server_id: row.text(1)?,
        image_id: row.text(2)?,
        status: row.int(3)?,
        property: row.text(4)?,
        custom_property: row.text(5)?,
        epoch: row.int(6)?,
    })
}

fn server(row: &impl Columns) -> Result<ServerRow, StoreError> {
    Ok(ServerRow { id: row.text(0)?, status: row.int(1)? })
}
