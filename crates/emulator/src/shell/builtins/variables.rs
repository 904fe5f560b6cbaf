//! What declares, exports and forgets variables.

use super::super::arithmetic;
use super::super::parser::is_name;
use super::super::{Done, Flow, Shell};
use super::options::quoted;

impl Shell {
    /// `export` and `readonly`.
    pub(super) async fn export_command(&mut self, name: &str, arguments: &[String]) -> Done {
        let names = super::names(arguments);
        if names.is_empty() {
            let exported = self.variables.all().filter(|(_, _, exported)| *exported || name == "readonly");
            let lines: String = exported
                .map(|(variable, value, _)| format!("{name} {variable}={}\n", quoted(value)))
                .collect();
            self.print(lines).await?;
            return Ok(0);
        }
        let unexport = arguments.first().is_some_and(|first| first == "-n");
        for argument in names {
            let (variable, value) = halves(argument);
            if !is_name(variable) {
                return self.builtin_complains(name, &format!("{variable}: is not an identifier"), 1).await;
            }
            if let Some(value) = value {
                self.assign(variable, value).await?;
            }
            match name {
                "export" => self.variables.export(variable, !unexport),
                _ => self.variables.read_only(variable),
            }
        }
        Ok(0)
    }

    /// `local` and `typeset`: in a function, variables of its own.
    pub(super) async fn local(&mut self, arguments: &[String]) -> Done {
        let exported = arguments.iter().any(|argument| argument == "-x");
        let read_only = arguments.iter().any(|argument| argument == "-r");
        for argument in super::names(arguments) {
            let (name, value) = halves(argument);
            if !is_name(name) {
                return self.builtin_complains("local", &format!("{name}: is not an identifier"), 1).await;
            }
            if let Some(scope) = self.locals.last_mut() {
                scope.push(self.variables.take(name));
            }
            if let Some(value) = value {
                self.assign(name, value).await?;
            }
            if exported {
                self.variables.export(name, true);
            }
            if read_only {
                self.variables.read_only(name);
            }
        }
        Ok(0)
    }

    pub(super) async fn unset(&mut self, arguments: &[String]) -> Done {
        let functions = arguments.first().is_some_and(|first| first == "-f");
        for name in super::names(arguments) {
            if functions {
                self.functions.remove(name);
            } else if let Err(why) = self.variables.unset(name) {
                return self.builtin_complains("unset", &why, 1).await;
            }
        }
        Ok(0)
    }

    pub(super) async fn let_command(&mut self, arguments: &[String]) -> Done {
        let mut value = 0;
        for argument in arguments {
            value = match arithmetic::evaluate(argument, &mut self.variables) {
                Ok(value) => value,
                Err(why) => {
                    self.builtin_complains("let", &why, 1).await?;
                    return Err(Flow::Abort(1));
                }
            };
        }
        Ok(u8::from(value == 0))
    }
}

fn halves(argument: &str) -> (&str, Option<&str>) {
    argument.split_once('=').map_or((argument, None), |(name, value)| (name, Some(value)))
}
