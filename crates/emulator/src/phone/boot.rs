//! One boot as a function of time: nothing runs while a phone boots, its state is computed when asked for.

use crate::phone::fault::Fault;
use crate::phone::rng::Rng;

/// Where a booting phone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The bootloader has the machine.
    Bootloader,
    /// The kernel comes up.
    Kernel,
    /// init runs: properties can be read and set from here on.
    Init,
    /// The zygote preloads classes.
    Zygote,
    /// The system server starts its services; after this the boot is completed.
    SystemServer,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 5] = [Self::Bootloader, Self::Kernel, Self::Init, Self::Zygote, Self::SystemServer];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bootloader => "bootloader",
            Self::Kernel => "kernel",
            Self::Init => "init",
            Self::Zygote => "zygote",
            Self::SystemServer => "system_server",
        }
    }

    /// When it begins, in thousandths of the boot time.
    const fn begins_permille(self) -> u64 {
        match self {
            Self::Bootloader => 0,
            Self::Kernel => 50,
            Self::Init => 150,
            Self::Zygote => 300,
            Self::SystemServer => 500,
        }
    }
}

/// Whether a phone is on, and how far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Power {
    /// Off.
    Off,
    /// On, not yet booted.
    Booting(Stage),
    /// Booted: `sys.boot_completed` is 1.
    Running,
    /// It was on and has died; it stays so until it is stopped or removed.
    Dead {
        /// When it died.
        at_ms: u64,
        /// The stage in which it died; none when it had booted.
        stage: Option<Stage>,
    },
}

/// init starts adbd late.
const ADBD_FROM: Stage = Stage::Zygote;

/// How boots go by default.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timing {
    /// Time from start to boot completed, in milliseconds.
    pub(crate) boot_ms: u32,
    /// Spread of that time, from 0 (always the same) to 1 (from nothing to twice as long).
    pub(crate) variance: f64,
}

/// One boot of one phone.
#[derive(Debug, Clone)]
pub(crate) struct Boot {
    /// Random, new for every boot.
    pub(crate) id: u64,
    /// When the phone was started.
    pub(crate) started_ms: u64,
    /// When it dies; `u64::MAX` is never.
    pub(crate) dies_ms: u64,
    /// How long the boot takes.
    boot_ms: u32,
    /// Whether the boot is never completed.
    hangs: bool,
    /// adbd does not come up.
    no_adb: bool,
}

impl Boot {
    /// A boot that begins now and goes as the draw and the fault want it.
    pub(crate) fn begin(now_ms: u64, timing: Timing, fault: Option<&Fault>, rng: &mut Rng) -> Self {
        let factor = match fault {
            Some(Fault::BootsLate { factor }) => factor.max(1.0),
            _ => 1.0,
        };
        let spread = 1.0 + timing.variance.clamp(0.0, 1.0) * (2.0 * rng.unit() - 1.0);
        // `as` saturates: a time too long to write down ends up as 49 days.
        let boot_ms = (f64::from(timing.boot_ms) * spread * factor).round() as u32;
        let mut boot = Self {
            id: rng.word(),
            started_ms: now_ms,
            dies_ms: u64::MAX,
            boot_ms,
            hangs: false,
            no_adb: false,
        };
        match fault {
            Some(Fault::NeverBoots) => boot.hangs = true,
            Some(Fault::NoAdb) => boot.no_adb = true,
            Some(Fault::DiesBooting { stage }) => {
                boot.hangs = true;
                boot.dies_ms = now_ms.saturating_add(boot.offset_ms(*stage));
            }
            Some(Fault::DiesLater { after_ms }) => {
                boot.dies_ms = boot.booted_ms().saturating_add(*after_ms);
            }
            _ => {}
        }
        boot
    }

    /// A boot that was completed before now.
    pub(crate) fn completed(now_ms: u64, timing: Timing, rng: &mut Rng) -> Self {
        let mut boot = Self::begin(now_ms, timing, None, rng);
        boot.boot_ms = boot.boot_ms.min(u32::try_from(now_ms).unwrap_or(u32::MAX));
        boot.started_ms = now_ms - u64::from(boot.boot_ms);
        boot
    }

    fn booted_ms(&self) -> u64 {
        self.started_ms.saturating_add(u64::from(self.boot_ms))
    }

    fn offset_ms(&self, stage: Stage) -> u64 {
        u64::from(self.boot_ms) * stage.begins_permille() / 1000
    }

    /// When it comes to a stage, or for none to its end, and thousandths of the boot later; none for never.
    pub(crate) fn at_ms(&self, stage: Option<Stage>, permille: u64) -> Option<u64> {
        let begins_ms = match stage {
            Some(stage) => self.started_ms.saturating_add(self.offset_ms(stage)),
            None if self.hangs => return None,
            None => self.booted_ms(),
        };
        Some(begins_ms.saturating_add(u64::from(self.boot_ms) * permille / 1000))
    }

    /// The stage at a time; none when the boot is completed.
    fn stage(&self, at_ms: u64) -> Option<Stage> {
        if !self.hangs && at_ms >= self.booted_ms() {
            return None;
        }
        let elapsed_ms = at_ms.saturating_sub(self.started_ms);
        let reached = Stage::ALL.into_iter().rev().find(|s| self.offset_ms(*s) <= elapsed_ms);
        Some(reached.unwrap_or(Stage::Bootloader))
    }

    /// Whether adbd runs at a time.
    pub(crate) fn adb(&self, now_ms: u64) -> bool {
        match self.power(now_ms) {
            Power::Running => !self.no_adb,
            Power::Booting(stage) => !self.no_adb && stage >= ADBD_FROM,
            Power::Off | Power::Dead { .. } => false,
        }
    }

    /// The state at a time.
    pub(crate) fn power(&self, now_ms: u64) -> Power {
        if self.dies_ms <= now_ms {
            return Power::Dead { at_ms: self.dies_ms, stage: self.stage(self.dies_ms) };
        }
        self.stage(now_ms).map_or(Power::Running, Power::Booting)
    }

    /// When the state after `now_ms` next changes to running or dead; none when it never does.
    pub(crate) fn next_change_ms(&self, now_ms: u64) -> Option<u64> {
        let booted_ms = if self.hangs { u64::MAX } else { self.booted_ms() };
        let coming = [booted_ms, self.dies_ms].into_iter().filter(|ms| *ms > now_ms && *ms < u64::MAX);
        if self.dies_ms <= now_ms { None } else { coming.min() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMING: Timing = Timing { boot_ms: 1000, variance: 0.0 };

    fn boot(fault: Option<Fault>) -> Boot {
        Boot::begin(10_000, TIMING, fault.as_ref(), &mut Rng::of(1, "p", 1))
    }

    #[test]
    fn a_boot_passes_every_stage_and_completes() {
        let boot = boot(None);
        let seen: Vec<_> = (10_000..=11_000).map(|now| boot.power(now)).collect();
        let mut steps = seen.clone();
        steps.dedup();
        let mut expected: Vec<_> = Stage::ALL.into_iter().map(Power::Booting).collect();
        expected.push(Power::Running);
        assert_eq!(steps, expected);
        assert_eq!(seen.iter().filter(|p| **p == Power::Running).count(), 1, "exactly at 1000 ms");
        assert_eq!((boot.next_change_ms(10_000), boot.next_change_ms(11_000)), (Some(11_000), None));
    }

    #[test]
    fn faults_bend_the_boot() {
        let hung = boot(Some(Fault::NeverBoots));
        assert_eq!(hung.power(u64::MAX - 1), Power::Booting(Stage::SystemServer));
        assert_eq!(hung.next_change_ms(10_000), None);

        let late = boot(Some(Fault::BootsLate { factor: 3.0 }));
        assert_eq!(late.next_change_ms(10_000), Some(13_000));

        let died = boot(Some(Fault::DiesBooting { stage: Stage::Zygote }));
        assert_eq!(died.power(10_299), Power::Booting(Stage::Init));
        assert_eq!(died.power(99_999), Power::Dead { at_ms: 10_300, stage: Some(Stage::Zygote) });
        assert_eq!((died.next_change_ms(10_000), died.next_change_ms(10_300)), (Some(10_300), None));

        let dies = boot(Some(Fault::DiesLater { after_ms: 5 }));
        assert_eq!(dies.power(11_004), Power::Running);
        assert_eq!(dies.power(11_005), Power::Dead { at_ms: 11_005, stage: None });
        assert_eq!((dies.next_change_ms(10_000), dies.next_change_ms(11_000)), (Some(11_000), Some(11_005)));
    }

    #[test]
    fn variance_spreads_the_boot_time_within_its_bounds() {
        let timing = Timing { boot_ms: 1000, variance: 0.2 };
        let times: Vec<u64> = (0..1000)
            .map(|cycle| Boot::begin(0, timing, None, &mut Rng::of(1, "p", cycle)).booted_ms())
            .collect();
        assert!(times.iter().all(|ms| (800..=1200).contains(ms)));
        assert!(times.iter().any(|ms| *ms < 820) && times.iter().any(|ms| *ms > 1180));
    }

    #[test]
    fn nothing_overflows_at_the_ends_of_time() {
        let timing = Timing { boot_ms: u32::MAX, variance: 1.0 };
        let late = Fault::BootsLate { factor: f64::MAX };
        for (now_ms, fault) in [(0, None), (u64::MAX - 1, None), (u64::MAX - 1, Some(&late))] {
            let mut rng = Rng::of(1, "p", 1);
            let _ = Boot::begin(now_ms, timing, fault, &mut rng).power(u64::MAX);
            assert_eq!(Boot::completed(now_ms, timing, &mut rng).power(now_ms), Power::Running);
        }
        let odd = Fault::BootsLate { factor: f64::NAN };
        assert_eq!(boot(Some(odd)).next_change_ms(10_000), Some(11_000));
    }
}
