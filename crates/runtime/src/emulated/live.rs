//! Properties set on a running phone.

use super::{EmulatedRuntime, failure};
use crate::error::{Reason, RuntimeError, Stage};
use crate::want::PhoneSpec;
use emulator::property::{self, PropertyError};
use emulator::{Error, Power};
use std::collections::BTreeMap;

impl EmulatedRuntime {
    /// Sets what can be set now and reads it back; the rest takes effect at the next boot.
    pub(super) fn set_live(
        &self,
        spec: &PhoneSpec,
        properties: &BTreeMap<String, String>,
    ) -> Result<(), RuntimeError> {
        for (key, value) in properties {
            property::check_boot(key, value).map_err(|why| mismatch(key, Stage::Check, why.to_string()))?;
        }
        let set = || self.fence.act(spec, Stage::Live, || self.set_now(spec, properties));
        if properties.keys().any(|key| property::persistent(key)) { self.on_disk(set) } else { set() }
    }

    fn set_now(&self, spec: &PhoneSpec, properties: &BTreeMap<String, String>) -> Result<(), RuntimeError> {
        self.materialise(spec)?;
        let (phone_id, now_ms) = (spec.phone_id.as_str(), self.now_ms());
        let live = |error| failure(error, Stage::Live);
        if self.emulator.observe(phone_id, now_ms).map_err(live)?.power != Power::Running {
            return Ok(());
        }
        for (key, value) in properties.iter().filter(|(key, _)| !property::read_only(key)) {
            match self.emulator.setprop(phone_id, now_ms, key, value) {
                Ok(()) => {}
                Err(Error::Property { why: PropertyError::ValueTooLong, .. }) => continue,
                Err(error) => return Err(failure(error, Stage::Live)),
            }
            let read = self.emulator.getprop(phone_id, now_ms, key).map_err(live)?;
            if read.as_deref().unwrap_or_default() != value {
                return Err(mismatch(key, Stage::Live, format!("it reads {read:?}")));
            }
        }
        Ok(())
    }
}

fn mismatch(key: &str, stage: Stage, detail: String) -> RuntimeError {
    RuntimeError::new(Reason::PropertyMismatch { key: key.to_owned() }, stage, detail)
}
