//! `pm list`.

use super::util::{error, print};
use crate::apps::installer;
use crate::apps::packages::Package;
use crate::guest::Guest;
use crate::program::Process;

const FEATURES: &[&str] = &[
    "android.hardware.audio.output",
    "android.hardware.bluetooth",
    "android.hardware.faketouch",
    "android.hardware.location",
    "android.hardware.location.network",
    "android.hardware.ram.normal",
    "android.hardware.screen.landscape",
    "android.hardware.screen.portrait",
    "android.hardware.telephony",
    "android.hardware.touchscreen",
    "android.hardware.touchscreen.multitouch",
    "android.hardware.wifi",
    "android.software.app_widgets",
    "android.software.home_screen",
    "android.software.input_methods",
    "android.software.webview",
];

const LIBRARIES: &[&str] =
    &["android.ext.shared", "android.test.base", "android.test.mock", "android.test.runner", "javax.obex"];

const PERMISSIONS: &[&str] = &[
    "android.permission.ACCESS_NETWORK_STATE",
    "android.permission.CAMERA",
    "android.permission.INTERNET",
    "android.permission.READ_CONTACTS",
    "android.permission.RECORD_AUDIO",
    "android.permission.WRITE_EXTERNAL_STORAGE",
];

/// `pm list`.
pub(super) async fn list(guest: &Guest, process: &Process, arguments: &[String]) -> u8 {
    let Some((what, rest)) = arguments.split_first() else {
        return error(process, "Error: didn't specify type of data to list").await;
    };
    let lines = |kind: &str, names: &[&str]| names.iter().map(|name| format!("{kind}:{name}\n")).collect();
    let text: String = match what.as_str() {
        "package" | "packages" => return packages(guest, process, rest).await,
        "features" => format!("feature:reqGlEsVersion=0x30002\n{}", lines("feature", FEATURES)),
        "libraries" => lines("library", LIBRARIES),
        "users" => "Users:\n\tUserInfo{0:Owner:c13} running\n".into(),
        "permissions" => format!("All Permissions:\n\n{}", lines("permission", PERMISSIONS)),
        "permission-groups" => lines(
            "permission group",
            &["android.permission-group.CAMERA", "android.permission-group.STORAGE"],
        ),
        "instrumentation" => String::new(),
        _ => return error(process, &format!("Error: unknown list type '{what}'")).await,
    };
    print(process, text).await;
    0
}

/// `pm has-feature`.
pub(super) async fn has_feature(process: &Process, arguments: &[String]) -> u8 {
    let Some(name) = arguments.first() else {
        return error(process, "Error: expected FEATURE name").await;
    };
    let has = FEATURES.contains(&name.as_str());
    process.say(has.to_string()).await;
    u8::from(!has)
}

/// What `pm list packages` is asked to show.
#[derive(Debug, Default)]
struct Shown {
    path: bool,
    uid: bool,
    installer: bool,
    version: bool,
    disabled: bool,
    enabled: bool,
    system: bool,
    third: bool,
    filter: String,
}

impl Shown {
    fn parse(arguments: &[String]) -> Result<Self, String> {
        let mut shown = Self::default();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "-f" => shown.path = true,
                "-U" => shown.uid = true,
                "-i" => shown.installer = true,
                "--show-versioncode" => shown.version = true,
                "-d" => shown.disabled = true,
                "-e" => shown.enabled = true,
                "-s" => shown.system = true,
                "-3" => shown.third = true,
                "-a" | "-l" | "-lf" | "-u" | "--apex-only" | "--factory-only" => {}
                "--user" | "--uid" => {
                    arguments.next();
                }
                option if option.starts_with('-') => return Err(format!("Error: Unknown option: {option}")),
                filter => shown.filter = filter.to_owned(),
            }
        }
        Ok(shown)
    }

    fn wants(&self, package: &Package) -> bool {
        package.name.contains(&self.filter)
            && (!self.disabled || package.enabled.off())
            && (!self.enabled || !package.enabled.off())
            && (!self.system || package.system)
            && (!self.third || !package.system)
    }

    fn line(&self, package: &Package) -> String {
        let mut line = "package:".to_owned();
        if self.path {
            line += &format!("{}=", package.paths().first().map_or("", String::as_str));
        }
        line += &package.name;
        if self.version {
            line += &format!(" versionCode:{}", package.version_code);
        }
        if self.installer {
            line += &format!("  installer={}", package.installer.as_deref().unwrap_or("null"));
        }
        if self.uid {
            line += &format!(" uid:{}", package.uid);
        }
        line
    }
}

async fn packages(guest: &Guest, process: &Process, arguments: &[String]) -> u8 {
    let shown = match Shown::parse(arguments) {
        Ok(shown) => shown,
        Err(why) => return error(process, &why).await,
    };
    let packages = match installer::packages(guest) {
        Ok(packages) => packages.all(guest.sdk()),
        Err(why) => return error(process, &format!("Error: {why}")).await,
    };
    let lines =
        packages.iter().filter(|package| shown.wants(package)).map(|package| shown.line(package) + "\n");
    print(process, lines.collect::<String>()).await;
    0
}
