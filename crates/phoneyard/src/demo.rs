//! `phoneyard demo`: a service with emulated phones, a tour through its API, and then it stays.

mod adb;
mod client;
mod tour;

use crate::config::{Config, PortRange, ServeArguments};
use crate::duration::Span;
use crate::operator::{self, Command, PHONES_MAX};
use crate::service::{Service, until_signal};
use clap::Args;
use client::Client;
use std::collections::BTreeMap;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::Store;

/// The tour shows a good, a refused and a failing phone, and one that is left alone.
const PHONES_MIN: usize = 4;
const PROJECT: &str = "local-1";
const USER: &str = "demo";
const ENV_FILE: &str = "demo.env";
const NEW_ANDROID_VERSION: &str = "14";

/// Flags of `phoneyard demo`.
#[derive(Debug, Args)]
pub struct DemoArguments {
    /// How many phones the server gets
    #[arg(long, default_value_t = 10)]
    phones: usize,
    /// How long a phone takes to boot
    #[arg(long, default_value = "2s")]
    boot_time: Span,
    /// Where the demo keeps everything; an earlier demo there is removed
    #[arg(long, default_value = "demo-data")]
    data_dir: PathBuf,
    /// Address to listen on; port 0 takes a free one [default: 127.0.0.1:8080, or a free port if that is taken]
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Ports of this machine for the phones' adb; those that other programs have are left out
    #[arg(long, default_value = "20000-29999")]
    adb_ports: PortRange,
    /// End after the tour
    #[arg(long)]
    once: bool,
}

/// What the demo made: what a client needs to know.
#[derive(Debug)]
pub(crate) struct Yard {
    pub(crate) endpoint: String,
    pub(crate) project_id: String,
    pub(crate) server_id: String,
    pub(crate) phone_ids: Vec<String>,
    pub(crate) new_image: String,
    pub(crate) new_android_version: String,
    pub(crate) ak: String,
    pub(crate) sk: String,
    pub(crate) password: String,
}

/// Runs the demo.
///
/// # Errors
/// A line for the operator; also when the tour meets anything else than it should.
pub async fn run(arguments: DemoArguments) -> Result<(), String> {
    if !(PHONES_MIN..=PHONES_MAX).contains(&arguments.phones) {
        return Err(format!("--phones must be from {PHONES_MIN} to {PHONES_MAX}"));
    }
    fresh(&arguments.data_dir)?;
    let service = start(&arguments).await?;
    let toured = tokio::select! {
        toured = show(&service, &arguments) => Some(toured),
        signalled = until_signal() => { signalled?; None }
    };
    if let Some(Ok(())) = toured
        && !arguments.once
    {
        say!("\nThe service stays at {} until Ctrl-C.", service.endpoint);
        until_signal().await?;
    }
    service.stop().await;
    toured.unwrap_or(Ok(()))
}

/// Removes an earlier demo; anything else is not touched.
fn fresh(dir: &Path) -> Result<(), String> {
    let failed = |e: std::io::Error| format!("{}: {e}", dir.display());
    let Ok(mut entries) = std::fs::read_dir(dir) else { return Ok(()) };
    if entries.next().is_none() {
        return Ok(());
    }
    let earlier = dir.join(MARK);
    if !earlier.exists() {
        return Err(format!("{} is not empty and not a demo's; name another --data-dir", dir.display()));
    }
    // A demo that still runs answers here; its files must stay.
    if std::os::unix::net::UnixStream::connect(dir.join("operator.sock")).is_ok() {
        return Err(format!("a demo is running on {}; stop it first", dir.display()));
    }
    std::fs::remove_dir_all(dir).map_err(failed)
}

/// Says that a directory is a demo's and may be removed by the next one.
const MARK: &str = ".demo";

async fn start(arguments: &DemoArguments) -> Result<Service, String> {
    let mut config = Config::load(&ServeArguments {
        data_dir: Some(arguments.data_dir.clone()),
        listen: Some(arguments.listen.unwrap_or_else(address)),
        ..ServeArguments::default()
    })?;
    config.operator_listen = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    config.region = PROJECT.into();
    config.emulated.adb_ports = Some(arguments.adb_ports.clone());
    config.emulated.boot_time = arguments.boot_time;
    config.emulated.boot_deadline = Span(Duration::from_secs(5) + arguments.boot_time.0 * 3);
    config.check()?;
    let service = Service::start(&config).await?;
    std::fs::write(arguments.data_dir.join(MARK), "").map_err(|e| e.to_string())?;
    Ok(service)
}

/// The usual address, or one with a free port when another program has the usual one.
fn address() -> SocketAddr {
    let usual = SocketAddr::from(([127, 0, 0, 1], 8080));
    match std::net::TcpListener::bind(usual) {
        Ok(_) => usual,
        Err(_) => SocketAddr::from(([127, 0, 0, 1], 0)),
    }
}

async fn show(service: &Service, arguments: &DemoArguments) -> Result<(), String> {
    let yard = furnish(&service.store, &service.endpoint, arguments.phones).await?;
    adb::register_keys(service, &arguments.data_dir, PROJECT).await?;
    say!("Phoneyard listens on {}", yard.endpoint);
    if let Some(endpoint) = &service.operator_endpoint {
        say!("  metrics     {endpoint}/metrics");
    }
    say!("  project id  {}", yard.project_id);
    say!("  AK / SK     {} / {}", yard.ak, yard.sk);
    let mut client = Client::new(&yard)?;
    let token = client.log_in(USER, &yard.password, PROJECT).await?;
    say!("  token       {}... (the whole one is in {ENV_FILE})", &token[..token.len().min(16)]);
    tour::run(&client, &yard, service).await?;
    let address = adb_address(&client.phone(&yard.phone_ids[0]).await?)?;
    adb::look(&yard, &arguments.data_dir, address).await?;
    write_env(&arguments.data_dir, &yard, &token, address)?;
    say!("\nTo use it from a shell, curl or an official SDK:");
    say!("  . {}", arguments.data_dir.join(ENV_FILE).display());
    Ok(())
}

/// Makes a project with a user, an access key, two images and a server with phones.
async fn furnish(store: &Store, endpoint: &str, phones: usize) -> Result<Yard, String> {
    let make = |command| operator::perform(store, None, command);
    let text = |value: &serde_json::Value, name: &str| value[name].as_str().unwrap_or_default().to_string();
    let project = make(Command::ProjectCreate { name: PROJECT.into(), id: None, domain: None }).await?;
    let password = model::id::generate();
    make(Command::UserCreate { name: USER.into(), password: password.clone(), project: PROJECT.into() })
        .await?;
    let key = make(Command::AccessKeyCreate { user: USER.into() }).await?;
    let mut images = Vec::new();
    for android_version in ["11", NEW_ANDROID_VERSION] {
        let build = [("ro.build.version.release", android_version), ("ro.product.brand", "Phoneyard")];
        let command = Command::ImageCreate {
            name: format!("android-{android_version}"),
            android_version: android_version.into(),
            label: None,
            properties: build
                .map(|(k, v)| (k.to_string(), v.to_string()))
                .into_iter()
                .collect::<BTreeMap<_, _>>(),
            project: None,
        };
        images.push(text(&make(command).await?, "image_id"));
    }
    let command = Command::ServerCreate {
        name: "rack-1".into(),
        project: PROJECT.into(),
        phones,
        image: images[0].clone(),
        phone_model: None,
    };
    let server = make(command).await?;
    let phone_ids = server["phone_ids"].as_array().into_iter().flatten();
    Ok(Yard {
        endpoint: endpoint.into(),
        project_id: text(&project, "project_id"),
        server_id: text(&server, "server_id"),
        phone_ids: phone_ids.filter_map(|id| id.as_str().map(String::from)).collect(),
        new_image: images.remove(1),
        new_android_version: NEW_ANDROID_VERSION.into(),
        ak: text(&key, "ak"),
        sk: text(&key, "sk"),
        password,
    })
}

/// Where adb reaches a phone, as the API tells it.
fn adb_address(phone: &wire::phone::CloudPhoneDetail) -> Result<SocketAddr, String> {
    let info = phone.access_infos.iter().find(|info| info.name == "adb").ok_or("no port for adb is free")?;
    format!("{}:{}", info.server_ip, info.access_port).parse().map_err(text)
}

/// What points shells, curl, adb and the official SDKs at the demo.
fn write_env(dir: &Path, yard: &Yard, token: &str, adb: SocketAddr) -> Result<(), String> {
    let key = std::path::absolute(dir.join(adb::KEY_FILE)).map_err(text)?;
    let lines = [
        ("HUAWEICLOUD_SDK_AK", yard.ak.clone()),
        ("HUAWEICLOUD_SDK_SK", yard.sk.clone()),
        ("HUAWEICLOUD_SDK_PROJECT_ID", yard.project_id.clone()),
        ("HUAWEICLOUD_SDK_IAM_ENDPOINT", yard.endpoint.clone()),
        ("PHONEYARD_ENDPOINT", yard.endpoint.clone()),
        ("PHONEYARD_TOKEN", token.into()),
        ("PHONEYARD_ADB", adb.to_string()),
        ("ADB_VENDOR_KEYS", format!("'{}'", key.display())),
    ];
    let lines: String = lines.iter().map(|(name, value)| format!("export {name}={value}\n")).collect();
    write_private(&dir.join(ENV_FILE), &lines)
}

/// Writes what holds secrets: for its owner only, and there only as a whole.
fn write_private(path: &Path, content: &str) -> Result<(), String> {
    use std::os::unix::fs::OpenOptionsExt;
    let failed = |e: std::io::Error| format!("{}: {e}", path.display());
    let part = path.with_extension("part");
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&part).map_err(failed)?;
    file.write_all(content.as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    std::fs::rename(&part, path).map_err(failed)
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
