//! Commands that are part of the shell.

mod directory;
mod flow;
mod names;
mod options;
mod print;
mod printf;
mod read;
mod variables;

pub(super) use options::quoted;

use super::{Done, Shell};

/// Names of the commands that are part of the shell, in order.
const NAMES: [&str; 39] = [
    ".", ":", "[", "alias", "break", "builtin", "cd", "command", "continue", "echo", "eval", "exec", "exit",
    "export", "false", "getopts", "jobs", "let", "local", "print", "printf", "pwd", "read", "readonly",
    "return", "set", "shift", "source", "test", "time", "trap", "true", "type", "typeset", "ulimit", "umask",
    "unalias", "unset", "wait",
];

/// The shell itself does this.
pub(super) fn is_builtin(name: &str) -> bool {
    NAMES.binary_search(&name).is_ok() || name == "whence"
}

/// The arguments that are no options.
fn names(arguments: &[String]) -> Vec<&String> {
    arguments.iter().filter(|argument| !argument.starts_with('-')).collect()
}

use futures::future::{BoxFuture, FutureExt};

impl Shell {
    /// Runs a command that is part of the shell.
    pub(super) fn builtin<'a>(&'a mut self, argv: &'a [String]) -> BoxFuture<'a, Done> {
        // In a box of its own: it would make the stack frame of every caller as large as itself.
        async move {
            self.descend().await?;
            let done = self.builtin_now(argv).await;
            self.depth -= 1;
            done
        }
        .boxed()
    }

    async fn builtin_now(&mut self, argv: &[String]) -> Done {
        let name = argv.first().map(String::as_str).unwrap_or_default();
        let arguments = argv.get(1..).unwrap_or_default();
        match name {
            "false" => Ok(1),
            "echo" | "print" => self.echo(arguments).await,
            "printf" => self.printf(arguments).await,
            "test" | "[" => self.test_command(name, arguments).await,
            "cd" => self.cd(arguments).await,
            "pwd" => self.pwd().await,
            "read" => self.read(arguments).await,
            "export" | "readonly" => self.export_command(name, arguments).await,
            "local" | "typeset" => self.local(arguments).await,
            "unset" => self.unset(arguments).await,
            "set" => self.set(arguments).await,
            "shift" => self.shift(arguments).await,
            "getopts" => self.getopts(arguments).await,
            "let" => self.let_command(arguments).await,
            "break" | "continue" | "return" | "exit" => self.leave(name, arguments).await,
            "eval" => self.nested_script(&arguments.join(" ")).await,
            "." | "source" => self.source_file(arguments).await,
            "type" | "whence" => self.type_command(name == "type", arguments).await,
            "command" | "builtin" => self.command_command(arguments).await,
            "wait" => self.wait_command(arguments).await,
            "jobs" => self.jobs_command().await,
            "time" => self.time(arguments).await,
            "trap" => self.trap(arguments),
            "ulimit" => self.ulimit(arguments).await,
            "alias" => self.alias(arguments).await,
            "unalias" => self.unalias(arguments),
            "umask" => self.umask(arguments).await,
            _ => Ok(0),
        }
    }

    /// Complains in the name of a builtin.
    async fn builtin_complains(&mut self, name: &str, text: &str, code: u8) -> Done {
        self.complain(&format!("{name}: {text}")).await;
        Ok(code)
    }

    async fn test_command(&mut self, name: &str, arguments: &[String]) -> Done {
        let arguments = match (name, arguments.split_last()) {
            ("[", Some((last, rest))) if last == "]" => rest,
            ("[", _) => return self.builtin_complains(name, "missing ]", 2).await,
            _ => arguments,
        };
        match self.test(arguments) {
            Ok(holds) => Ok(u8::from(!holds)),
            Err(why) => self.builtin_complains(name, &why, 2).await,
        }
    }
}
