//! Faults: what goes wrong with a start, set for a phone or drawn with a probability.

use crate::phone::boot::Stage;
use crate::phone::rng::{self, Rng};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// The phone comes up to the system server and stays there.
    NeverBoots,
    /// The boot takes that many times longer (at least 1).
    BootsLate {
        /// Multiple of the boot time.
        factor: f64,
    },
    /// The phone dies as it reaches the stage.
    DiesBooting {
        /// The stage.
        stage: Stage,
    },
    /// The phone boots and dies later.
    DiesLater {
        /// How long after boot completed, in milliseconds.
        after_ms: u64,
    },
    /// Starting the phone is refused.
    Refuses,
    /// The named configured properties are silently not set.
    DropsKeys(Vec<String>),
    /// Each configured property is silently not set with this probability.
    DropsFraction(f64),
    /// The phone boots from the image that it booted from before, not from the configured one.
    KeepsImage,
    /// The phone boots, but its adbd does not come up.
    NoAdb,
}

/// Probabilities, each from 0 to 1, drawn once at every start; a start has at most one fault. A fault that
/// is set for the phone goes before.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FaultRates {
    /// Of [`Fault::NeverBoots`].
    pub never_boots: f64,
    /// Of [`Fault::BootsLate`] with [`FaultRates::late_factor`].
    pub boots_late: f64,
    /// Multiple of the boot time of late boots.
    pub late_factor: f64,
    /// Of [`Fault::DiesBooting`] at a stage that is drawn too.
    pub dies_booting: f64,
    /// Of [`Fault::DiesLater`] after [`FaultRates::later_ms`].
    pub dies_later: f64,
    /// How long phones that die later run, in milliseconds.
    pub later_ms: u64,
    /// Of [`Fault::Refuses`].
    pub refuses: f64,
    /// Of [`Fault::DropsFraction`] with [`FaultRates::dropped_fraction`].
    pub drops_properties: f64,
    /// Share of the configured properties that are dropped then.
    pub dropped_fraction: f64,
    /// Of [`Fault::KeepsImage`].
    pub keeps_image: f64,
}

impl FaultRates {
    /// Draws the fault of one start.
    pub(crate) fn draw(&self, rng: &mut Rng) -> Option<Fault> {
        let mut left = rng.unit();
        let stage = Stage::ALL[(rng.unit() * Stage::ALL.len() as f64) as usize % Stage::ALL.len()];
        let table = [
            (self.never_boots, Fault::NeverBoots),
            (self.boots_late, Fault::BootsLate { factor: self.late_factor }),
            (self.dies_booting, Fault::DiesBooting { stage }),
            (self.dies_later, Fault::DiesLater { after_ms: self.later_ms }),
            (self.refuses, Fault::Refuses),
            (self.drops_properties, Fault::DropsFraction(self.dropped_fraction)),
            (self.keeps_image, Fault::KeepsImage),
        ];
        for (rate, fault) in table {
            if left < rate {
                return Some(fault);
            }
            left -= rate.max(0.0);
        }
        None
    }
}

/// Which configured properties a boot does not set.
#[derive(Debug, Clone, Default)]
pub(crate) enum Dropped {
    /// All are set.
    #[default]
    None,
    /// Not these.
    Keys(Box<[String]>),
    /// Not a share of them; which ones depends on the boot.
    Fraction(f64),
}

impl Dropped {
    /// What the fault drops.
    pub(crate) fn of(fault: Option<&Fault>) -> Self {
        match fault {
            Some(Fault::DropsKeys(keys)) => Self::Keys(keys.clone().into()),
            Some(Fault::DropsFraction(fraction)) => Self::Fraction(*fraction),
            _ => Self::None,
        }
    }

    /// Whether the boot leaves the property out.
    pub(crate) fn drops(&self, boot_id: u64, name: &str) -> bool {
        match self {
            Self::None => false,
            Self::Keys(keys) => keys.iter().any(|key| key == name),
            Self::Fraction(fraction) => rng::unit(rng::mix(boot_id ^ rng::fnv(name.as_bytes()))) < *fraction,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_met_and_add_up() {
        let rates = FaultRates {
            never_boots: 0.1,
            boots_late: 0.1,
            late_factor: 2.0,
            dies_booting: 0.1,
            dies_later: 0.1,
            later_ms: 7,
            refuses: 0.1,
            drops_properties: 0.1,
            dropped_fraction: 0.5,
            keeps_image: 0.1,
        };
        let mut counts = [0_u32; 8];
        let mut stages = std::collections::BTreeSet::new();
        for cycle in 0..10_000 {
            let at = match rates.draw(&mut Rng::of(3, "p", cycle)) {
                None => 0,
                Some(Fault::NeverBoots) => 1,
                Some(Fault::BootsLate { .. }) => 2,
                Some(Fault::DiesBooting { stage }) => {
                    stages.insert(stage);
                    3
                }
                Some(Fault::DiesLater { .. }) => 4,
                Some(Fault::Refuses) => 5,
                Some(Fault::DropsKeys(_) | Fault::DropsFraction(_)) => 6,
                Some(Fault::KeepsImage) => 7,
                Some(Fault::NoAdb) => unreachable!("it is only set, never drawn"),
            };
            counts[at] += 1;
        }
        assert!((2_800..3_200).contains(&counts[0]), "{counts:?}");
        assert!(counts[1..].iter().all(|n| (900..1_100).contains(n)), "{counts:?}");
        assert_eq!(stages.len(), Stage::ALL.len());
    }

    #[test]
    fn no_rates_no_faults_and_full_rate_always() {
        for cycle in 0..1000 {
            let mut rng = Rng::of(1, "p", cycle);
            assert_eq!(FaultRates::default().draw(&mut rng), None);
            let sure = FaultRates { refuses: 1.0, ..FaultRates::default() };
            assert_eq!(sure.draw(&mut rng), Some(Fault::Refuses));
        }
    }
}
