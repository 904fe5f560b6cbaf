//! One phone. Layers answer for its properties, so that a phone needs no table of its own:
//!
//! ```text
//!              highest                                                    lowest
//!   ro.*       boot's own · configured · image · derived · set since boot (only if unset)
//!   others     set since boot · boot's own · configured · persist.* in /data · image · derived
//! ```
//!
//! Configured `ro.*` win over the image's because the kernel's command line is read before build.prop;
//! configured others win over /data because init sets them after it was read. They are not copied into
//! /data: a configuration that did not hold leaves no trace.

pub(crate) mod boot;
pub(crate) mod derived;
pub(crate) mod fault;
pub(crate) mod image;
pub(crate) mod memory;
pub(crate) mod power;
pub mod property;
pub(crate) mod rng;

use crate::error::Error;
use crate::files::data::PROPERTIES;
use crate::files::keeper::{Keeper, Slot};
use crate::phone::boot::{Boot, Power, Stage};
use crate::phone::fault::{Dropped, Fault};
use crate::phone::image::Image;
use crate::phone::property::{Packed, PropertyError};
use crate::session::Session;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Property that is 1 once the boot is completed.
pub const BOOT_COMPLETED: &str = "sys.boot_completed";

/// Property that holds a random id, new for every boot.
pub const BOOT_ID: &str = "ro.runtime.boot_id";

const BOOT_REASON: &str = "ro.boot.bootreason";
const BOOT_ANIMATION: &str = "init.svc.bootanim";
const BOOT_COMPLETED_TOO: &str = "dev.bootcomplete";

/// A phone as one looks at it from outside.
#[derive(Debug, Clone)]
pub struct Observation {
    /// Whether it is on, and how far.
    pub power: Power,
    /// The image that it is on with; that it would boot from, when it is off.
    pub image: Arc<Image>,
    /// Its present boot; none when it is off.
    pub boot_id: Option<u64>,
    /// When that boot began.
    pub started_ms: Option<u64>,
    /// How often it was told to start, refusals included.
    pub power_cycles: u32,
    /// adbd runs.
    pub adb: bool,
}

/// A phone.
#[derive(Debug)]
pub(crate) struct Phone {
    /// Configured: to boot from next.
    image: Arc<Image>,
    /// Booted from last.
    booted: Arc<Image>,
    properties: Packed,
    pub(crate) boot: Option<Boot>,
    /// What only few boots have.
    extra: Option<Box<Extra>>,
    pub(crate) data: Slot,
    pub(crate) power_cycles: u32,
}

/// Counted for every property set since the boot on top of its name and value.
const SET_ENTRY_BYTES: usize = 64;

#[derive(Debug, Default)]
struct Extra {
    /// Set since the boot began, and what that takes in bytes.
    set: BTreeMap<String, String>,
    set_bytes: usize,
    dropped: Dropped,
    /// Made when somebody first enters the phone.
    session: Option<Box<Session>>,
}

impl Phone {
    /// A phone that is off.
    pub(crate) fn new(image: Arc<Image>, properties: Packed, data: Slot) -> Self {
        Self { booted: image.clone(), image, properties, boot: None, extra: None, data, power_cycles: 0 }
    }

    pub(crate) fn power(&self, now_ms: u64) -> Power {
        self.boot.as_ref().map_or(Power::Off, |boot| boot.power(now_ms))
    }

    pub(crate) fn observe(&self, now_ms: u64) -> Observation {
        Observation {
            power: self.power(now_ms),
            image: if self.boot.is_some() { self.booted.clone() } else { self.image.clone() },
            boot_id: self.boot.as_ref().map(|boot| boot.id),
            started_ms: self.boot.as_ref().map(|boot| boot.started_ms),
            power_cycles: self.power_cycles,
            adb: self.boot.as_ref().is_some_and(|boot| boot.adb(now_ms)),
        }
    }

    pub(crate) fn configure(&mut self, image: Arc<Image>, properties: Packed) {
        self.image = image;
        self.properties = properties;
    }

    /// Begins a boot; the fault's part that is not a matter of time is applied here.
    pub(crate) fn start(&mut self, boot: Boot, fault: Option<&Fault>) {
        if !matches!(fault, Some(Fault::KeepsImage)) {
            self.booted = self.image.clone();
        }
        self.extra = match Dropped::of(fault) {
            Dropped::None => None,
            dropped => Some(Box::new(Extra { dropped, ..Extra::default() })),
        };
        self.boot = Some(boot);
    }

    /// Switches off. Everything that is not in /data or configured is forgotten.
    pub(crate) fn stop(&mut self) {
        self.boot = None;
        self.extra = None;
    }

    /// The boot, if properties and files can be reached: init runs.
    pub(crate) fn on(&self, now_ms: u64) -> Result<&Boot, Error> {
        let boot = self.boot.as_ref().ok_or(Error::NotOn)?;
        match boot.power(now_ms) {
            Power::Booting(stage) if stage < Stage::Init => Err(Error::NotOn),
            Power::Booting(_) | Power::Running => Ok(boot),
            Power::Off | Power::Dead { .. } => Err(Error::NotOn),
        }
    }

    /// What every boot sets by itself.
    fn own<'a>(&self, boot: &Boot, now_ms: u64, name: &str) -> Option<Cow<'a, str>> {
        match name {
            BOOT_COMPLETED | BOOT_COMPLETED_TOO => {
                (boot.power(now_ms) == Power::Running).then_some("1".into())
            }
            BOOT_ANIMATION => match boot.power(now_ms) {
                Power::Running => Some("stopped".into()),
                Power::Booting(stage) if stage >= Stage::Zygote => Some("running".into()),
                Power::Booting(_) | Power::Off | Power::Dead { .. } => None,
            },
            BOOT_REASON => Some(if self.power_cycles > 1 { "reboot" } else { "cold" }.into()),
            BOOT_ID => Some(format!("{:016x}", boot.id).into()),
            _ => None,
        }
    }

    fn configured(&self, boot: &Boot, name: &str) -> Option<&str> {
        let value = self.properties.get(name)?;
        let dropped = self.extra.as_ref().is_some_and(|extra| extra.dropped.drops(boot.id, name));
        (!dropped).then_some(value)
    }

    /// The value of a property, without what /data says.
    fn find<'a>(&'a self, boot: &Boot, phone_id: &'a str, now_ms: u64, name: &str) -> Found<'a> {
        let set = || self.extra.as_ref().and_then(|extra| extra.set.get(name));
        let built = || self.booted.build_properties.get(name).map(|value| value.as_str().into());
        let own = || self.own(boot, now_ms, name);
        let configured = || self.configured(boot, name).map(Cow::Borrowed);
        let derived = || self.derived(boot, phone_id, now_ms, name);
        if property::read_only(name) {
            let value = own().or_else(configured).or_else(built).or_else(derived);
            return Found::Value(value.or_else(|| set().map(|value| value.as_str().into())));
        }
        let value = set().map(|value| value.as_str().into()).or_else(own).or_else(configured);
        match value {
            None if property::persistent(name) => Found::Below(built().or_else(derived)),
            value => Found::Value(value.or_else(built).or_else(derived)),
        }
    }

    /// What the lowest layer says; see [`derived`].
    fn derived<'a>(
        &'a self,
        boot: &Boot,
        phone_id: &'a str,
        now_ms: u64,
        name: &str,
    ) -> Option<Cow<'a, str>> {
        // Nothing of the table that another part asks for asks for that part: the table is a tree.
        let ask = |name: &str| match self.find(boot, phone_id, now_ms, name) {
            Found::Value(value) | Found::Below(value) => value.unwrap_or_default().into_owned(),
        };
        let facts = derived::Facts {
            android_version: &self.booted.android_version,
            image_id: &self.booted.id,
            phone_id,
        };
        derived::value(name, facts, &ask)
    }

    /// The value of a property; none when it is not set.
    pub(crate) fn getprop<'a>(
        &'a mut self,
        keeper: &Keeper,
        phone_id: &'a str,
        now_ms: u64,
        name: &str,
    ) -> Result<Option<Cow<'a, str>>, Error> {
        let boot = self.on(now_ms)?;
        if property::persistent(name) && matches!(self.find(boot, phone_id, now_ms, name), Found::Below(_)) {
            keeper.open(phone_id, &mut self.data)?;
        }
        let boot = self.on(now_ms)?;
        Ok(match self.find(boot, phone_id, now_ms, name) {
            Found::Value(value) => value,
            Found::Below(below) => {
                let kept = self.data.held().and_then(|data| data.property(name));
                kept.map(Cow::Borrowed).or(below)
            }
        })
    }

    /// Every property that is set.
    pub(crate) fn getprop_all(
        &mut self,
        keeper: &Keeper,
        phone_id: &str,
        now_ms: u64,
    ) -> Result<BTreeMap<String, String>, Error> {
        self.on(now_ms)?;
        keeper.open(phone_id, &mut self.data)?;
        let own = [BOOT_COMPLETED, BOOT_COMPLETED_TOO, BOOT_ANIMATION, BOOT_REASON, BOOT_ID];
        let mut names: Vec<String> = own.into_iter().chain(derived::names()).map(str::to_owned).collect();
        names.extend(self.booted.build_properties.keys().cloned());
        names.extend(self.properties.iter().map(|(name, _)| name.to_owned()));
        names.extend(self.extra.iter().flat_map(|extra| extra.set.keys().cloned()));
        let kept = self.data.held().into_iter().flat_map(|data| data.entries(PROPERTIES));
        names.extend(kept.map(|(name, _)| name.to_owned()));
        let mut all = BTreeMap::new();
        for name in names {
            if let Some(value) = self.getprop(keeper, phone_id, now_ms, &name)? {
                all.insert(name, value.into_owned());
            }
        }
        Ok(all)
    }

    /// Sets a property; `persist.*` also in /data.
    pub(crate) fn setprop(
        &mut self,
        keeper: &Keeper,
        phone_id: &str,
        now_ms: u64,
        name: &str,
        value: &str,
    ) -> Result<(), Error> {
        let refused = |why| Err(Error::Property { name: name.to_owned(), why });
        self.on(now_ms)?;
        if let Err(why) = property::check_live(name, value) {
            return refused(why);
        }
        if property::read_only(name) && self.getprop(keeper, phone_id, now_ms, name)?.is_some() {
            return refused(PropertyError::ReadOnly);
        }
        let cost = |value: &str| name.len() + value.len() + SET_ENTRY_BYTES;
        let extra = self.extra.get_or_insert_default();
        let freed = extra.set.get(name).map_or(0, |before| cost(before));
        let set_bytes = extra.set_bytes - freed + cost(value);
        if set_bytes > property::SET_BYTES_MAX {
            return refused(PropertyError::NoRoom);
        }
        if property::persistent(name) {
            keeper.change(phone_id, &mut self.data, |data| {
                data.property_set(name, value);
                Ok::<_, Error>(())
            })?;
        }
        let extra = self.extra.get_or_insert_default();
        extra.set.insert(name.to_owned(), value.to_owned());
        extra.set_bytes = set_bytes;
        Ok(())
    }

    /// What this boot has in memory for those inside; made at the first call.
    pub(crate) fn session(&mut self) -> &mut Session {
        self.extra.get_or_insert_default().session.get_or_insert_default()
    }

    /// Drops a session in which nobody is and nothing was done: phones that were only looked at stay small.
    pub(crate) fn leave_session(&mut self) {
        let Some(extra) = &mut self.extra else { return };
        if extra.session.as_ref().is_some_and(|session| session.unused()) {
            extra.session = None;
            if extra.set.is_empty() && matches!(extra.dropped, Dropped::None) {
                self.extra = None;
            }
        }
    }

    /// Ends the session, as a boot that ends does: those inside hear of it.
    pub(crate) fn end_session(&mut self) {
        if let Some(extra) = &mut self.extra {
            extra.session = None;
        }
    }

    /// As [`Phone::session`], if anything was put there yet.
    pub(crate) fn session_if_made(&self) -> Option<&Session> {
        self.extra.as_ref()?.session.as_deref()
    }

    /// Bytes on the heap beside /data, as [`crate::phone::memory`] counts them.
    pub(crate) fn heap_bytes(&self) -> usize {
        let extra = self.extra.as_ref().map_or(0, |extra| {
            let texts = extra.set.iter().map(|(name, value)| name.len() + value.len() + 128);
            let session = extra.session.as_ref().map_or(0, |session| session.heap_bytes());
            crate::phone::memory::block(size_of::<Extra>()) + texts.sum::<usize>() + session
        });
        self.properties.heap_bytes() + extra
    }
}

/// Where the search for a property ended.
enum Found<'a> {
    /// With this.
    Value(Option<Cow<'a, str>>),
    /// /data has to be asked, and this holds if it says nothing.
    Below(Option<Cow<'a, str>>),
}
