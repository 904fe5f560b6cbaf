//! Restart and stop.

use super::{EmulatedRuntime, failure};
use crate::error::{Reason, RuntimeError, Stage};
use crate::want::{Generation, PhoneSpec};
use emulator::{BOOT_COMPLETED, Power, property};
use std::fmt::Write;
use std::time::Duration;
use tokio::time::Instant;

/// A waiter sleeps until the phone is due, but looks this often whether it was stopped or killed meanwhile.
const LOOK_AGAIN_MS: u64 = 1_000;

impl EmulatedRuntime {
    /// Stop, configure, start, wait, read back; back to `spec.was` when any of it fails.
    pub(super) async fn run(
        &self,
        spec: &PhoneSpec,
        generation: &Generation,
        wipe: bool,
    ) -> Result<(), RuntimeError> {
        bootable(generation)?;
        let away = Instant::now();
        let begin = || {
            self.fence.act(spec, Stage::Stop, || {
                self.materialise(spec)?;
                self.power_cycle(spec, generation, wipe).map_err(|error| self.put_back(spec, error))
            })
        };
        let boot_id = if wipe { self.on_disk(begin) } else { begin() }?;
        let started = Instant::now();
        let booted = self.wait(spec, boot_id).await;
        let boot = started.elapsed();
        let booted = match booted {
            Ok(()) => self.answers_adb(spec).await,
            Err(error) => Err(error),
        };
        self.fence.act(spec, Stage::Verify, || {
            self.still_ours(spec, boot_id, Stage::Verify)?;
            booted.and_then(|()| self.verify(spec, generation)).map_err(|error| self.put_back(spec, error))
        })?;
        let (image, server) = (generation.image.id.as_str(), spec.server_id.as_str());
        metrics::phones::booted(image, server, boot, away.elapsed());
        Ok(())
    }

    /// Off, with the generation in force configured, whatever an earlier attempt left behind.
    pub(super) fn stop(&self, spec: &PhoneSpec) -> Result<(), RuntimeError> {
        self.fence.act(spec, Stage::Stop, || {
            self.materialise(spec)?;
            self.power_off(spec, &spec.was)?;
            match self.observe(spec, Stage::Stop)?.power {
                Power::Off => Ok(()),
                power @ (Power::Booting(_) | Power::Running | Power::Dead { .. }) => {
                    Err(RuntimeError::new(Reason::Refused, Stage::Stop, format!("still {power:?}")))
                }
            }
        })
    }

    fn observe(&self, spec: &PhoneSpec, stage: Stage) -> Result<emulator::Observation, RuntimeError> {
        self.emulator.observe(spec.phone_id.as_str(), self.now_ms()).map_err(|error| failure(error, stage))
    }

    fn power_off(&self, spec: &PhoneSpec, generation: &Generation) -> Result<(), RuntimeError> {
        let (phone_id, now_ms) = (spec.phone_id.as_str(), self.now_ms());
        self.emulator.stop(phone_id, now_ms).map_err(|error| failure(error, Stage::Stop))?;
        let image = self.images.get(&generation.image);
        self.emulator
            .configure(phone_id, image, &generation.properties, now_ms)
            .map_err(|error| failure(error, Stage::Configure))
    }

    /// Everything up to the start; returns the id of the boot.
    fn power_cycle(
        &self,
        spec: &PhoneSpec,
        generation: &Generation,
        wipe: bool,
    ) -> Result<u64, RuntimeError> {
        let phone_id = spec.phone_id.as_str();
        self.power_off(spec, generation)?;
        if wipe {
            self.emulator.wipe(phone_id, self.now_ms()).map_err(|error| failure(error, Stage::Wipe))?;
        }
        self.emulator.start(phone_id, self.now_ms()).map_err(|error| failure(error, Stage::Start))
    }

    /// Puts the generation in force back and starts the phone if it ran; its boot is not waited for. Returns
    /// the error that led here, with what else went wrong.
    fn put_back(&self, spec: &PhoneSpec, mut error: RuntimeError) -> RuntimeError {
        let back = self.power_off(spec, &spec.was).and_then(|()| match spec.was_running {
            true => self
                .emulator
                .start(spec.phone_id.as_str(), self.now_ms())
                .map_err(|error| failure(error, Stage::Start)),
            false => Ok(0),
        });
        if let Err(also) = back {
            // Writing to a String does not fail.
            let _ = write!(error.detail, "; then, to put the phone back as it was: {also}");
        }
        error
    }

    /// Waits until the boot is completed, the phone has died, or the deadline is over. Sleeps in between.
    async fn wait(&self, spec: &PhoneSpec, boot_id: u64) -> Result<(), RuntimeError> {
        let boot_ms_max = u64::try_from(self.boot_deadline.as_millis()).unwrap_or(u64::MAX);
        let deadline_ms = self.now_ms().saturating_add(boot_ms_max);
        loop {
            let seen = self.still_ours(spec, boot_id, Stage::Boot)?;
            match seen.power {
                Power::Running => return Ok(()),
                Power::Off | Power::Dead { stage: None, .. } => {
                    return Err(RuntimeError::new(Reason::Died, Stage::Boot, "after it had booted"));
                }
                Power::Dead { stage: Some(stage), .. } => {
                    return Err(RuntimeError::new(Reason::Died, Stage::Boot, format!("at {}", stage.name())));
                }
                Power::Booting(stage) if self.now_ms() >= deadline_ms => {
                    let detail = format!("{boot_ms_max} ms were over at {}", stage.name());
                    return Err(RuntimeError::new(Reason::NotBooted, Stage::Boot, detail));
                }
                Power::Booting(_) => {}
            }
            let now_ms = self.now_ms();
            let change = self.emulator.next_change_ms(spec.phone_id.as_str(), now_ms);
            let change_ms = change.map_err(|error| failure(error, Stage::Boot))?.unwrap_or(u64::MAX);
            let pause_ms = change_ms.min(deadline_ms).saturating_sub(now_ms).min(LOOK_AGAIN_MS);
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        }
    }

    /// The phone, if its boot is the one that this call began.
    fn still_ours(
        &self,
        spec: &PhoneSpec,
        boot_id: u64,
        stage: Stage,
    ) -> Result<emulator::Observation, RuntimeError> {
        let seen = self.observe(spec, stage)?;
        if seen.boot_id == Some(boot_id) {
            return Ok(seen);
        }
        Err(RuntimeError::new(Reason::Fenced, stage, "the phone was stopped or started by another call"))
    }

    /// Reads back that the boot is completed, from the wanted image, with every wanted property.
    fn verify(&self, spec: &PhoneSpec, generation: &Generation) -> Result<(), RuntimeError> {
        let (phone_id, now_ms) = (spec.phone_id.as_str(), self.now_ms());
        let reads = |error| failure(error, Stage::Verify);
        let completed = self.emulator.getprop(phone_id, now_ms, BOOT_COMPLETED).map_err(reads)?;
        if completed.as_deref() != Some("1") {
            let detail = format!("{BOOT_COMPLETED} is {completed:?}");
            return Err(RuntimeError::new(Reason::NotBooted, Stage::Verify, detail));
        }
        let seen = self.observe(spec, Stage::Verify)?;
        if seen.image.id != generation.image.id.as_str() {
            let detail = format!("{}, not {}", seen.image.id, generation.image.id);
            return Err(RuntimeError::new(Reason::ImageMismatch, Stage::Verify, detail));
        }
        match self.emulator.first_mismatch(phone_id, now_ms, &generation.properties).map_err(reads)? {
            None => Ok(()),
            Some(key) => Err(RuntimeError::new(Reason::PropertyMismatch { key }, Stage::Verify, "")),
        }
    }
}

/// Whether every property can be set at boot at all: an impossible wish should not cost a power cycle.
fn bootable(generation: &Generation) -> Result<(), RuntimeError> {
    for (key, value) in &generation.properties {
        property::check_boot(key, value).map_err(|why| {
            RuntimeError::new(Reason::PropertyMismatch { key: key.clone() }, Stage::Check, why.to_string())
        })?;
    }
    Ok(())
}
