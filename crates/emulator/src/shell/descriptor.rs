//! File descriptors of a shell.

use super::Io;
use crate::pipe::{Input, Output};

/// Descriptors that a shell has.
const COUNT: usize = 10;

/// What a descriptor is.
#[derive(Debug, Clone, Default)]
pub(super) enum Descriptor {
    #[default]
    Closed,
    Read {
        input: Input,
        terminal: bool,
    },
    Write {
        output: Output,
        terminal: bool,
    },
}

/// Descriptors 0 to 9.
#[derive(Debug, Clone, Default)]
pub(super) struct Descriptors([Descriptor; COUNT]);

impl Descriptors {
    pub(super) fn new(io: Io) -> Self {
        let terminal = io.terminal;
        let mut all = Self::default();
        all.set(0, Descriptor::Read { input: io.stdin, terminal });
        all.set(1, Descriptor::Write { output: io.stdout, terminal });
        all.set(2, Descriptor::Write { output: io.stderr, terminal });
        all
    }

    pub(super) fn get(&self, number: u8) -> Descriptor {
        self.0.get(usize::from(number)).cloned().unwrap_or_default()
    }

    /// Sets one; gives what it was.
    pub(super) fn set(&mut self, number: u8, descriptor: Descriptor) -> Descriptor {
        match self.0.get_mut(usize::from(number)) {
            Some(slot) => std::mem::replace(slot, descriptor),
            None => Descriptor::Closed,
        }
    }

    /// Where a read from it comes from.
    pub(super) fn input(&self, number: u8) -> Input {
        match self.0.get(usize::from(number)) {
            Some(Descriptor::Read { input, .. }) => input.clone(),
            _ => Input::empty(),
        }
    }

    /// Where a write to it goes.
    pub(super) fn output(&self, number: u8) -> Output {
        match self.0.get(usize::from(number)) {
            Some(Descriptor::Write { output, .. }) => output.clone(),
            _ => Output::null(),
        }
    }

    pub(super) fn terminal(&self, number: u8) -> bool {
        match self.0.get(usize::from(number)) {
            Some(Descriptor::Read { terminal, .. } | Descriptor::Write { terminal, .. }) => *terminal,
            Some(Descriptor::Closed) | None => false,
        }
    }
}
