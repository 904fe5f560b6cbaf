//! Names for the beginnings of commands: `alias` and `unalias`. They are looked up as a command runs, not as it
//! is read, so one stands for whole commands only.

use super::limits::{ALIASES_MAX, VALUE_BYTES_MAX};
use super::{Done, Shell};
use futures::future::{BoxFuture, FutureExt};
use std::sync::Arc;

impl Shell {
    /// `alias [NAME[=VALUE]]…`.
    pub(super) async fn alias(&mut self, arguments: &[String]) -> Done {
        if arguments.is_empty() {
            let lines = self.aliases.iter().map(|(name, value)| format!("{name}={}\n", quoted(value)));
            self.print(lines.collect::<String>()).await?;
        }
        let mut code = 0;
        for argument in arguments {
            match argument.split_once('=') {
                Some((name, value)) => {
                    let bytes: usize = self.aliases.values().map(String::len).sum();
                    if self.aliases.len() >= ALIASES_MAX || bytes + value.len() > VALUE_BYTES_MAX {
                        self.complain(&format!("alias: {name}: Cannot allocate memory")).await;
                        return Ok(1);
                    }
                    Arc::make_mut(&mut self.aliases).insert(name.to_owned(), value.to_owned());
                }
                None => match self.aliases.get(argument) {
                    Some(value) => self.print(format!("{argument}={}\n", quoted(value))).await?,
                    None => {
                        self.complain(&format!("alias: {argument}: not found")).await;
                        code = 1;
                    }
                },
            }
        }
        Ok(code)
    }

    /// `unalias [-a] NAME…`.
    pub(super) fn unalias(&mut self, arguments: &[String]) -> Done {
        let mut code = 0;
        for argument in arguments {
            if argument == "-a" {
                self.aliases = Arc::default();
            } else if Arc::make_mut(&mut self.aliases).remove(argument).is_none() {
                code = 1;
            }
        }
        Ok(code)
    }

    /// Runs a command whose name is an alias: it is none while that runs.
    pub(super) fn aliased<'a>(&'a mut self, value: &'a str, argv: &'a [String]) -> BoxFuture<'a, Done> {
        async move {
            let name = argv.first().cloned().unwrap_or_default();
            let rest = argv.iter().skip(1).map(|word| format!(" {}", quoted(word)));
            let script = value.to_owned() + &rest.collect::<String>();
            Arc::make_mut(&mut self.aliases).remove(&name);
            let done = self.nested_script(&script).await;
            if self.aliases.len() < ALIASES_MAX && !self.aliases.contains_key(&name) {
                Arc::make_mut(&mut self.aliases).insert(name, value.to_owned());
            }
            done
        }
        .boxed()
    }
}

fn quoted(value: &str) -> String {
    super::builtins::quoted(value)
}
