//! What operators may do: one command in, one JSON object out. The same whether the service runs (over its
//! socket) or not (straight at the store).

use crate::audit;
use emulator::{Fault, Stage};
use model::id::{ImageId, ProjectId};
use model::image::{Image, LABEL_CLOUD_PHONE, LABELS};
use model::server::{PHONE_MODELS, phone_model};
use runtime::EmulatedRuntime;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::{ADB_KEYS_MAX, AdbKey, NewServer, Store};

/// Most phones that one server may get.
pub const PHONES_MAX: usize = 100_000;
/// The domain of projects when none is named.
const DOMAIN: &str = "phoneyard";

/// A command.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Command {
    /// Make a project.
    ProjectCreate { name: String, id: Option<String>, domain: Option<String> },
    /// List projects.
    ProjectList,
    /// Make a user of a project.
    UserCreate { name: String, password: String, project: String },
    /// Make an access key for a user.
    AccessKeyCreate { user: String },
    /// Make an image, public unless a project is named.
    ImageCreate {
        name: String,
        android_version: String,
        label: Option<String>,
        properties: BTreeMap<String, String>,
        project: Option<String>,
    },
    /// Make a server with phones.
    ServerCreate { name: String, project: String, phones: usize, image: String, phone_model: Option<String> },
    /// Let an adb key open the phones of a project.
    AdbKeyAdd { project: String, key: String },
    /// List the adb keys of a project.
    AdbKeyList { project: String },
    /// Take an adb key away from a project.
    AdbKeyRemove { project: String, fingerprint: String },
    /// Set or clear a fault of an emulated phone.
    PhoneFault { phone_id: String, fault: String },
    /// Tell who changed what, the latest first.
    AuditList { project: Option<String>, since_ms: Option<i64>, request: Option<String>, limit: i64 },
    /// Tell how the running service is.
    Status,
}

/// The faults by the names that operators use.
pub const FAULTS: [&str; 8] = [
    "none",
    "never-boots",
    "boots-late",
    "refuses",
    "drops-properties",
    "dies-while-booting",
    "dies-later",
    "no-adb",
];

/// How long a phone with the fault `dies-later` runs.
const DIES_LATER_MS: u64 = 1000;
/// How many times longer a boot with the fault `boots-late` takes.
const LATE_FACTOR: f64 = 3.0;

/// Carries out a command, and keeps in the audit log what it changed.
///
/// # Errors
/// A line for the operator.
pub async fn perform(
    store: &Store,
    runtime: Option<&EmulatedRuntime>,
    command: Command,
) -> Result<Value, String> {
    let reply = carry_out(store, runtime, command.clone()).await?;
    if let Some(change) = audit::change(&command, &reply)
        && let Err(error) = store.audit_add(&change).await
    {
        // It is done; that it is not on record is for the log.
        tracing::error!(%error, operation = change.operation, "a change could not be kept in the audit log");
    }
    Ok(reply)
}

async fn carry_out(
    store: &Store,
    runtime: Option<&EmulatedRuntime>,
    command: Command,
) -> Result<Value, String> {
    let text = |e: store::StoreError| e.to_string();
    match command {
        Command::ProjectCreate { name, id, domain } => {
            let id = id.map(checked_id).transpose()?.map(ProjectId::new);
            let domain = domain.unwrap_or_else(|| DOMAIN.into());
            let project = store.project_create(&domain, &named("project", name)?, id).await.map_err(text)?;
            Ok(json!({"project_id": project.id, "name": project.name, "domain_id": project.domain.id,
                "domain": project.domain.name}))
        }
        Command::ProjectList => {
            let projects = store.projects_all().await.map_err(text)?;
            let list: Vec<Value> = projects
                .iter()
                .map(|p| json!({"project_id": p.id, "name": p.name, "domain": p.domain.name}))
                .collect();
            Ok(json!({ "projects": list }))
        }
        Command::UserCreate { name, password, project } => {
            if password.is_empty() {
                return Err("the password is empty".into());
            }
            let project = store.project_named(&project).await.map_err(text)?;
            let user = store.user_create(&named("user", name)?, password, &project).await.map_err(text)?;
            Ok(json!({"user_id": user.id, "name": user.name, "domain": user.domain.name,
                "project_id": project.id}))
        }
        Command::AccessKeyCreate { user } => {
            let found = store.user_find(&user, None).await.map_err(text)?;
            let found = found.ok_or_else(|| format!("there is no user {user}"))?;
            let (ak, sk) = store.access_key_create(&found.id).await.map_err(text)?;
            Ok(json!({"user_id": found.id, "ak": ak, "sk": sk}))
        }
        Command::ImageCreate { name, android_version, label, properties, project } => {
            image_create(store, named("image", name)?, android_version, label, properties, project).await
        }
        Command::ServerCreate { name, project, phones, image, phone_model } => {
            server_create(store, named("server", name)?, project, phones, image, phone_model).await
        }
        Command::AdbKeyAdd { project, key } => adb_key_add(store, &project, &key).await,
        Command::AdbKeyList { project } => adb_key_list(store, &project).await,
        Command::AdbKeyRemove { project, fingerprint } => adb_key_remove(store, &project, &fingerprint).await,
        Command::AuditList { project, since_ms, request, limit } => {
            audit::list(store, project, since_ms, request, limit).await
        }
        Command::Status => Err("the service does not run here; only a running one has a status".into()),
        Command::PhoneFault { phone_id, fault } => {
            let runtime = runtime.ok_or("the service does not run here; faults are set in a running one")?;
            let parsed = parse_fault(&fault)?;
            if !store.phone_known(&phone_id).await.map_err(text)? {
                return Err(format!("there is no phone {phone_id}"));
            }
            runtime.emulator().set_fault(&checked_id(phone_id.clone())?, parsed);
            Ok(json!({"phone_id": phone_id, "fault": fault}))
        }
    }
}

async fn adb_key_add(store: &Store, project: &str, key: &str) -> Result<Value, String> {
    let text = |e: store::StoreError| e.to_string();
    let parsed = adb::auth::PublicKey::parse(key).map_err(|e| format!("this is no adb key: {e}"))?;
    let project = store.project_named(project).await.map_err(text)?;
    let stored = AdbKey { fingerprint: parsed.fingerprint(), text: parsed.to_text() };
    if !store.adb_key_add(&project.id, &stored).await.map_err(text)? {
        return Err(format!("project {} has {ADB_KEYS_MAX} keys, and no more fit", project.name));
    }
    Ok(json!({"fingerprint": stored.fingerprint, "name": key_name(&stored.text), "project_id": project.id}))
}

async fn adb_key_list(store: &Store, project: &str) -> Result<Value, String> {
    let text = |e: store::StoreError| e.to_string();
    let project = store.project_named(project).await.map_err(text)?;
    let keys = store.adb_keys(&project.id).await.map_err(text)?;
    let list: Vec<Value> =
        keys.iter().map(|key| json!({"fingerprint": key.fingerprint, "name": key_name(&key.text)})).collect();
    Ok(json!({ "keys": list }))
}

async fn adb_key_remove(store: &Store, project: &str, fingerprint: &str) -> Result<Value, String> {
    let text = |e: store::StoreError| e.to_string();
    let project = store.project_named(project).await.map_err(text)?;
    match store.adb_key_remove(&project.id, fingerprint).await.map_err(text)? {
        true => Ok(json!({"removed": fingerprint, "project_id": project.id})),
        false => Err(format!("project {} has no key {fingerprint}", project.name)),
    }
}

/// Who a key belongs to, as adb notes behind it.
fn key_name(text: &str) -> &str {
    text.split_once(' ').map_or("", |(_, name)| name)
}

async fn image_create(
    store: &Store,
    name: String,
    android_version: String,
    label: Option<String>,
    build_properties: BTreeMap<String, String>,
    project: Option<String>,
) -> Result<Value, String> {
    let text = |e: store::StoreError| e.to_string();
    let label = label.unwrap_or_else(|| LABEL_CLOUD_PHONE.into());
    if !LABELS.contains(&label.as_str()) {
        return Err(format!("the label must be one of {}", LABELS.join(", ")));
    }
    if !android_version.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.') || android_version.is_empty()
    {
        return Err("the Android version must be like 11 or 8.1.0".into());
    }
    for (key, value) in &build_properties {
        emulator::property::check_boot(key, value).map_err(|e| format!("property {key}: {e}"))?;
    }
    let project_id = match project {
        Some(project) => Some(store.project_named(&project).await.map_err(text)?.id),
        None => None,
    };
    let image = Image {
        id: ImageId::generate(),
        project_id,
        name,
        android_version,
        label,
        build_properties,
        receive_status: None,
        create_ms: store.clock().now_ms(),
    };
    store.image_insert(&image).await.map_err(text)?;
    let mut reply = json!({"image_id": image.id, "name": image.name, "version": image.version()});
    if let Some(project_id) = &image.project_id {
        reply["project_id"] = json!(project_id);
    }
    Ok(reply)
}

async fn server_create(
    store: &Store,
    name: String,
    project: String,
    phones: usize,
    image: String,
    model: Option<String>,
) -> Result<Value, String> {
    let text = |e: store::StoreError| e.to_string();
    let project = store.project_named(&project).await.map_err(text)?;
    let model = model.unwrap_or_else(|| PHONE_MODELS.first().map_or("", |m| m.name).into());
    let model = phone_model(&model).ok_or_else(|| format!("there is no phone model {model}"))?;
    if phones > PHONES_MAX.min(usize::try_from(model.capacity).unwrap_or(usize::MAX)) {
        return Err(format!("a server holds at most {PHONES_MAX} phones"));
    }
    let images = store.images_list(&project.id).await.map_err(text)?;
    let image = images.into_iter().find(|i| i.id.as_str() == image && i.usable());
    let image = image.ok_or("there is no such image for this project")?;
    if image.label != model.image_label {
        return Err(format!("phones of {} need an image with label {}", model.name, model.image_label));
    }
    let new = NewServer {
        project_id: project.id,
        name,
        server_model: model.server_model.into(),
        phone_model: model.name.into(),
        image_id: image.id,
        phones,
    };
    let (server, phones) = store.server_create(&new).await.map_err(text)?;
    Ok(json!({"server_id": server.id, "name": server.name, "project_id": server.project_id,
        "phone_ids": phones}))
}

/// CPH's rule for names of phones and servers: letters, digits, Chinese, `-` and `_`
/// (`contract/operations.md`). Phone names add a number of six characters and may have 65.
fn named(what: &str, name: String) -> Result<String, String> {
    let letter = |c: char| {
        c.is_ascii_alphanumeric()
            || matches!(c, '-' | '_' | '.' | ' ')
            || ('\u{4e00}'..='\u{9fff}').contains(&c)
    };
    let count = name.chars().count();
    if (1..=55).contains(&count) && name.chars().all(letter) {
        Ok(name)
    } else {
        Err(format!("the {what}'s name must be 1 to 55 letters, digits, spaces, '-', '_' and '.'"))
    }
}

fn checked_id(id: String) -> Result<String, String> {
    if model::id::well_formed(&id) { Ok(id) } else { Err(format!("{id} is no id: 32 lower-case hex digits")) }
}

fn parse_fault(name: &str) -> Result<Option<Fault>, String> {
    Ok(Some(match name {
        "none" => return Ok(None),
        "never-boots" => Fault::NeverBoots,
        "boots-late" => Fault::BootsLate { factor: LATE_FACTOR },
        "refuses" => Fault::Refuses,
        "drops-properties" => Fault::DropsFraction(1.0),
        "dies-while-booting" => Fault::DiesBooting { stage: Stage::Zygote },
        "no-adb" => Fault::NoAdb,
        "dies-later" => Fault::DiesLater { after_ms: DIES_LATER_MS },
        _ => return Err(format!("a fault is one of {}", FAULTS.join(", "))),
    }))
}
