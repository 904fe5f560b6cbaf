//! The packages that every image has: one table for all phones.

use crate::apps::packages::{Enabled, Package};
use std::collections::{BTreeMap, BTreeSet};

/// A package's name, label, user, directory, and its activity that is started first.
type Fixed = (&'static str, &'static str, u32, &'static str, Option<&'static str>);

const TABLE: &[Fixed] = &[
    ("android", "Android System", 1000, "/system/framework/framework-res", None),
    (
        "com.android.inputmethod.latin",
        "Android Keyboard (AOSP)",
        10_061,
        "/system/product/app/LatinIME",
        Some("com.android.inputmethod.latin.settings.SettingsActivity"),
    ),
    (
        "com.android.launcher3",
        "Quickstep",
        10_080,
        "/system/system_ext/priv-app/Launcher3QuickStep",
        Some(LAUNCHER_ACTIVITY),
    ),
    ("com.android.packageinstaller", "Package installer", 10_055, "/system/priv-app/PackageInstaller", None),
    ("com.android.phone", "Phone Services", 1001, "/system/priv-app/TeleService", None),
    ("com.android.providers.settings", "Settings Storage", 1000, "/system/priv-app/SettingsProvider", None),
    (
        "com.android.settings",
        "Settings",
        1000,
        "/system/system_ext/priv-app/Settings",
        Some("com.android.settings.Settings"),
    ),
    ("com.android.shell", "Shell", 2000, "/system/priv-app/Shell", None),
    ("com.android.systemui", "System UI", 10_072, "/system/system_ext/priv-app/SystemUI", None),
    ("com.android.webview", "Android System WebView", 10_090, "/system/product/app/webview", None),
];

/// The launcher.
pub(crate) const LAUNCHER: &str = "com.android.launcher3";
/// What of it is the home screen.
pub(crate) const LAUNCHER_ACTIVITY: &str = "com.android.launcher3.uioverrides.QuickstepLauncher";
/// Android images carry this date: 2009-01-01.
const BUILT_MS: i64 = 1_230_768_000_000;

/// All of them.
pub(crate) fn all(sdk: u32) -> impl Iterator<Item = Package> {
    TABLE.iter().map(move |fixed| package(fixed, sdk))
}

/// One of them.
pub(crate) fn get(name: &str, sdk: u32) -> Option<Package> {
    TABLE.iter().find(|(have, ..)| *have == name).map(|fixed| package(fixed, sdk))
}

fn package((name, label, uid, code_path, main): &Fixed, sdk: u32) -> Package {
    let main_activity = main.map(str::to_owned);
    Package {
        name: (*name).into(),
        label: (*label).into(),
        version_code: u64::from(sdk),
        // Settings and the like carry the number of the Android that they came with; its SDK does as well.
        version_name: sdk.to_string(),
        min_sdk: sdk,
        target_sdk: sdk,
        debuggable: false,
        activities: main_activity.iter().cloned().collect(),
        main_activity,
        permissions: Vec::new(),
        granted: BTreeSet::new(),
        abi: None,
        code_path: (*code_path).into(),
        splits: BTreeMap::new(),
        size: 0,
        uid: *uid,
        first_install_ms: BUILT_MS,
        last_update_ms: BUILT_MS,
        enabled: Enabled::Default,
        system: true,
        installer: None,
    }
}
