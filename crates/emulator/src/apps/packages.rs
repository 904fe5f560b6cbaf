//! Which packages a phone has, and the rules for installing: pure, kept as a JSON file in the phone's tree.

use crate::apps::apk::{Apk, ApkError};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Packages that can be installed.
pub(crate) const PACKAGES_MAX: usize = 512;
/// Install sessions that are open at once.
pub(crate) const SESSIONS_MAX: usize = 16;
/// Files of an install session.
pub(crate) const STAGED_MAX: usize = 64;
/// The first user of an app.
const UID_FIRST: u32 = 10_100;
/// Apps made for this and later are asked for permissions as they run.
const SDK_RUNTIME_PERMISSIONS: u32 = 23;
/// From here on installing replaces unless it is told not to.
const SDK_REPLACES: u32 = 28;

/// Permissions that people grant, without `android.permission.`.
const DANGEROUS: &[&str] = &[
    "ACCESS_BACKGROUND_LOCATION",
    "ACCESS_COARSE_LOCATION",
    "ACCESS_FINE_LOCATION",
    "ACCESS_MEDIA_LOCATION",
    "ACTIVITY_RECOGNITION",
    "ANSWER_PHONE_CALLS",
    "BLUETOOTH_ADVERTISE",
    "BLUETOOTH_CONNECT",
    "BLUETOOTH_SCAN",
    "BODY_SENSORS",
    "CALL_PHONE",
    "CAMERA",
    "GET_ACCOUNTS",
    "POST_NOTIFICATIONS",
    "READ_CALENDAR",
    "READ_CALL_LOG",
    "READ_CONTACTS",
    "READ_EXTERNAL_STORAGE",
    "READ_MEDIA_AUDIO",
    "READ_MEDIA_IMAGES",
    "READ_MEDIA_VIDEO",
    "READ_PHONE_NUMBERS",
    "READ_PHONE_STATE",
    "READ_SMS",
    "RECEIVE_MMS",
    "RECEIVE_SMS",
    "RECORD_AUDIO",
    "SEND_SMS",
    "USE_SIP",
    "WRITE_CALENDAR",
    "WRITE_CALL_LOG",
    "WRITE_CONTACTS",
    "WRITE_EXTERNAL_STORAGE",
];

/// Whether people grant it.
pub(crate) fn dangerous(permission: &str) -> bool {
    permission.strip_prefix("android.permission.").is_some_and(|name| DANGEROUS.contains(&name))
}

/// Whether a package can be started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Enabled {
    /// As its manifest says: yes.
    #[default]
    Default,
    /// Yes.
    On,
    /// No.
    Off,
    /// No, by its user.
    OffByUser,
}

impl Enabled {
    /// Whether it is one of the two that say no.
    pub(crate) fn off(self) -> bool {
        matches!(self, Self::Off | Self::OffByUser)
    }

    /// As `pm enable` and the like print it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::On => "enabled",
            Self::Off => "disabled",
            Self::OffByUser => "disabled-user",
        }
    }
}

/// A package on the phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) version_code: u64,
    pub(crate) version_name: String,
    pub(crate) min_sdk: u32,
    pub(crate) target_sdk: u32,
    pub(crate) debuggable: bool,
    pub(crate) main_activity: Option<String>,
    pub(crate) activities: Vec<String>,
    pub(crate) permissions: Vec<String>,
    pub(crate) granted: BTreeSet<String>,
    pub(crate) abi: Option<String>,
    /// The directory of its APKs.
    pub(crate) code_path: String,
    /// Names of its splits, and bytes of their files.
    pub(crate) splits: BTreeMap<String, u64>,
    /// Bytes of its base.
    pub(crate) size: u64,
    pub(crate) uid: u32,
    pub(crate) first_install_ms: i64,
    pub(crate) last_update_ms: i64,
    pub(crate) enabled: Enabled,
    /// It came with the image.
    pub(crate) system: bool,
    pub(crate) installer: Option<String>,
}

impl Package {
    /// The paths of its APKs, the base first.
    pub(crate) fn paths(&self) -> Vec<String> {
        let base =
            if self.system { format!("{}.apk", file_stem(&self.code_path)) } else { "base.apk".into() };
        let splits = self.splits.keys().map(|name| split_file(name));
        std::iter::once(base).chain(splits).map(|file| format!("{}/{file}", self.code_path)).collect()
    }

    /// Its activity as `am` writes it: the package's name left out where it repeats.
    pub(crate) fn short(&self, activity: &str) -> String {
        let short = activity.strip_prefix(self.name.as_str()).filter(|rest| rest.starts_with('.'));
        format!("{}/{}", self.name, short.unwrap_or(activity))
    }
}

fn file_stem(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The file that a split is kept in.
pub(crate) fn split_file(split: &str) -> String {
    format!("split_{split}.apk")
}

/// What was changed about a package of the image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Changed {
    pub(crate) enabled: Enabled,
    pub(crate) granted: BTreeSet<String>,
}

/// How to install.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Options {
    /// -r
    pub(crate) replace: bool,
    /// -R
    pub(crate) keep: bool,
    /// -d
    pub(crate) downgrade: bool,
    /// -g
    pub(crate) grant: bool,
    /// -p: the package that splits are added to.
    pub(crate) inherit: Option<String>,
    /// -i
    pub(crate) installer: Option<String>,
}

/// An install session.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Staging {
    /// The boot that it was opened in: it ends with that.
    #[serde(default)]
    pub(crate) boot_id: u64,
    pub(crate) options: Options,
    /// Names and bytes of the files that were written.
    pub(crate) files: BTreeMap<String, u64>,
}

/// The packages of a phone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Packages {
    uid_last: u32,
    pub(crate) installed: BTreeMap<String, Package>,
    pub(crate) changed: BTreeMap<String, Changed>,
    pub(crate) sessions: BTreeMap<u32, Staging>,
}

/// Why an app is not installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Android's name for it.
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.message.as_str() {
            "" => write!(f, "Failure [{}]", self.code),
            message => write!(f, "Failure [{}: {message}]", self.code),
        }
    }
}

impl From<ApkError> for Failure {
    fn from(error: ApkError) -> Self {
        Self::new(error.name(), error.to_string())
    }
}

/// The phone that an app is to be installed on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) sdk: u32,
    pub(crate) abis: &'a str,
    pub(crate) wall_ms: i64,
}

const INVALID: &str = "INSTALL_FAILED_INVALID_APK";

/// Names of the files that were put in place, and of what they are in the package: the base for none.
pub(crate) type Parts = Vec<(String, Option<String>)>;

impl Packages {
    /// A package, wherever it came from.
    pub(crate) fn get(&self, name: &str, sdk: u32) -> Option<Package> {
        let installed = self.installed.get(name).cloned();
        installed.or_else(|| crate::apps::system_packages::get(name, sdk).map(|found| self.as_changed(found)))
    }

    /// All packages, by name.
    pub(crate) fn all(&self, sdk: u32) -> Vec<Package> {
        let system = crate::apps::system_packages::all(sdk).map(|found| self.as_changed(found));
        let mut all: Vec<Package> = self.installed.values().cloned().chain(system).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    fn as_changed(&self, mut package: Package) -> Package {
        if let Some(changed) = self.changed.get(&package.name) {
            package.enabled = changed.enabled;
            package.granted.clone_from(&changed.granted);
        }
        package
    }

    /// Puts a changed package in place.
    pub(crate) fn put(&mut self, package: Package) {
        if package.system {
            let changed = Changed { enabled: package.enabled, granted: package.granted };
            self.changed.insert(package.name, changed);
        } else {
            self.installed.insert(package.name.clone(), package);
        }
    }

    /// Whether the files of a session may be installed, and as what: the package without its code path, and
    /// what each file is.
    pub(crate) fn admit(
        &mut self,
        apks: &[(String, u64, Apk)],
        options: &Options,
        target: Target<'_>,
    ) -> Result<(Package, Parts), Failure> {
        let (first, base) = consistent(apks, options)?;
        if crate::apps::system_packages::get(&first.package, target.sdk).is_some() {
            let name = &first.package;
            let message =
                format!("Package {name} signatures do not match previously installed version; ignoring!");
            return Err(Failure::new("INSTALL_FAILED_UPDATE_INCOMPATIBLE", message));
        }
        let before = self.installed.get(&first.package);
        let mut package = match (base, &options.inherit, before) {
            (Some((size, apk)), None, before) => {
                allowed(apk, options, target, before)?;
                of_base(apk, size, options, target)
            }
            (_, Some(_), Some(before)) if before.version_code == first.version_code => before.clone(),
            (None, None, _) => return Err(Failure::new(INVALID, "Full install must include a base package")),
            (_, Some(_), _) => return Err(Failure::new(INVALID, "Missing existing base package")),
        };
        if before.is_none() && self.installed.len() >= PACKAGES_MAX {
            return Err(Failure::new("INSTALL_FAILED_INSUFFICIENT_STORAGE", "Too many packages"));
        }
        match before {
            Some(before) => {
                package.uid = before.uid;
                package.first_install_ms = before.first_install_ms;
                package.enabled = before.enabled;
                let kept = before.granted.iter().filter(|name| package.permissions.contains(name)).cloned();
                package.granted.extend(kept.collect::<Vec<_>>());
            }
            None => {
                self.uid_last = self.uid_last.max(UID_FIRST - 1) + 1;
                package.uid = self.uid_last;
            }
        }
        package.last_update_ms = target.wall_ms;
        let mut parts = Parts::new();
        for (file, size, apk) in apks {
            if let Some(split) = &apk.split {
                package.splits.insert(split.clone(), *size);
            }
            parts.push((file.clone(), apk.split.clone()));
        }
        Ok((package, parts))
    }
}

/// The first of the files, and the base among them, if they belong together.
#[allow(clippy::type_complexity)]
fn consistent<'a>(
    apks: &'a [(String, u64, Apk)],
    options: &Options,
) -> Result<(&'a Apk, Option<(u64, &'a Apk)>), Failure> {
    let invalid = |message: String| Err(Failure::new(INVALID, message));
    let Some((_, _, first)) = apks.first() else { return invalid("No packages staged".into()) };
    let mut seen = BTreeSet::new();
    for (file, _, apk) in apks {
        let expected = options.inherit.as_ref().unwrap_or(&first.package);
        if apk.package != *expected {
            return invalid(format!("{file} package {} inconsistent with {expected}", apk.package));
        }
        if apk.version_code != first.version_code {
            let (found, expected) = (apk.version_code, first.version_code);
            return invalid(format!("{file} version code {found} inconsistent with {expected}"));
        }
        if !seen.insert(&apk.split) {
            let split = apk.split.as_deref().unwrap_or("null");
            return invalid(format!("Split {split} was defined multiple times"));
        }
    }
    let base = apks.iter().find(|(_, _, apk)| apk.split.is_none());
    Ok((first, base.map(|(_, size, apk)| (*size, apk))))
}

/// Whether a base may be installed over what is there.
fn allowed(
    apk: &Apk,
    options: &Options,
    target: Target<'_>,
    before: Option<&Package>,
) -> Result<(), Failure> {
    if apk.min_sdk > target.sdk {
        let message =
            format!("Requires newer sdk version #{} (current version is #{})", apk.min_sdk, target.sdk);
        return Err(Failure::new("INSTALL_FAILED_OLDER_SDK", message));
    }
    let Some(before) = before else { return Ok(()) };
    let replaces = options.replace || (target.sdk >= SDK_REPLACES && !options.keep);
    if !replaces {
        let message = format!("Attempt to re-install {} without first uninstalling.", apk.package);
        return Err(Failure::new("INSTALL_FAILED_ALREADY_EXISTS", message));
    }
    if apk.version_code < before.version_code && !options.downgrade {
        let (found, current) = (apk.version_code, before.version_code);
        let message =
            format!("Downgrade detected: Update version code {found} is older than current {current}");
        return Err(Failure::new("INSTALL_FAILED_VERSION_DOWNGRADE", message));
    }
    Ok(())
}

fn of_base(apk: &Apk, size: u64, options: &Options, target: Target<'_>) -> Package {
    let at_once = options.grant || apk.target_sdk < SDK_RUNTIME_PERMISSIONS;
    let granted = apk.permissions.iter().filter(|name| at_once || !dangerous(name));
    let matching = target.abis.split(',').find(|abi| apk.abis.iter().any(|have| have == abi));
    Package {
        name: apk.package.clone(),
        label: apk.label.clone(),
        version_code: apk.version_code,
        version_name: apk.version_name.clone(),
        min_sdk: apk.min_sdk,
        target_sdk: apk.target_sdk,
        debuggable: apk.debuggable,
        main_activity: apk.main_activity.clone(),
        activities: apk.activities.clone(),
        permissions: apk.permissions.clone(),
        granted: granted.cloned().collect(),
        abi: matching.map(str::to_owned).or_else(|| apk.abis.first().cloned()),
        code_path: String::new(),
        splits: BTreeMap::new(),
        size,
        uid: 0,
        first_install_ms: target.wall_ms,
        last_update_ms: target.wall_ms,
        enabled: Enabled::Default,
        system: false,
        installer: options.installer.clone(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
