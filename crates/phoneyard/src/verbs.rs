//! Operator verbs: flags become a command, its answer becomes lines or JSON.

use crate::config::{Config, ServeArguments};
use crate::operator::{self, Command, FAULTS};
use crate::{service, socket};
use clap::{Args, Subcommand};
use serde_json::Value;
use std::io::Read;
use std::path::PathBuf;

/// What every operator verb takes.
#[derive(Debug, Args)]
pub struct Common {
    /// The service's data directory
    #[arg(long, env = "PHONEYARD_DATA_DIR")]
    data_dir: Option<PathBuf>,
    /// The service's database, when it is not SQLite in the data directory
    #[arg(long, env = "PHONEYARD_DATABASE_URL")]
    database_url: Option<String>,
    /// The service's settings file
    #[arg(long, env = "PHONEYARD_CONFIG")]
    config: Option<PathBuf>,
    /// Answer with one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

impl Common {
    /// The service's settings, as far as these flags name them.
    pub(crate) fn settings(&self) -> Result<Config, String> {
        Config::load(&ServeArguments {
            config: self.config.clone(),
            data_dir: self.data_dir.clone(),
            database_url: self.database_url.clone(),
            ..ServeArguments::default()
        })
    }
}

/// `phoneyard project`.
#[derive(Debug, Args)]
pub struct ProjectArguments {
    #[command(subcommand)]
    verb: ProjectVerb,
}

#[derive(Debug, Subcommand)]
enum ProjectVerb {
    /// Make a project.
    Create {
        /// Its name: by custom a region's, such as cn-north-4
        name: String,
        /// Its id, when it must be a certain one
        #[arg(long)]
        id: Option<String>,
        /// Its domain (account) [default: phoneyard]
        #[arg(long)]
        domain: Option<String>,
        #[command(flatten)]
        common: Common,
    },
    /// List projects.
    List {
        #[command(flatten)]
        common: Common,
    },
}

/// `phoneyard user`.
#[derive(Debug, Args)]
pub struct UserArguments {
    #[command(subcommand)]
    verb: UserVerb,
}

#[derive(Debug, Subcommand)]
enum UserVerb {
    /// Make a user of a project.
    Create {
        /// Its name
        name: String,
        /// The project it may use, by name or id
        #[arg(long)]
        project: String,
        /// Read the password from standard input (its first line)
        #[arg(long, required = true)]
        password_stdin: bool,
        #[command(flatten)]
        common: Common,
    },
}

/// `phoneyard access-key`.
#[derive(Debug, Args)]
pub struct AccessKeyArguments {
    #[command(subcommand)]
    verb: AccessKeyVerb,
}

#[derive(Debug, Subcommand)]
enum AccessKeyVerb {
    /// Make an access key; the SK is shown this once.
    Create {
        /// The user it belongs to, by name or id
        #[arg(long)]
        user: String,
        #[command(flatten)]
        common: Common,
    },
}

/// `phoneyard image`.
#[derive(Debug, Args)]
pub struct ImageArguments {
    #[command(subcommand)]
    verb: ImageVerb,
}

#[derive(Debug, Subcommand)]
enum ImageVerb {
    /// Make an image: public, or of one project.
    Create {
        /// Its name
        name: String,
        /// Its Android version, for example 11
        #[arg(long)]
        android_version: String,
        /// The phone models it suits [default: cloud_phone]
        #[arg(long)]
        label: Option<String>,
        /// A property of its build, may be repeated
        #[arg(long = "prop", value_name = "KEY=VALUE", value_parser = pair)]
        properties: Vec<(String, String)>,
        /// Not public: only --project sees it
        #[arg(long, requires = "project")]
        private: bool,
        /// The project it belongs to, with --private
        #[arg(long, requires = "private")]
        project: Option<String>,
        #[command(flatten)]
        common: Common,
    },
}

/// `phoneyard server`.
#[derive(Debug, Args)]
pub struct ServerArguments {
    #[command(subcommand)]
    verb: ServerVerb,
}

#[derive(Debug, Subcommand)]
enum ServerVerb {
    /// Make a server with emulated phones, all running.
    Create {
        /// Its name; its phones are named after it
        name: String,
        /// The project it belongs to, by name or id
        #[arg(long)]
        project: String,
        /// How many phones it gets
        #[arg(long)]
        phones: usize,
        /// The id of the image they start with
        #[arg(long)]
        image: String,
        /// Their phone model
        #[arg(long)]
        phone_model: Option<String>,
        #[command(flatten)]
        common: Common,
    },
}

/// `phoneyard adb-key`.
#[derive(Debug, Args)]
pub struct AdbKeyArguments {
    #[command(subcommand)]
    verb: AdbKeyVerb,
}

#[derive(Debug, Subcommand)]
enum AdbKeyVerb {
    /// Let a key open the project's phones.
    Add {
        /// The public key, as adb keeps it in ~/.android/adbkey.pub; - reads standard input
        file: PathBuf,
        /// The project, by name or id
        #[arg(long)]
        project: String,
        #[command(flatten)]
        common: Common,
    },
    /// List the keys that open the project's phones.
    List {
        /// The project, by name or id
        #[arg(long)]
        project: String,
        #[command(flatten)]
        common: Common,
    },
    /// Take a key away.
    Remove {
        /// The key, as the list shows it
        fingerprint: String,
        /// The project, by name or id
        #[arg(long)]
        project: String,
        #[command(flatten)]
        common: Common,
    },
}

/// `phoneyard phone`.
#[derive(Debug, Args)]
pub struct PhoneArguments {
    #[command(subcommand)]
    verb: PhoneVerb,
}

#[derive(Debug, Subcommand)]
enum PhoneVerb {
    /// Make an emulated phone fail at its next starts, until the fault is set to none.
    Fault {
        /// The phone's id
        phone_id: String,
        /// What goes wrong
        #[arg(value_parser = FAULTS)]
        fault: String,
        #[command(flatten)]
        common: Common,
    },
}

/// Far more than a public key has.
const KEY_BYTES_MAX: u64 = 16 * 1024;

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("must be KEY=VALUE")?;
    Ok((key.into(), value.into()))
}

/// Runs `phoneyard project`.
pub async fn project(arguments: ProjectArguments) -> Result<(), String> {
    match arguments.verb {
        ProjectVerb::Create { name, id, domain, common } => {
            carry_out(common, Command::ProjectCreate { name, id, domain }).await
        }
        ProjectVerb::List { common } => carry_out(common, Command::ProjectList).await,
    }
}

/// Runs `phoneyard user`.
pub async fn user(arguments: UserArguments) -> Result<(), String> {
    let UserVerb::Create { name, project, common, .. } = arguments.verb;
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|e| format!("standard input: {e}"))?;
    let password = text.lines().next().unwrap_or("").to_string();
    carry_out(common, Command::UserCreate { name, password, project }).await
}

/// Runs `phoneyard access-key`.
pub async fn access_key(arguments: AccessKeyArguments) -> Result<(), String> {
    let AccessKeyVerb::Create { user, common } = arguments.verb;
    carry_out(common, Command::AccessKeyCreate { user }).await
}

/// Runs `phoneyard image`.
pub async fn image(arguments: ImageArguments) -> Result<(), String> {
    let ImageVerb::Create { name, android_version, label, properties, project, common, .. } = arguments.verb;
    let properties = properties.into_iter().collect();
    carry_out(common, Command::ImageCreate { name, android_version, label, properties, project }).await
}

/// Runs `phoneyard server`.
pub async fn server(arguments: ServerArguments) -> Result<(), String> {
    let ServerVerb::Create { name, project, phones, image, phone_model, common } = arguments.verb;
    carry_out(common, Command::ServerCreate { name, project, phones, image, phone_model }).await
}

/// Runs `phoneyard adb-key`.
pub async fn adb_key(arguments: AdbKeyArguments) -> Result<(), String> {
    match arguments.verb {
        AdbKeyVerb::Add { file, project, common } => {
            let read = if file.as_os_str() == "-" {
                std::io::read_to_string(std::io::stdin().take(KEY_BYTES_MAX))
            } else {
                std::fs::File::open(&file).and_then(|f| std::io::read_to_string(f.take(KEY_BYTES_MAX)))
            };
            let key = read.map_err(|e| format!("{}: {e}", file.display()))?;
            carry_out(common, Command::AdbKeyAdd { project, key }).await
        }
        AdbKeyVerb::List { project, common } => carry_out(common, Command::AdbKeyList { project }).await,
        AdbKeyVerb::Remove { fingerprint, project, common } => {
            carry_out(common, Command::AdbKeyRemove { project, fingerprint }).await
        }
    }
}

/// Runs `phoneyard phone`.
pub async fn phone(arguments: PhoneArguments) -> Result<(), String> {
    let PhoneVerb::Fault { phone_id, fault, common } = arguments.verb;
    carry_out(common, Command::PhoneFault { phone_id, fault }).await
}

/// Carries out a command and prints its answer.
async fn carry_out(common: Common, command: Command) -> Result<(), String> {
    let value = ask_or_do(&common, command).await?;
    print(&value, common.json);
    Ok(())
}

/// Asks the running service, or works on the store when none runs.
///
/// # Errors
/// A line for the operator.
pub(crate) async fn ask_or_do(common: &Common, command: Command) -> Result<Value, String> {
    let config = common.settings()?;
    match socket::ask(&config.data_dir, &command).await? {
        Some(value) => Ok(value),
        None if matches!(command, Command::PhoneFault { .. }) => {
            let dir = config.data_dir.display();
            Err(format!("no service runs on {dir}; faults are set in a running one"))
        }
        None => {
            // Only the first step of all makes a data directory; a mistyped one must not become an empty service.
            if !config.data_dir.is_dir() && !matches!(command, Command::ProjectCreate { .. }) {
                let dir = config.data_dir.display();
                return Err(format!("there is no data directory {dir}; `project create` makes one"));
            }
            let store = service::open_store(&config).await?;
            let result = operator::perform(&store, None, command).await;
            store.db().close().await;
            result
        }
    }
}

/// Prints an answer: JSON on one line, or `name: value` lines, access keys in shell syntax.
fn print(value: &Value, as_json: bool) {
    if as_json {
        say!("{value}");
        return;
    }
    if let (Some(ak), Some(sk)) = (value["ak"].as_str(), value["sk"].as_str()) {
        say!("HUAWEICLOUD_SDK_AK={ak}\nHUAWEICLOUD_SDK_SK={sk}");
        return;
    }
    for (name, value) in value.as_object().into_iter().flatten() {
        match value {
            Value::Array(items) if name == "phone_ids" => say!("phones: {}", items.len()),
            Value::Array(items) => items.iter().for_each(|item| say!("{item}")),
            Value::String(text) => say!("{name}: {text}"),
            other => say!("{name}: {other}"),
        }
    }
}
