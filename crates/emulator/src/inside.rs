//! Inside a phone that is on: what a shell on it could do.

use crate::data::Space;
use crate::emulator::Emulator;
use crate::error::Error;
use crate::log::Action;
use std::collections::BTreeMap;

impl Emulator {
    /// The value of a property; none when it is not set.
    ///
    /// # Errors
    /// [`Error::UnknownPhone`], [`Error::NotOn`], [`Error::Data`].
    pub fn getprop(&self, phone_id: &str, now_ms: u64, name: &str) -> Result<Option<String>, Error> {
        self.with(phone_id, |phone, keeper| {
            Ok(phone.getprop(keeper, phone_id, now_ms, name)?.map(|value| value.into_owned()))
        })
    }

    /// Every property that is set, by name.
    ///
    /// # Errors
    /// As [`Emulator::getprop`].
    pub fn getprop_all(&self, phone_id: &str, now_ms: u64) -> Result<BTreeMap<String, String>, Error> {
        self.with(phone_id, |phone, keeper| phone.getprop_all(keeper, phone_id, now_ms))
    }

    /// Reads the wanted properties as [`Emulator::getprop`] would; names the first that is not as wanted. As
    /// on Android, an unset property and an empty one are the same.
    ///
    /// # Errors
    /// As [`Emulator::getprop`].
    pub fn first_mismatch(
        &self,
        phone_id: &str,
        now_ms: u64,
        wanted: &BTreeMap<String, String>,
    ) -> Result<Option<String>, Error> {
        self.with(phone_id, |phone, keeper| {
            phone.on(now_ms)?;
            for (name, value) in wanted {
                if phone.getprop(keeper, phone_id, now_ms, name)?.unwrap_or_default() != value.as_str() {
                    return Ok(Some(name.clone()));
                }
            }
            Ok(None)
        })
    }

    /// Sets a property. `persist.*` outlives the boot, in /data; others are forgotten with it.
    ///
    /// # Errors
    /// [`Error::Property`] for what Android's rules forbid; [`Error::UnknownPhone`], [`Error::NotOn`],
    /// [`Error::DataFull`], [`Error::Data`].
    pub fn setprop(&self, phone_id: &str, now_ms: u64, name: &str, value: &str) -> Result<(), Error> {
        self.with(phone_id, |phone, keeper| {
            phone.setprop(keeper, phone_id, now_ms, name, value)?;
            self.log.push(now_ms, phone_id, || Action::PropertySet { name: name.into() });
            Ok(())
        })
    }

    /// Writes a file below /data.
    ///
    /// # Errors
    /// [`Error::Path`], [`Error::UnknownPhone`], [`Error::NotOn`], [`Error::DataFull`], [`Error::Data`].
    pub fn file_write(&self, phone_id: &str, now_ms: u64, path: &str, bytes: Vec<u8>) -> Result<(), Error> {
        self.with(phone_id, |phone, keeper| phone.file_put(keeper, phone_id, now_ms, path, Some(bytes)))
    }

    /// Removes a file below /data, if it is there.
    ///
    /// # Errors
    /// As [`Emulator::file_write`].
    pub fn file_remove(&self, phone_id: &str, now_ms: u64, path: &str) -> Result<(), Error> {
        self.with(phone_id, |phone, keeper| phone.file_put(keeper, phone_id, now_ms, path, None))
    }

    /// A file below /data; none when it is not there.
    ///
    /// # Errors
    /// [`Error::UnknownPhone`], [`Error::NotOn`], [`Error::Data`].
    pub fn file_read(&self, phone_id: &str, now_ms: u64, path: &str) -> Result<Option<Vec<u8>>, Error> {
        self.with(phone_id, |phone, keeper| {
            let data = phone.data(keeper, phone_id, now_ms)?;
            Ok(data.and_then(|data| data.map(Space::Files).get(path).cloned()))
        })
    }

    /// The files below /data: path and length in bytes.
    ///
    /// # Errors
    /// As [`Emulator::file_read`].
    pub fn file_list(&self, phone_id: &str, now_ms: u64) -> Result<Vec<(String, usize)>, Error> {
        self.with(phone_id, |phone, keeper| {
            let files = phone.data(keeper, phone_id, now_ms)?.map(|data| data.map(Space::Files));
            Ok(files.into_iter().flatten().map(|(path, bytes)| (path.clone(), bytes.len())).collect())
        })
    }
}
