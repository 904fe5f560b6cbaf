//! A shell's variables, and what they may take.

use super::arithmetic::Names;
use super::budget::{Budget, Share};
use super::limits::{VALUE_BYTES_MAX, VARIABLE_COST_BYTES, VARIABLES_BYTES_MAX};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A value, and the memory that it takes.
#[derive(Debug)]
struct Value {
    text: Box<str>,
    _share: Share,
}

#[derive(Debug, Clone)]
struct Variable {
    /// None: exported or made local, but not set.
    value: Option<Arc<Value>>,
    exported: bool,
    read_only: bool,
}

/// Variables by name. Clones share all of it until one of them changes, and the texts even then.
#[derive(Debug, Clone, Default)]
pub(crate) struct Variables {
    map: Arc<BTreeMap<String, Variable>>,
    bytes: usize,
    budget: Arc<Budget>,
}

impl Variable {
    fn text(&self) -> Option<&str> {
        self.value.as_ref().map(|value| &*value.text)
    }
}

/// What a variable was before a function made it local.
#[derive(Debug)]
pub(crate) struct Before(String, Option<Variable>);

impl Variables {
    pub(super) fn new(env: &BTreeMap<String, String>, budget: Arc<Budget>) -> Self {
        let mut variables = Self { budget, ..Self::default() };
        for (name, value) in env {
            if super::parser::is_name(name) && variables.set(name, value).is_ok() {
                variables.export(name, true);
            }
        }
        variables
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.map.get(name)?.text()
    }

    /// Sets a variable.
    ///
    /// # Errors
    /// It is read-only, or too much.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let before = self.map.get(name);
        if before.is_some_and(|before| before.read_only) {
            return Err(format!("read-only: {name}"));
        }
        let bytes = self.bytes - before.map_or(0, |before| cost(name, before)) + cost_of(name, value.len());
        if value.len() > VALUE_BYTES_MAX || bytes > VARIABLES_BYTES_MAX {
            return Err(format!("{name}: Cannot allocate memory"));
        }
        let Some(share) = self.budget.memory(cost_of(name, value.len())) else {
            return Err(format!("{name}: Cannot allocate memory"));
        };
        self.bytes = bytes;
        let exported = before.is_some_and(|before| before.exported);
        let variable = Variable {
            value: Some(Arc::new(Value { text: value.into(), _share: share })),
            exported,
            read_only: false,
        };
        Arc::make_mut(&mut self.map).insert(name.to_owned(), variable);
        Ok(())
    }

    /// Forgets a variable.
    pub(crate) fn unset(&mut self, name: &str) -> Result<(), String> {
        if self.map.get(name).is_some_and(|variable| variable.read_only) {
            return Err(format!("read-only: {name}"));
        }
        self.put(Before(name.to_owned(), None));
        Ok(())
    }

    fn mark(&mut self, name: &str, mark: impl FnOnce(&mut Variable)) {
        if !self.map.contains_key(name) {
            if self.bytes + cost_of(name, 0) > VARIABLES_BYTES_MAX {
                return;
            }
            self.bytes += cost_of(name, 0);
        }
        let unset = Variable { value: None, exported: false, read_only: false };
        mark(Arc::make_mut(&mut self.map).entry(name.to_owned()).or_insert(unset));
    }

    /// Programs see it from now on, or do not.
    pub(crate) fn export(&mut self, name: &str, exported: bool) {
        self.mark(name, |variable| variable.exported = exported);
    }

    pub(crate) fn read_only(&mut self, name: &str) {
        self.mark(name, |variable| variable.read_only = true);
    }

    /// What programs see.
    pub(crate) fn environment(&self) -> BTreeMap<String, String> {
        let exported = self.map.iter().filter(|(_, variable)| variable.exported);
        exported.filter_map(|(name, variable)| Some((name.clone(), variable.text()?.to_owned()))).collect()
    }

    /// Every variable that is set, or that is exported, by name.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str, bool)> {
        let set = |(name, variable): (&'_ String, &'_ Variable)| variable.value.is_some() && !name.is_empty();
        self.map
            .iter()
            .filter(move |(name, variable)| set((name, variable)))
            .map(|(name, variable)| (name.as_str(), variable.text().unwrap_or_default(), variable.exported))
    }

    /// Takes a variable away for as long as a function runs.
    pub(crate) fn take(&mut self, name: &str) -> Before {
        let before = self.map.contains_key(name).then(|| Arc::make_mut(&mut self.map).remove(name)).flatten();
        self.bytes -= before.as_ref().map_or(0, |before| cost(name, before));
        Before(name.to_owned(), before)
    }

    /// A copy of it, to be put back.
    pub(crate) fn keep(&self, name: &str) -> Before {
        Before(name.to_owned(), self.map.get(name).cloned())
    }

    /// Puts it back as it was.
    pub(crate) fn put(&mut self, Before(name, before): Before) {
        let _ = self.take(&name);
        if let Some(variable) = before {
            self.bytes += cost(&name, &variable);
            Arc::make_mut(&mut self.map).insert(name, variable);
        }
    }
}

fn cost(name: &str, variable: &Variable) -> usize {
    cost_of(name, variable.text().map_or(0, str::len))
}

fn cost_of(name: &str, value_bytes: usize) -> usize {
    name.len() + value_bytes + VARIABLE_COST_BYTES
}

impl Names for Variables {
    fn get(&self, name: &str) -> String {
        Self::get(self, name).unwrap_or_default().to_owned()
    }

    fn set(&mut self, name: &str, value: i32) -> Result<(), String> {
        Self::set(self, name, &value.to_string())
    }
}
