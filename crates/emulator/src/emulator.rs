//! The phones, and what the machine around them does: power, configuration, faults. What goes on inside a
//! phone that is on (properties, files) is in `inside.rs` and `files.rs`.

use crate::error::Error;
use crate::files::data::Data;
use crate::files::disk::DataDir;
use crate::files::keeper::Keeper;
use crate::log::{Action, Entry, Log};
use crate::phone::boot::{Boot, Power, Timing};
use crate::phone::fault::{Fault, FaultRates};
use crate::phone::image::Image;
use crate::phone::memory;
use crate::phone::power::PowerHooks;
use crate::phone::property::Packed;
use crate::phone::rng::{self, Rng};
use crate::phone::{Observation, Phone};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// Phones are spread over this many locks.
const SHARDS: usize = 64;

/// Longest id of a phone, in bytes.
const ID_BYTES_MAX: usize = 64;

/// How the phones of an emulator behave.
#[derive(Debug, Clone)]
pub struct Config {
    /// Time from start to boot completed, in milliseconds.
    pub boot_ms: u32,
    /// Spread of that time, from 0 (always the same) to 1 (from nothing to twice as long).
    pub boot_variance: f64,
    /// Seed of every draw. Processes that are to be told apart by boot ids need different ones.
    pub seed: u64,
    /// Faults to draw at every start.
    pub faults: FaultRates,
    /// Where /data is kept between processes; none keeps it in memory only.
    pub data_dir: Option<PathBuf>,
    /// Most that one phone's /data may hold, in bytes.
    pub data_bytes_max: u64,
    /// Actions that the log keeps; 0 keeps none.
    pub log_entries_max: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            boot_ms: 5_000,
            boot_variance: 0.2,
            seed: 0,
            faults: FaultRates::default(),
            data_dir: None,
            data_bytes_max: 256 << 20,
            log_entries_max: 0,
        }
    }
}

/// Emulated phones by id.
#[derive(Debug)]
pub struct Emulator {
    timing: Timing,
    seed: u64,
    rates: RwLock<FaultRates>,
    pub(crate) keeper: Keeper,
    pub(crate) log: Log,
    pub(crate) power_hooks: PowerHooks,
    shards: Box<[Mutex<Shard>]>,
}

/// The phones behind one lock.
#[derive(Debug, Default)]
struct Shard {
    phones: HashMap<Box<str>, Phone>,
    /// Faults that were set for phones, here or still to come.
    faults: HashMap<Box<str>, Fault>,
    /// Boots that end in death and when: few, so that the dead are found without a look at every phone.
    deaths: BTreeSet<(u64, Box<str>)>,
}

impl Shard {
    fn phone(&mut self, phone_id: &str) -> Result<&mut Phone, Error> {
        self.phones.get_mut(phone_id).ok_or(Error::UnknownPhone)
    }

    fn forget_death(&mut self, phone_id: &str) {
        let boot = self.phones.get(phone_id).and_then(|phone| phone.boot.as_ref());
        if let Some(dies_ms) = boot.map(|boot| boot.dies_ms).filter(|ms| *ms < u64::MAX) {
            self.deaths.remove(&(dies_ms, phone_id.into()));
        }
    }
}

impl Emulator {
    /// An emulator without phones.
    ///
    /// # Errors
    /// [`Error::Data`] when the data directory cannot be made.
    pub fn new(config: Config) -> Result<Self, Error> {
        let disk = config.data_dir.as_deref().map(DataDir::open).transpose()?;
        Ok(Self {
            timing: Timing { boot_ms: config.boot_ms, variance: config.boot_variance },
            seed: config.seed,
            rates: RwLock::new(config.faults),
            keeper: Keeper { bytes_max: config.data_bytes_max, disk },
            log: Log::new(config.log_entries_max),
            power_hooks: PowerHooks::default(),
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
        })
    }

    fn shard(&self, phone_id: &str) -> MutexGuard<'_, Shard> {
        let at = rng::mix(rng::fnv(phone_id.as_bytes())) as usize % SHARDS;
        self.shards[at].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works on one phone under its lock.
    pub(crate) fn with<T>(
        &self,
        phone_id: &str,
        work: impl FnOnce(&mut Phone, &Keeper) -> Result<T, Error>,
    ) -> Result<T, Error> {
        work(self.shard(phone_id).phone(phone_id)?, &self.keeper)
    }

    /// Makes a phone, off or running for longer than its boot takes. /data that an earlier process kept for
    /// the id is the phone's. False when the phone is there already; then nothing changes.
    ///
    /// # Errors
    /// [`Error::PhoneId`].
    pub fn add(
        &self,
        phone_id: &str,
        image: Arc<Image>,
        properties: &BTreeMap<String, String>,
        running: bool,
        now_ms: u64,
    ) -> Result<bool, Error> {
        let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if !(1..=ID_BYTES_MAX).contains(&phone_id.len()) || !phone_id.bytes().all(legal) {
            return Err(Error::PhoneId);
        }
        let mut shard = self.shard(phone_id);
        if shard.phones.contains_key(phone_id) {
            return Ok(false);
        }
        let mut phone = Phone::new(image, Packed::of(properties), self.keeper.slot());
        if running {
            let boot = Boot::completed(now_ms, self.timing, &mut Rng::of(self.seed, phone_id, 0));
            phone.start(boot, None);
        }
        shard.phones.insert(phone_id.into(), phone);
        self.log.push(now_ms, phone_id, || Action::Added { running });
        Ok(true)
    }

    /// Removes a phone and its /data. False when there is none.
    ///
    /// # Errors
    /// [`Error::Data`] when /data cannot be removed; the phone stays then.
    pub fn remove(&self, phone_id: &str, now_ms: u64) -> Result<bool, Error> {
        let mut shard = self.shard(phone_id);
        let Some(phone) = shard.phones.get_mut(phone_id) else { return Ok(false) };
        self.keeper.wipe(phone_id, &mut phone.data)?;
        shard.forget_death(phone_id);
        shard.phones.remove(phone_id);
        shard.faults.remove(phone_id);
        self.log.push(now_ms, phone_id, || Action::Removed);
        Ok(true)
    }

    /// Switches a phone off, whatever it does. Nothing happens to one that is off.
    ///
    /// # Errors
    /// [`Error::UnknownPhone`].
    pub fn stop(&self, phone_id: &str, now_ms: u64) -> Result<(), Error> {
        let mut shard = self.shard(phone_id);
        shard.forget_death(phone_id);
        let phone = shard.phone(phone_id)?;
        if phone.boot.is_some() {
            phone.stop();
            self.keeper.release(&mut phone.data);
            self.log.push(now_ms, phone_id, || Action::Stopped);
        }
        Ok(())
    }

    /// Sets what a phone boots from next. As on a real phone, properties that Android's rules forbid are
    /// silently left out.
    ///
    /// # Errors
    /// [`Error::UnknownPhone`], [`Error::NotOff`].
    pub fn configure(
        &self,
        phone_id: &str,
        image: Arc<Image>,
        properties: &BTreeMap<String, String>,
        now_ms: u64,
    ) -> Result<(), Error> {
        let mut shard = self.shard(phone_id);
        let phone = off(shard.phone(phone_id)?)?;
        self.log.push(now_ms, phone_id, || Action::Configured { image: image.clone() });
        phone.configure(image, Packed::of(properties));
        Ok(())
    }

    /// Wipes a phone's /data.
    ///
    /// # Errors
    /// [`Error::UnknownPhone`], [`Error::NotOff`], [`Error::Data`].
    pub fn wipe(&self, phone_id: &str, now_ms: u64) -> Result<(), Error> {
        let mut shard = self.shard(phone_id);
        let phone = off(shard.phone(phone_id)?)?;
        self.keeper.wipe(phone_id, &mut phone.data)?;
        self.log.push(now_ms, phone_id, || Action::Wiped);
        Ok(())
    }

    /// Starts a phone; returns the id of the boot that begins.
    ///
    /// # Errors
    /// [`Error::UnknownPhone`], [`Error::NotOff`], [`Error::Refused`].
    pub fn start(&self, phone_id: &str, now_ms: u64) -> Result<u64, Error> {
        let mut guard = self.shard(phone_id);
        let Shard { phones, faults, deaths } = &mut *guard;
        let phone = off(phones.get_mut(phone_id).ok_or(Error::UnknownPhone)?)?;
        phone.power_cycles = phone.power_cycles.saturating_add(1);
        let mut rng = Rng::of(self.seed, phone_id, phone.power_cycles);
        let drawn;
        let fault = match faults.get(phone_id) {
            Some(fault) => Some(fault),
            None => {
                drawn = self.rates.read().unwrap_or_else(PoisonError::into_inner).draw(&mut rng);
                drawn.as_ref()
            }
        };
        if fault == Some(&Fault::Refuses) {
            self.log.push(now_ms, phone_id, || Action::Refused);
            return Err(Error::Refused);
        }
        let boot = Boot::begin(now_ms, self.timing, fault, &mut rng);
        if boot.dies_ms < u64::MAX {
            deaths.insert((boot.dies_ms, phone_id.into()));
        }
        let boot_id = boot.id;
        phone.start(boot, fault);
        self.log.push(now_ms, phone_id, || Action::Started { boot_id });
        Ok(boot_id)
    }

    /// Makes a phone that is on die now, as if it had crashed. Nothing happens to one that is off or dead.
    ///
    /// # Errors
    /// [`Error::UnknownPhone`].
    pub fn kill(&self, phone_id: &str, now_ms: u64) -> Result<(), Error> {
        let mut shard = self.shard(phone_id);
        match shard.phone(phone_id)?.power(now_ms) {
            Power::Off | Power::Dead { .. } => return Ok(()),
            Power::Booting(_) | Power::Running => {}
        }
        shard.forget_death(phone_id);
        let phone = shard.phone(phone_id)?;
        phone.end_session();
        if let Some(boot) = &mut phone.boot {
            boot.dies_ms = now_ms;
        }
        shard.deaths.insert((now_ms, phone_id.into()));
        self.log.push(now_ms, phone_id, || Action::Killed);
        Ok(())
    }

    /// Gives a phone's coming starts a fault, or none. The phone need not exist yet.
    pub fn set_fault(&self, phone_id: &str, fault: Option<Fault>) {
        let mut shard = self.shard(phone_id);
        match fault {
            Some(fault) => shard.faults.insert(phone_id.into(), fault),
            None => shard.faults.remove(phone_id),
        };
    }

    /// Changes the probabilities of faults for all starts to come.
    pub fn set_fault_rates(&self, rates: FaultRates) {
        *self.rates.write().unwrap_or_else(PoisonError::into_inner) = rates;
    }

    /// Whether the phone exists.
    pub fn knows(&self, phone_id: &str) -> bool {
        self.shard(phone_id).phones.contains_key(phone_id)
    }

    /// Looks at a phone from outside.
    ///
    /// # Errors
    /// [`Error::UnknownPhone`].
    pub fn observe(&self, phone_id: &str, now_ms: u64) -> Result<Observation, Error> {
        self.with(phone_id, |phone, _| Ok(phone.observe(now_ms)))
    }

    /// When a phone, left alone, next comes to run or dies; none when it never does. Whoever waits for one
    /// of these looks again then.
    ///
    /// # Errors
    /// [`Error::UnknownPhone`].
    pub fn next_change_ms(&self, phone_id: &str, now_ms: u64) -> Result<Option<u64>, Error> {
        self.with(phone_id, |phone, _| Ok(phone.boot.as_ref().and_then(|boot| boot.next_change_ms(now_ms))))
    }

    /// The phones that are dead now. Costs by the dead, not by the phones.
    pub fn dead(&self, now_ms: u64) -> Vec<String> {
        let mut dead = Vec::new();
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            let past = shard.deaths.iter().take_while(|(dies_ms, _)| *dies_ms <= now_ms);
            dead.extend(past.map(|(_, phone_id)| phone_id.to_string()));
        }
        dead
    }

    /// How many phones there are.
    pub fn count(&self) -> usize {
        self.shards.iter().map(|s| s.lock().unwrap_or_else(PoisonError::into_inner).phones.len()).sum()
    }

    /// What the phones take in memory, in bytes: counted, not measured.
    pub fn memory_bytes(&self) -> usize {
        let shard_bytes = |shard: &Shard| {
            let each = shard.phones.iter().map(|(phone_id, phone)| {
                let data = phone.data.held().map_or(0, Data::memory_bytes);
                let data = usize::try_from(data).unwrap_or(usize::MAX);
                memory::block(phone_id.len()).saturating_add(phone.heap_bytes()).saturating_add(data)
            });
            memory::table(shard.phones.capacity(), size_of::<(Box<str>, Phone)>())
                + memory::table(shard.faults.capacity(), size_of::<(Box<str>, Fault)>())
                + shard.deaths.len() * 2 * size_of::<(u64, Box<str>)>()
                + each.fold(0, usize::saturating_add)
        };
        self.shards.iter().map(|s| shard_bytes(&s.lock().unwrap_or_else(PoisonError::into_inner))).sum()
    }

    /// Whether anything of a phone outlives the process; if so, changing /data waits for the disk.
    pub fn persistent(&self) -> bool {
        self.keeper.disk.is_some()
    }

    /// Takes what the log has gathered; see [`Config::log_entries_max`].
    pub fn drain_log(&self) -> Vec<Entry> {
        self.log.drain()
    }
}

fn off(phone: &mut Phone) -> Result<&mut Phone, Error> {
    if phone.boot.is_some() { Err(Error::NotOff) } else { Ok(phone) }
}
