//! `dumpsys package`, and `pm dump`.

use super::util::{error, print};
use crate::apps::installer;
use crate::apps::packages::{Package, dangerous};
use crate::calendar::date_time;
use crate::guest::Guest;
use crate::program::Process;

/// `dumpsys package [NAME]`.
pub(super) async fn dump(guest: &Guest, process: &Process, arguments: &[String]) -> u8 {
    let packages = match installer::packages(guest) {
        Ok(packages) => packages.all(guest.sdk()),
        Err(why) => return error(process, &format!("Error: {why}")).await,
    };
    let wanted = arguments.iter().find(|argument| !argument.starts_with('-') && *argument != "packages");
    let found: Vec<&Package> =
        packages.iter().filter(|package| wanted.is_none_or(|name| *name == package.name)).collect();
    if let (Some(name), true) = (wanted, found.is_empty()) {
        process.say(format!("Unable to find package: {name}")).await;
        return 0;
    }
    let mut text = String::new();
    if let (Some(_), [package]) = (wanted, found.as_slice()) {
        text += &activities(package);
    }
    text += "Packages:\n";
    for package in found {
        text += &one(package);
    }
    print(process, text).await;
    0
}

fn activities(package: &Package) -> String {
    let Some(main) = &package.main_activity else { return String::new() };
    let short = package.short(main);
    format!(
        "Activity Resolver Table:\n  Non-Data Actions:\n      android.intent.action.MAIN:\n        {:07x} {short} filter {:07x}\n          \
         Action: \"android.intent.action.MAIN\"\n          Category: \"android.intent.category.LAUNCHER\"\n\n",
        mark(&package.name),
        mark(main)
    )
}

/// A number that stands where Android prints an object's.
fn mark(text: &str) -> u64 {
    crate::phone::rng::fnv(text.as_bytes()) & 0x0fff_ffff
}

fn one(package: &Package) -> String {
    let Package { name, uid, code_path, version_code, min_sdk, target_sdk, version_name, .. } = package;
    let splits: Vec<&str> =
        std::iter::once("base").chain(package.splits.keys().map(String::as_str)).collect();
    let mut flags = Vec::new();
    flags.extend(package.system.then_some("SYSTEM"));
    flags.extend(package.debuggable.then_some("DEBUGGABLE"));
    flags.extend(["HAS_CODE", "ALLOW_CLEAR_USER_DATA", "ALLOW_BACKUP"]);
    let mut text = format!(
        "  Package [{name}] ({:07x}):\n    userId={uid}\n    pkg=Package{{{:07x} {name}}}\n    codePath={code_path}\n    \
         resourcePath={code_path}\n    legacyNativeLibraryDir={code_path}/lib\n    primaryCpuAbi={}\n    \
         secondaryCpuAbi=null\n    versionCode={version_code} minSdk={min_sdk} targetSdk={target_sdk}\n    \
         versionName={version_name}\n    splits=[{}]\n    apkSigningVersion=2\n    flags=[ {} ]\n    \
         dataDir=/data/user/0/{name}\n    timeStamp={}\n    firstInstallTime={}\n    lastUpdateTime={}\n",
        mark(name),
        mark(code_path),
        package.abi.as_deref().unwrap_or("null"),
        splits.join(", "),
        flags.join(" "),
        date_time(package.last_update_ms),
        date_time(package.first_install_ms),
        date_time(package.last_update_ms),
    );
    if let Some(installer) = &package.installer {
        text += &format!("    installerPackageName={installer}\n");
    }
    if !package.permissions.is_empty() {
        text += "    requested permissions:\n";
        text.extend(package.permissions.iter().map(|name| format!("      {name}\n")));
        text += "    install permissions:\n";
        let plain = package.permissions.iter().filter(|name| !dangerous(name));
        text.extend(plain.map(|name| format!("      {name}: granted=true\n")));
    }
    text += &format!(
        "    User 0: ceDataInode=0 installed=true hidden=false suspended=false stopped=false notLaunched=false enabled={} instant=false\n",
        package.enabled as u8
    );
    let asked: Vec<&String> = package.permissions.iter().filter(|name| dangerous(name)).collect();
    if !asked.is_empty() {
        text += "      runtime permissions:\n";
        text.extend(
            asked.iter().map(|name| format!("        {name}: granted={}\n", package.granted.contains(*name))),
        );
    }
    text + "\n"
}
