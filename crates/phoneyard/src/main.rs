//! Phoneyard: a self-hosted cloud-phone service that speaks the CPH wire API.

/// Prints a line. A reader that went away (`| head`) is no reason to break off: the service goes on.
macro_rules! say {
    ($($line:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($line)*);
    }};
}

mod audit;
mod config;
mod demo;
mod descriptors;
mod duration;
mod limits;
mod logging;
mod operator;
mod operator_http;
mod phone_access;
mod recent;
mod service;
mod socket;
mod status;
mod verbs;
mod view;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::process::ExitCode;

/// The commit this binary is made of, from build.rs.
const COMMIT: &str = env!("PHONEYARD_COMMIT");
/// What `--version` tells.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("PHONEYARD_COMMIT"), ")");

/// A self-hosted cloud-phone service that speaks the CPH wire API.
#[derive(Debug, Parser)]
#[command(version = VERSION, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the service until SIGTERM or Ctrl-C.
    Serve(config::ServeArguments),
    /// Run a service with emulated phones, restart some through the API, and leave it running.
    Demo(demo::DemoArguments),
    /// Show how the running service is.
    Status(status::StatusArguments),
    /// Tell who changed what.
    Audit(audit::AuditArguments),
    /// Create or list projects.
    Project(verbs::ProjectArguments),
    /// Create users.
    User(verbs::UserArguments),
    /// Create access keys (AK/SK).
    AccessKey(verbs::AccessKeyArguments),
    /// Create images.
    Image(verbs::ImageArguments),
    /// Create servers with their phones.
    Server(verbs::ServerArguments),
    /// Say which adb keys open a project's phones.
    AdbKey(verbs::AdbKeyArguments),
    /// Inject faults into emulated phones.
    Phone(verbs::PhoneArguments),
    /// Show every limit of the service: its value, and what happens beyond.
    Limits(limits::LimitsArguments),
    /// What a client does.
    #[command(flatten)]
    Client(Box<cli::ClientVerb>),
}

/// Shells of emulated phones call each other as deep as scripts do; a script must not bring the service down.
const STACK_BYTES: usize = 8 * 1024 * 1024;

fn main() -> ExitCode {
    let command = cli::grouped(Arguments::command());
    let parsed = command.clone().try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = parsed.unwrap_or_else(|error| error.exit());
    if let Err(message) = logging::begin() {
        return fail(&message);
    }
    let runtime =
        match tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK_BYTES).build()
        {
            Ok(runtime) => runtime,
            Err(error) => return fail(&format!("no threads from the system: {error}")),
        };
    let result = runtime.block_on(async {
        match arguments.verb {
            Verb::Client(verb) => return Ok(cli::run(*verb, command).await),
            Verb::Serve(arguments) => service::run(arguments).await,
            Verb::Demo(arguments) => demo::run(arguments).await,
            Verb::Status(arguments) => status::run(arguments).await,
            Verb::Audit(arguments) => audit::run(arguments).await,
            Verb::Project(arguments) => verbs::project(arguments).await,
            Verb::User(arguments) => verbs::user(arguments).await,
            Verb::AccessKey(arguments) => verbs::access_key(arguments).await,
            Verb::Image(arguments) => verbs::image(arguments).await,
            Verb::Server(arguments) => verbs::server(arguments).await,
            Verb::AdbKey(arguments) => verbs::adb_key(arguments).await,
            Verb::Phone(arguments) => verbs::phone(arguments).await,
            Verb::Limits(arguments) => limits::run(&arguments),
        }
        .map(|()| ExitCode::SUCCESS)
    });
    match result {
        Ok(code) => code,
        Err(message) => fail(&message),
    }
}

fn fail(message: &str) -> ExitCode {
    eprintln!("phoneyard: {message}");
    ExitCode::FAILURE
}
