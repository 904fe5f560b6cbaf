//! Programs that run another as somebody else, or in another way: `su`, `run-as`, `nice`, `setsid`, `toybox`.

use super::run::become_other;
use crate::apps::installer;
use crate::guest::Guest;
use crate::program::{Process, Running};

/// Runs a program; how soon it has its turn, and in which session, makes no difference here.
pub(super) fn nice(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let mut rest = process.arguments();
        while let Some((first, behind)) = rest.split_first().filter(|(first, _)| first.starts_with('-')) {
            rest = if first == "-n" { behind.get(1..).unwrap_or_default() } else { behind };
        }
        let argv = rest.to_vec();
        become_other(&guest, process, argv).await
    })
}

/// Programs of toybox that here only the shell has.
const OF_THE_SHELL: [&str; 4] = ["echo", "printf", "pwd", "test"];

/// Runs one of toybox's programs: all are here by their own names too.
pub(super) fn toybox(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let argv = process.arguments().to_vec();
        match argv.first() {
            None => {
                let names: Vec<&str> = super::names().collect();
                process.say(names.join(" ")).await;
                0
            }
            Some(name) if super::find(name).is_none() && !OF_THE_SHELL.contains(&name.as_str()) => {
                process.complain(format!("Unknown command {name}")).await
            }
            Some(_) => become_other(&guest, process, argv).await,
        }
    })
}

/// Whom `su` knows, and the arguments of the shell that it runs.
fn asked(arguments: &[String]) -> (&str, Vec<String>) {
    let (mut who, mut named) = ("root", false);
    let mut rest = arguments;
    while let Some((first, behind)) = rest.split_first() {
        match first.as_str() {
            "-c" | "--command" => return (who, [vec!["-c".to_owned()], vec![behind.join(" ")]].concat()),
            "-" | "-l" | "-p" | "-m" | "--login" | "--preserve-environment" | "--mount-master" => {}
            name if !named => (who, named) = (name, true),
            _ => {
                return (
                    who,
                    [vec!["-c".to_owned(), "\"$@\"".to_owned(), "sh".to_owned()], rest.to_vec()].concat(),
                );
            }
        }
        rest = behind;
    }
    (who, Vec::new())
}

/// Runs a command or a shell as root.
pub(super) fn su(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let (who, rest) = asked(process.arguments());
        let guest = match who {
            "root" | "0" => guest.rooted(),
            "shell" | "2000" if !guest.is_root() => guest,
            "shell" | "2000" => return process.complain("setresuid failed: Operation not permitted").await,
            _ => return process.complain(format!("invalid uid/gid '{who}'")).await,
        };
        let argv = [vec!["sh".to_owned()], rest].concat();
        become_other(&guest, process, argv).await
    })
}

/// Runs a command as an app. The apps here have no processes of their own that a command could be like.
pub(super) fn run_as(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let Some(name) = process.arguments().first() else {
            return process.complain("usage: run-as <package-name> [--user <uid>] <command> [<args>]").await;
        };
        match installer::package(&guest, name) {
            Ok(Some(package)) if package.debuggable => {
                process
                    .complain(format!("couldn't change to the user of {name}: Operation not permitted"))
                    .await
            }
            Ok(Some(_)) => process.complain(format!("package not debuggable: {name}")).await,
            Ok(None) => process.complain(format!("unknown package: {name}")).await,
            Err(why) => process.complain(why.to_string()).await,
        }
    })
}
