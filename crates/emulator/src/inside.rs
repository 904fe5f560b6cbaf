//! The properties of a phone that is on, for those outside it.

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
}
