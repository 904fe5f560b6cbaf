//! Which port is whose: a pure table. A port that was given to a phone stays the phone's.

use model::id::PhoneId;
use std::collections::{BTreeSet, HashMap};
use std::ops::RangeInclusive;

/// The ports of a range, and whose they are.
#[derive(Debug)]
pub(crate) struct Ports {
    range: RangeInclusive<u16>,
    given: HashMap<PhoneId, u16>,
    /// Given to phones, or in other programs' hands.
    taken: BTreeSet<u16>,
}

impl Ports {
    /// A range, with what was given earlier. A port outside the range is forgotten: its phone gets a new one.
    pub(crate) fn new(range: RangeInclusive<u16>, earlier: Vec<(PhoneId, u16)>) -> Self {
        // Ports outside are still stored as their phones', so nobody else may get them.
        let taken = earlier.iter().map(|(_, port)| *port).collect();
        let given = earlier.into_iter().filter(|(_, port)| range.contains(port)).collect();
        Self { range, given, taken }
    }

    /// The phone's port, if it has one.
    pub(crate) fn of(&self, phone_id: &PhoneId) -> Option<u16> {
        self.given.get(phone_id).copied()
    }

    /// Every phone that has a port.
    pub(crate) fn phones(&self) -> Vec<PhoneId> {
        self.given.keys().cloned().collect()
    }

    /// Takes the lowest free port out of the range; none when all are taken.
    pub(crate) fn take(&mut self) -> Option<u16> {
        let mut taken = self.taken.range(self.range.clone()).copied();
        let free = self.range.clone().find(|port| taken.next() != Some(*port))?;
        self.taken.insert(free);
        Some(free)
    }

    /// Notes that a port taken with [`Ports::take`] is the phone's now.
    pub(crate) fn give(&mut self, phone_id: PhoneId, port: u16) {
        self.given.insert(phone_id, port);
    }

    /// Gives a port back that was taken and is nobody's after all.
    pub(crate) fn put_back(&mut self, port: u16) {
        self.taken.remove(&port);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phone(n: u16) -> PhoneId {
        PhoneId::new(format!("{n:032x}"))
    }

    #[test]
    fn the_lowest_free_port_is_taken_until_there_is_none() {
        let earlier = vec![(phone(1), 101), (phone(2), 103), (phone(3), 200)];
        let mut ports = Ports::new(100..=104, earlier);
        assert_eq!((ports.of(&phone(1)), ports.of(&phone(3))), (Some(101), None));
        let taken: Vec<_> = (0..4).map(|_| ports.take()).collect();
        assert_eq!(taken, [Some(100), Some(102), Some(104), None]);
        ports.give(phone(4), 100);
        assert_eq!(ports.of(&phone(4)), Some(100));
        ports.put_back(104);
        assert_eq!((ports.take(), ports.take()), (Some(104), None));
        assert_eq!(ports.phones().len(), 3);
    }

    #[test]
    fn the_last_port_of_all_is_no_end_of_the_world() {
        let mut ports = Ports::new(u16::MAX - 1..=u16::MAX, Vec::new());
        let taken: Vec<_> = (0..3).map(|_| ports.take()).collect();
        assert_eq!(taken, [Some(u16::MAX - 1), Some(u16::MAX), None]);
    }
}
