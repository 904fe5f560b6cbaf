//! What a name stands for, and running it as that.

use super::super::{Done, Flow, Shell};
use super::is_builtin;

const RESERVED: [&str; 17] = [
    "if", "then", "else", "elif", "fi", "for", "in", "do", "done", "while", "until", "case", "esac", "{",
    "}", "!", "[[",
];

use futures::future::{BoxFuture, FutureExt};

impl Shell {
    /// What a name is, in words and as `command -v` prints it.
    fn meaning(&self, name: &str) -> Option<(String, String)> {
        if RESERVED.contains(&name) {
            return Some((format!("{name} is a reserved word"), name.to_owned()));
        }
        if self.functions.contains_key(name) {
            return Some((format!("{name} is a function"), name.to_owned()));
        }
        if is_builtin(name) {
            return Some((format!("{name} is a shell builtin"), name.to_owned()));
        }
        let path = if name.contains('/') {
            let path = self.absolute(name);
            let file = self.system.stat(&path, true).ok();
            file.filter(|file| file.mode & 0o111 != 0).map(|_| name.to_owned())
        } else {
            self.system.which(name).or_else(|| self.path_of(name))
        };
        path.map(|path| (format!("{name} is {path}"), path))
    }

    pub(super) async fn type_command(&mut self, words: bool, arguments: &[String]) -> Done {
        let mut code = 0;
        let verbose = words || arguments.iter().any(|argument| argument == "-v");
        for name in super::names(arguments) {
            match self.meaning(name) {
                Some((meaning, path)) => {
                    self.print(format!("{}\n", if verbose { meaning } else { path })).await?
                }
                None => {
                    code = 1;
                    if verbose {
                        self.print(format!("{name} not found\n")).await?;
                    }
                }
            }
        }
        Ok(code)
    }

    pub(super) async fn command_command(&mut self, arguments: &[String]) -> Done {
        let mut rest = arguments;
        while let Some((first, behind)) = rest.split_first() {
            match first.as_str() {
                "-p" | "--" => rest = behind,
                "-v" | "-V" => return self.command_v(first == "-V", behind).await,
                _ => break,
            }
        }
        match rest.first() {
            None => Ok(0),
            Some(name) if is_builtin(name) => Box::pin(self.builtin(rest)).await,
            Some(_) => self.external(rest).await,
        }
    }

    async fn command_v(&mut self, words: bool, names: &[String]) -> Done {
        let mut code = 0;
        for name in names {
            match self.meaning(name) {
                Some((meaning, path)) => {
                    self.print(format!("{}\n", if words { meaning } else { path })).await?
                }
                None => code = 1,
            }
        }
        Ok(code)
    }

    /// Runs a script in this shell.
    pub(super) fn source_file<'a>(&'a mut self, arguments: &'a [String]) -> BoxFuture<'a, Done> {
        // In a box of its own: it would make the stack frame of every caller as large as itself.
        self.source_file_now(arguments).boxed()
    }

    async fn source_file_now(&mut self, arguments: &[String]) -> Done {
        let Some(name) = arguments.first() else {
            return self.builtin_complains(".", "missing argument", 1).await;
        };
        let path = self.absolute(name);
        let text = match self.file_text(&path) {
            Ok(text) => text,
            Err(why) => {
                self.builtin_complains(".", &format!("{name}: {why}"), 1).await?;
                return Err(Flow::Abort(1));
            }
        };
        let arguments = arguments.get(1..).filter(|arguments| !arguments.is_empty());
        let before = arguments.map(|arguments| std::mem::replace(&mut self.arguments, arguments.into()));
        self.calls += 1;
        let done = self.nested_script(&text).await;
        self.calls -= 1;
        if let Some(before) = before {
            self.arguments = before;
        }
        match done {
            Err(Flow::Return(code)) => Ok(code),
            done => done,
        }
    }
}
