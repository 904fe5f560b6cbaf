//! Simple commands: assignments, then a function, a builtin or a program.

use super::ast::{Assignment, Body, Command, Word};
use super::field::Shape;
use super::limits::FUNCTIONS_MAX;
use super::variables::Before;
use super::{Done, Flow, Shell, builtins};
use futures::future::{BoxFuture, FutureExt};
use std::sync::Arc;

impl Shell {
    /// Runs a command with its redirections.
    pub(super) fn command<'a>(&'a mut self, command: &'a Command) -> BoxFuture<'a, Done> {
        async move {
            self.budget.command().await;
            if let Body::Simple { assignments, words } = &command.body {
                return self.simple(assignments, words, command).await;
            }
            let redirected = match self.redirect(&command.redirects).await? {
                Ok(redirected) => redirected,
                Err(code) => return Ok(code),
            };
            let done = self.compound(&command.body).await;
            self.restore(redirected, done).await
        }
        .boxed()
    }

    fn simple<'a>(
        &'a mut self,
        assignments: &'a [Assignment],
        words: &'a [Word],
        command: &'a Command,
    ) -> BoxFuture<'a, Done> {
        // In a box of its own: it would make the stack frame of every caller as large as itself.
        self.simple_now(assignments, words, command).boxed()
    }

    async fn simple_now(&mut self, assignments: &[Assignment], words: &[Word], command: &Command) -> Done {
        self.substituted = None;
        let argv = self.command_words(words).await?;
        let Some(name) = argv.first() else {
            self.assign_all(assignments).await?;
            let code = self.substituted.unwrap_or(0);
            return match self.redirect(&command.redirects).await? {
                Ok(redirected) => self.restore(redirected, Ok(code)).await,
                Err(code) => Ok(code),
            };
        };
        if self.options.xtrace {
            let _ = self.descriptors.output(2).write(format!("+ {}\n", argv.join(" "))).await;
        }
        if name == "exec" {
            return self.exec(&argv, assignments, command).await;
        }
        let redirected = match self.redirect(&command.redirects).await? {
            Ok(redirected) => redirected,
            Err(code) => return Ok(code),
        };
        let before: Vec<Before> =
            assignments.iter().map(|assignment| self.variables.keep(&assignment.name)).collect();
        let done = match self.assign_all(assignments).await {
            Ok(()) => {
                for assignment in assignments {
                    self.variables.export(&assignment.name, true);
                }
                self.call(&argv).await
            }
            Err(flow) => Err(flow),
        };
        for before in before.into_iter().rev() {
            self.variables.put(before);
        }
        self.restore(redirected, done).await
    }

    /// Expands the words of a command. What looks like an assignment stays one word where assignments belong.
    async fn command_words(&mut self, words: &[Word]) -> Result<Vec<String>, Flow> {
        let declares = words.first().is_some_and(|word| {
            let [super::ast::Part::Literal(name)] = word.0.as_slice() else { return false };
            matches!(name.as_str(), "export" | "local" | "readonly" | "typeset")
        });
        if !declares {
            return self.fields(words).await;
        }
        let mut fields = Vec::new();
        for word in words {
            match word.0.first() {
                Some(super::ast::Part::Literal(text)) if is_assignment(text) => {
                    fields.push(self.text(word, Shape::Plain).await?);
                }
                _ => fields.extend(self.fields(std::slice::from_ref(word)).await?),
            }
        }
        Ok(fields)
    }

    async fn assign_all(&mut self, assignments: &[Assignment]) -> Result<(), Flow> {
        for assignment in assignments {
            let mut value = self.text(&assignment.value, Shape::Plain).await?;
            if assignment.append {
                value.insert_str(0, self.variables.get(&assignment.name).unwrap_or_default());
            }
            if self.options.xtrace {
                let line = format!("+ {}={value}\n", assignment.name);
                let _ = self.descriptors.output(2).write(line).await;
            }
            self.assign(&assignment.name, &value).await?;
        }
        Ok(())
    }

    /// Sets a variable, or ends the script as mksh does when that is not possible.
    pub(super) async fn assign(&mut self, name: &str, value: &str) -> Result<(), Flow> {
        match self.variables.set(name, value) {
            Ok(()) => Ok(()),
            Err(why) => {
                self.complain(&why).await;
                Err(Flow::Abort(2))
            }
        }
    }

    /// Runs what the first word names.
    pub(super) fn call<'a>(&'a mut self, argv: &'a [String]) -> BoxFuture<'a, Done> {
        async move {
            let Some(name) = argv.first() else { return Ok(0) };
            if let Some(value) = self.aliases.get(name).cloned() {
                return self.aliased(&value, argv).await;
            }
            if let Some(body) = self.functions.get(name).cloned() {
                return self.function(&body, argv).await;
            }
            if builtins::is_builtin(name) {
                return self.builtin(argv).await;
            }
            if name == "kill"
                && let Some(done) = self.kill_own(argv)
            {
                return done;
            }
            self.external(argv).await
        }
        .boxed()
    }

    fn function<'a>(&'a mut self, body: &'a Arc<Command>, argv: &'a [String]) -> BoxFuture<'a, Done> {
        // In a box of its own: it would make the stack frame of every caller as large as itself.
        self.function_now(body, argv).boxed()
    }

    async fn function_now(&mut self, body: &Arc<Command>, argv: &[String]) -> Done {
        self.descend().await?;
        let arguments = std::mem::replace(&mut self.arguments, argv.get(1..).unwrap_or_default().into());
        let loops = std::mem::take(&mut self.loops);
        self.locals.push(Vec::new());
        self.calls += 1;
        let done = self.command(body).await;
        self.depth -= 1;
        self.calls -= 1;
        self.loops = loops;
        self.arguments = arguments;
        for before in self.locals.pop().unwrap_or_default().into_iter().rev() {
            self.variables.put(before);
        }
        match done {
            Err(Flow::Return(code)) => Ok(code),
            done => done,
        }
    }

    /// Keeps a function for later.
    pub(super) async fn define(&mut self, name: &str, body: &Arc<Command>) -> Done {
        if self.functions.len() >= FUNCTIONS_MAX && !self.functions.contains_key(name) {
            self.complain(&format!("{name}: Cannot allocate memory")).await;
            return Err(Flow::Abort(1));
        }
        self.functions.insert(name.to_owned(), body.clone());
        Ok(0)
    }

    /// `exec`: the command instead of the shell; or redirections that stay.
    fn exec<'a>(
        &'a mut self,
        argv: &'a [String],
        assignments: &'a [Assignment],
        command: &'a Command,
    ) -> BoxFuture<'a, Done> {
        // In a box of its own: it would make the stack frame of every caller as large as itself.
        self.exec_now(argv, assignments, command).boxed()
    }

    async fn exec_now(&mut self, argv: &[String], assignments: &[Assignment], command: &Command) -> Done {
        let mut redirected = match self.redirect(&command.redirects).await? {
            Ok(redirected) => redirected,
            Err(code) => return Err(Flow::Abort(code)),
        };
        self.assign_all(assignments).await?;
        for assignment in assignments {
            self.variables.export(&assignment.name, true);
        }
        let argv = argv.get(1..).unwrap_or_default();
        if argv.is_empty() {
            redirected.forget_before();
            self.kept.push(redirected);
            return Ok(0);
        }
        let done = self.external(argv).await;
        match self.restore(redirected, done).await {
            Ok(code) => Err(Flow::Exit(code)),
            Err(flow) => Err(flow),
        }
    }
}

fn is_assignment(text: &str) -> bool {
    let name = super::parser::name_bytes(text);
    name > 0 && text.get(name..).is_some_and(|rest| rest.starts_with('='))
}
