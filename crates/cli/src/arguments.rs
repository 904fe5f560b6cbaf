//! The client verbs and their flags, with the help that a newcomer reads.

use crate::connection::ConnectionFlags;
use crate::{span, status};
use clap::{Args, Subcommand, ValueHint};
use clap_complete::Shell;
use std::path::PathBuf;
use std::time::Duration;

/// What each order ends its help with, after its examples.
macro_rules! exit_codes {
    ($($examples:literal),*) => {
        concat!(
            $($examples,)*
            "Exit code: 0 all good, 1 some failed or refused, 2 wrong command or setting (nothing was sent),\n",
            "3 service not reached or not allowed, 4 timeout, 130 Ctrl-C (the jobs run on)."
        )
    };
}

/// The verbs that use a service over its API.
#[derive(Debug, Subcommand)]
pub enum ClientVerb {
    /// List, show and rename phones
    Phones {
        /// What to do with them.
        #[command(subcommand)]
        verb: PhonesVerb,
    },
    /// Restart phones, and power on those that are off
    #[command(after_help = exit_codes!(
        "Examples:\n",
        "  phoneyard restart rack-1-00001 rack-1-00002 --wait\n",
        "  phoneyard restart --server rack-1 --status running --wait --timeout 10m\n",
        "  phoneyard restart --all --image android-14 --prop com.cph.mainkeys=1\n",
        "  phoneyard phones list --status stopped --quiet | phoneyard restart --from - --wait --json\n\n",
        "--json prints one document: requests (the answers as they came), jobs (with --wait, as last seen),\n",
        "summary (counts) and error (why it broke off, or null).\n\n"
    ))]
    Restart(RestartArguments),
    /// Power phones off
    #[command(after_help = exit_codes!(
        "Examples:\n  phoneyard stop rack-1-00001\n  phoneyard stop --server rack-1 --wait\n\n"
    ))]
    Stop(PowerArguments),
    /// Wipe the user data of phones and boot them
    #[command(after_help = exit_codes!(
        "Examples:\n  phoneyard reset rack-1-00001 --wait\n",
        "  phoneyard reset --status restart-failed --yes --wait\n\n"
    ))]
    Reset(ResetArguments),
    /// Set properties of phones without restarting them
    Property {
        /// What to do with them.
        #[command(subcommand)]
        verb: PropertyVerb,
    },
    /// List, show and wait for jobs
    Jobs {
        /// What to do with them.
        #[command(subcommand)]
        verb: JobsVerb,
    },
    /// List, show and restart servers
    Servers {
        /// What to do with them.
        #[command(subcommand)]
        verb: ServersVerb,
    },
    /// List images
    Images {
        /// What to do with them.
        #[command(subcommand)]
        verb: ImagesVerb,
    },
    /// Get a token with a user's password; its expiry goes to standard error
    #[command(after_help = "Example:\n  echo PASSWORD | phoneyard token --user alice --password-stdin")]
    Token {
        /// How.
        #[command(flatten)]
        common: Common,
    },
    /// Run adb with a phone
    #[command(
        after_help = "Examples:\n  phoneyard adb rack-1-00001\n  phoneyard adb rack-1-00001 -- logcat -d\n  \
        phoneyard adb rack-1-00001 -- install app.apk"
    )]
    Adb(AdbArguments),
    /// Write the completions of a shell to standard output
    #[command(
        after_help = "Example:\n  phoneyard completions bash > ~/.local/share/bash-completion/completions/phoneyard"
    )]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write a manual page to standard output
    #[command(
        after_help = "Examples:\n  phoneyard man | man -l -\n  phoneyard man phones list > phoneyard-phones-list.1"
    )]
    Man {
        /// The verb whose page it is [default: an overview]
        verb: Vec<String>,
    },
}

/// What every verb that asks the service takes.
#[derive(Debug, Args)]
pub struct Common {
    #[command(flatten)]
    pub(crate) connection: ConnectionFlags,
    /// Answer in JSON: one document, or a line for each item of a list
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,
    /// Print ids only, or nothing
    #[arg(long, short, conflicts_with = "json", help_heading = "Output")]
    pub(crate) quiet: bool,
}

/// `phoneyard phones`.
#[derive(Debug, Subcommand)]
pub enum PhonesVerb {
    /// List phones, newest first
    #[command(after_help = "Examples:\n  phoneyard phones list --server rack-1 --status running\n  \
        phoneyard phones list --name 0001 --json")]
    List {
        /// Those of this server, by id or name
        #[arg(long)]
        server: Option<String>,
        /// Those with this status: a number, or a word such as running, stopped, restart-failed
        #[arg(long, allow_hyphen_values = true, value_parser = status::parse_phone)]
        status: Option<i64>,
        /// Those whose name holds this text
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        common: Common,
    },
    /// Show a phone with its properties and ports
    Show {
        /// The phone, by id or name
        phone: String,
        #[command(flatten)]
        common: Common,
    },
    /// Give a phone another name
    Rename {
        /// The phone, by id or name
        phone: String,
        /// The new name: letters, digits, - and _
        name: String,
        #[command(flatten)]
        common: Common,
    },
}

/// Which phones.
#[derive(Debug, Args)]
pub struct Selection {
    /// Phones, by id or name
    #[arg(value_name = "PHONE", help_heading = "Which phones", conflicts_with_all = ["server", "all", "status"])]
    pub(crate) phones: Vec<String>,
    /// Phones from a file, one id or name a line; - is standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Which phones",
        conflicts_with_all = ["server", "all", "status"])]
    pub(crate) from: Option<PathBuf>,
    /// All phones of the project
    #[arg(long, help_heading = "Which phones")]
    pub(crate) all: bool,
    /// Those of this server, by id or name
    #[arg(long, help_heading = "Which phones")]
    pub(crate) server: Option<String>,
    /// Those with this status: a number, or a word such as running, stopped, restart-failed
    #[arg(long, allow_hyphen_values = true, value_parser = status::parse_phone, help_heading = "Which phones")]
    pub(crate) status: Option<i64>,
}

/// Whether and how long to wait.
#[derive(Debug, Args)]
pub struct Waiting {
    /// Wait until all jobs have ended
    #[arg(long, help_heading = "Waiting")]
    pub(crate) wait: bool,
    /// The longest that all of it may take
    #[arg(long, default_value = "30m", value_parser = span::parse, value_name = "TIME", help_heading = "Waiting")]
    pub(crate) timeout: Duration,
}

/// Properties to set.
#[derive(Debug, Args)]
pub struct Properties {
    /// A property to set, may be repeated
    #[arg(long = "prop", value_name = "KEY=VALUE", value_parser = pair)]
    pub(crate) properties: Vec<(String, String)>,
    /// Properties from a file that holds one JSON object; --prop goes before it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) props_file: Option<PathBuf>,
}

/// `phoneyard restart`.
#[derive(Debug, Args)]
pub struct RestartArguments {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// An image to boot from, by id or name
    #[arg(long)]
    pub(crate) image: Option<String>,
    #[command(flatten)]
    pub(crate) properties: Properties,
    #[command(flatten)]
    pub(crate) waiting: Waiting,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// `phoneyard stop`.
#[derive(Debug, Args)]
pub struct PowerArguments {
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) waiting: Waiting,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// `phoneyard reset`.
#[derive(Debug, Args)]
pub struct ResetArguments {
    #[command(flatten)]
    pub(crate) restart: RestartArguments,
    /// Also forget every property set so far
    #[arg(long)]
    pub(crate) forget_properties: bool,
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
}

/// `phoneyard property`.
#[derive(Debug, Subcommand)]
pub enum PropertyVerb {
    /// Set properties; some take effect at the next restart
    #[command(after_help = exit_codes!(
        "Example:\n  phoneyard property set rack-1-00001 --prop com.cph.mainkeys=1 --wait\n\n"
    ))]
    Set(PropertyArguments),
}

/// `phoneyard property set`.
#[derive(Debug, Args)]
pub struct PropertyArguments {
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) properties: Properties,
    #[command(flatten)]
    pub(crate) waiting: Waiting,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// `phoneyard jobs`.
#[derive(Debug, Subcommand)]
pub enum JobsVerb {
    /// List the jobs of requests
    List {
        /// A request, may be repeated
        #[arg(long = "request", value_name = "ID", required = true)]
        requests: Vec<String>,
        #[command(flatten)]
        common: Common,
    },
    /// Show a job
    Show {
        /// The job's id
        job: String,
        #[command(flatten)]
        common: Common,
    },
    /// Wait until jobs have ended
    #[command(after_help = exit_codes!(
        "Example:\n  id=$(phoneyard restart --all --quiet)\n  phoneyard jobs wait --request $id\n\n"
    ))]
    Wait {
        /// A request all of whose jobs to wait for, may be repeated
        #[arg(long = "request", value_name = "ID", num_args = 1..)]
        requests: Vec<String>,
        /// Jobs, by id
        #[arg(value_name = "JOB", required_unless_present = "requests")]
        jobs: Vec<String>,
        /// The longest to wait
        #[arg(long, default_value = "30m", value_parser = span::parse, value_name = "TIME")]
        timeout: Duration,
        #[command(flatten)]
        common: Common,
    },
}

/// `phoneyard servers`.
#[derive(Debug, Subcommand)]
pub enum ServersVerb {
    /// List servers, newest first
    List {
        #[command(flatten)]
        common: Common,
    },
    /// Show a server
    Show {
        /// The server, by id or name
        server: String,
        #[command(flatten)]
        common: Common,
    },
    /// Restart servers with the phones that run on them
    #[command(after_help = exit_codes!())]
    Restart {
        /// Servers, by id or name
        #[arg(value_name = "SERVER", required = true)]
        servers: Vec<String>,
        #[command(flatten)]
        waiting: Waiting,
        #[command(flatten)]
        common: Common,
    },
}

/// `phoneyard images`.
#[derive(Debug, Subcommand)]
pub enum ImagesVerb {
    /// List the images that the project can see
    List {
        #[command(flatten)]
        common: Common,
    },
}

/// `phoneyard adb`.
#[derive(Debug, Args)]
pub struct AdbArguments {
    /// The phone, by id or name
    pub(crate) phone: String,
    /// What adb is to do [default: shell]
    #[arg(last = true, value_name = "ARGS", allow_hyphen_values = true)]
    pub(crate) arguments: Vec<std::ffi::OsString>,
    #[command(flatten)]
    pub(crate) connection: ConnectionFlags,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.into(), value.into())),
        _ => Err("write it like KEY=VALUE".into()),
    }
}
