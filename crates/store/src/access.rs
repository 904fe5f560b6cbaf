//! How phones are reached over ADB: their numbers on their servers, the ports given to them, and the keys
//! that open them.

use crate::Store;
use crate::db::{Columns, args};
use crate::error::StoreError;
use crate::phones::from_row;
use crate::sql::statements;
use model::id::{PhoneId, ProjectId};
use model::phone::Phone;

/// Most keys of one project: every handshake may have to try each.
pub const ADB_KEYS_MAX: i64 = 64;

statements! {
    PHONE_ANY = "SELECT p.id, p.project_id, p.server_id, p.name, p.phone_model, p.image_id, p.status, \
        p.property, p.custom_property, p.create_ms, p.update_ms, i.android_version, p.epoch \
        FROM phone p LEFT JOIN image i ON i.id = p.image_id WHERE p.id = $1";
    PHONE_ORDINAL = "SELECT ordinal FROM phone WHERE id = $1";
    ADB_PORTS = "SELECT phone_id, port FROM adb_port ORDER BY port";
    ADB_PORT_SET = "INSERT INTO adb_port (phone_id, port) VALUES ($1, $2) \
        ON CONFLICT (phone_id) DO UPDATE SET port = $2";
    ADB_KEYS = "SELECT fingerprint, key_text FROM adb_key WHERE project_id = $1 ORDER BY create_ms, fingerprint";
    ADB_KEY_INSERT = "INSERT INTO adb_key (project_id, fingerprint, key_text, create_ms) \
        SELECT $1, $2, $3, $4 WHERE (SELECT COUNT(*) FROM adb_key WHERE project_id = $1 AND fingerprint <> $2) < $5 \
        ON CONFLICT (project_id, fingerprint) DO UPDATE SET key_text = $3";
    ADB_KEY_REMOVE = "DELETE FROM adb_key WHERE project_id = $1 AND fingerprint = $2";
}

/// A public key that opens a project's phones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdbKey {
    /// What it is known by.
    pub fingerprint: String,
    /// The key as adb writes it, with its comment.
    pub text: String,
}

impl Store {
    /// One phone, whoever owns it, with its epoch: for what acts on phones by itself.
    ///
    /// # Errors
    /// What the database says.
    pub async fn phone_any(&self, phone_id: &PhoneId) -> Result<Option<(Phone, i64)>, StoreError> {
        let rows = self.db.read(PHONE_ANY, args![phone_id.as_str()]).await?;
        rows.first().map(|row| Ok((from_row(row, Some(11))?, row.int(12)?))).transpose()
    }

    /// The phone's number on its server, from 1; none when there is no such phone.
    ///
    /// # Errors
    /// What the database says.
    pub async fn phone_ordinal(&self, phone_id: &PhoneId) -> Result<Option<i64>, StoreError> {
        let rows = self.db.read(PHONE_ORDINAL, args![phone_id.as_str()]).await?;
        rows.first().map(|row| row.int(0)).transpose()
    }

    /// Every port that was given to a phone.
    ///
    /// # Errors
    /// What the database says.
    pub async fn adb_ports(&self) -> Result<Vec<(PhoneId, u16)>, StoreError> {
        let rows = self.db.read(ADB_PORTS, args![]).await?;
        let port = |number: i64| {
            u16::try_from(number)
                .map_err(|_| StoreError::Unreadable { what: "adb_port.port", value: number.to_string() })
        };
        rows.iter().map(|row| Ok((PhoneId::new(row.text(0)?), port(row.int(1)?)?))).collect()
    }

    /// Gives a port to a phone, for good.
    ///
    /// # Errors
    /// What the database says; also when another phone has the port.
    pub async fn adb_port_set(&self, phone_id: &PhoneId, port: u16) -> Result<(), StoreError> {
        self.db.write(ADB_PORT_SET, args![phone_id.as_str(), i64::from(port)]).await.map(drop)
    }

    /// The keys that open a project's phones, oldest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn adb_keys(&self, project_id: &ProjectId) -> Result<Vec<AdbKey>, StoreError> {
        let rows = self.db.read(ADB_KEYS, args![project_id.as_str()]).await?;
        rows.iter().map(|row| Ok(AdbKey { fingerprint: row.text(0)?, text: row.text(1)? })).collect()
    }

    /// Lets a key open a project's phones. False when the project has [`ADB_KEYS_MAX`] already.
    ///
    /// # Errors
    /// What the database says.
    pub async fn adb_key_add(&self, project_id: &ProjectId, key: &AdbKey) -> Result<bool, StoreError> {
        let now_ms = self.clock.now_ms();
        let (fingerprint, text) = (key.fingerprint.as_str(), key.text.as_str());
        let args = args![project_id.as_str(), fingerprint, text, now_ms, ADB_KEYS_MAX];
        Ok(self.db.write(ADB_KEY_INSERT, args).await? > 0)
    }

    /// Takes a key away; false when the project has none with this fingerprint.
    ///
    /// # Errors
    /// What the database says.
    pub async fn adb_key_remove(
        &self,
        project_id: &ProjectId,
        fingerprint: &str,
    ) -> Result<bool, StoreError> {
        Ok(self.db.write(ADB_KEY_REMOVE, args![project_id.as_str(), fingerprint]).await? > 0)
    }
}
