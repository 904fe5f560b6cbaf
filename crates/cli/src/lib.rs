//! Phoneyard's client verbs. They use a service over its API like any other client, and know nothing of its
//! inside.

mod api;
mod arguments;
mod batch;
mod connection;
mod context;
mod failure;
mod follow;
mod help;
mod http;
mod out;
mod outcome;
mod profile;
mod progress;
mod retry;
mod screen;
mod secret;
mod select;
mod session;
mod settings;
mod sign;
mod span;
mod status;
mod table;
mod verbs;

pub use arguments::ClientVerb;
pub use help::grouped;

use arguments::PropertyVerb;
use clap::Command;
use std::process::ExitCode;
use verbs::{adb, images, jobs, pages, phones, power, servers, token};

/// Runs a client verb; `command` is the whole command line, for completions and manual pages.
pub async fn run(verb: ClientVerb, command: Command) -> ExitCode {
    let result = match verb {
        ClientVerb::Phones { verb } => phones::run(verb).await,
        ClientVerb::Restart(arguments) => power::restart(&arguments).await,
        ClientVerb::Stop(arguments) => power::stop(&arguments).await,
        ClientVerb::Reset(arguments) => power::reset(&arguments).await,
        ClientVerb::Property { verb: PropertyVerb::Set(arguments) } => power::property_set(&arguments).await,
        ClientVerb::Jobs { verb } => jobs::run(verb).await,
        ClientVerb::Servers { verb } => servers::run(verb).await,
        ClientVerb::Images { verb } => images::run(verb).await,
        ClientVerb::Token { common } => token::run(&common).await,
        ClientVerb::Adb(arguments) => adb::run(&arguments).await,
        ClientVerb::Completions { shell } => pages::completions(command, shell),
        ClientVerb::Man { verb } => pages::man(command, &verb),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            screen::Screen::new(false).error(&failure.message);
            ExitCode::from(failure.kind.exit_code())
        }
    }
}
