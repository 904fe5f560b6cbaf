//! Properties that make a phone look like one where its image says nothing: the lowest layer, one table for
//! all phones.

use crate::phone::rng;
use std::borrow::Cow;

/// A value of the table.
#[derive(Debug, Clone, Copy)]
enum Value {
    Text(&'static str),
    Release,
    Sdk,
    BuildId,
    Incremental,
    DisplayId,
    Description,
    Fingerprint,
    Flavor,
    Serial,
    HostName,
}

/// The image and the phone that the values are derived from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    pub(crate) android_version: &'a str,
    pub(crate) image_id: &'a str,
    pub(crate) phone_id: &'a str,
}

/// SDK levels and the first letter of build ids by Android version.
const RELEASES: &[(&str, &str, &str)] = &[
    ("7.0", "24", "N"),
    ("7.1", "25", "N"),
    ("8.0", "26", "O"),
    ("8.1", "27", "O"),
    ("9", "28", "P"),
    ("10", "29", "Q"),
    ("11", "30", "R"),
    ("12", "31", "S"),
    ("12L", "32", "S"),
    ("12.1", "32", "S"),
    ("13", "33", "T"),
    ("14", "34", "U"),
    ("15", "35", "A"),
    ("16", "36", "B"),
];

/// Longest part of a phone's id that is its serial number, in bytes.
const SERIAL_BYTES_MAX: usize = 16;

const TABLE: &[(&str, Value)] = &[
    ("dalvik.vm.heapgrowthlimit", Value::Text("192m")),
    ("dalvik.vm.heapsize", Value::Text("512m")),
    ("gsm.sim.state", Value::Text("ABSENT")),
    ("init.svc.adbd", Value::Text("running")),
    ("init.svc.logd", Value::Text("running")),
    ("init.svc.servicemanager", Value::Text("running")),
    ("init.svc.surfaceflinger", Value::Text("running")),
    ("init.svc.zygote", Value::Text("running")),
    ("net.bt.name", Value::Text("Android")),
    ("net.hostname", Value::HostName),
    ("persist.sys.dalvik.vm.lib.2", Value::Text("libart.so")),
    ("persist.sys.locale", Value::Text("en-US")),
    ("persist.sys.timezone", Value::Text("GMT")),
    ("persist.sys.usb.config", Value::Text("adb")),
    ("ro.adb.secure", Value::Text("1")),
    ("ro.allow.mock.location", Value::Text("0")),
    ("ro.arch", Value::Text("x86_64")),
    ("ro.baseband", Value::Text("unknown")),
    ("ro.board.platform", Value::Text("phoneyard")),
    ("ro.bootloader", Value::Text("unknown")),
    ("ro.bootmode", Value::Text("unknown")),
    ("ro.build.characteristics", Value::Text("default")),
    ("ro.build.description", Value::Description),
    ("ro.build.display.id", Value::DisplayId),
    ("ro.build.fingerprint", Value::Fingerprint),
    ("ro.build.flavor", Value::Flavor),
    ("ro.build.host", Value::Text("phoneyard")),
    ("ro.build.id", Value::BuildId),
    ("ro.build.product", Value::Text("phoneyard_one")),
    ("ro.build.tags", Value::Text("test-keys")),
    ("ro.build.type", Value::Text("userdebug")),
    ("ro.build.user", Value::Text("phoneyard")),
    ("ro.build.version.all_codenames", Value::Text("REL")),
    ("ro.build.version.codename", Value::Text("REL")),
    ("ro.build.version.incremental", Value::Incremental),
    (RELEASE, Value::Release),
    (SDK, Value::Sdk),
    ("ro.crypto.state", Value::Text("unsupported")),
    ("ro.dalvik.vm.native.bridge", Value::Text("0")),
    ("ro.debuggable", Value::Text("1")),
    ("ro.hardware", Value::Text("phoneyard")),
    ("ro.product.board", Value::Text("phoneyard")),
    ("ro.product.brand", Value::Text("Phoneyard")),
    ("ro.product.cpu.abi", Value::Text("x86_64")),
    ("ro.product.cpu.abilist", Value::Text("x86_64,x86")),
    ("ro.product.cpu.abilist32", Value::Text("x86")),
    ("ro.product.cpu.abilist64", Value::Text("x86_64")),
    ("ro.product.device", Value::Text("phoneyard_one")),
    ("ro.product.locale", Value::Text("en-US")),
    ("ro.product.manufacturer", Value::Text("Phoneyard")),
    ("ro.product.model", Value::Text("Phoneyard One")),
    ("ro.product.name", Value::Text("phoneyard_one")),
    ("ro.secure", Value::Text("1")),
    ("ro.serialno", Value::Serial),
    ("ro.zygote", Value::Text("zygote64_32")),
    ("service.adb.tcp.port", Value::Text("5555")),
    ("sys.usb.config", Value::Text("adb")),
    ("sys.usb.state", Value::Text("adb")),
    ("wifi.interface", Value::Text("wlan0")),
];

/// Android's version.
pub(crate) const RELEASE: &str = "ro.build.version.release";
/// Its SDK level.
pub(crate) const SDK: &str = "ro.build.version.sdk";

/// Every name in the table.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(name, _)| *name)
}

/// The value of a property of the table. `ask` gives the value of another one as the phone has it.
pub(crate) fn value<'a>(name: &str, facts: Facts<'a>, ask: &dyn Fn(&str) -> String) -> Option<Cow<'a, str>> {
    let (_, value) = TABLE.get(TABLE.binary_search_by(|(have, _)| (*have).cmp(name)).ok()?)?;
    let release = RELEASES.iter().find(|(version, _, _)| *version == facts.android_version);
    let build_id = || release.map_or("X", |(_, _, letter)| letter).to_owned() + "PY1.260101.001";
    Some(match value {
        Value::Text(text) => Cow::Borrowed(*text),
        Value::Release => facts.android_version.into(),
        // A version that nobody knows: its number, as it has grown by one with each since 13.
        Value::Sdk => match (release, facts.android_version.parse::<u16>()) {
            (Some((_, sdk, _)), _) => Cow::Borrowed(*sdk),
            (None, Ok(version)) => (u32::from(version) + 20).to_string().into(),
            (None, Err(_)) => "30".into(),
        },
        Value::BuildId => build_id().into(),
        Value::Incremental => (rng::fnv(facts.image_id.as_bytes()) % 100_000_000).to_string().into(),
        Value::DisplayId => {
            let parts = ["ro.build.flavor", RELEASE, "ro.build.id", INCREMENTAL, "ro.build.tags"];
            parts.map(ask).join(" ").into()
        }
        Value::Description => ask("ro.build.display.id").into(),
        Value::Fingerprint => {
            let [brand, name, device] =
                ["brand", "name", "device"].map(|part| ask(&format!("ro.product.{part}")));
            let [release, id, incremental] = [RELEASE, "ro.build.id", INCREMENTAL].map(ask);
            let [kind, tags] = ["ro.build.type", "ro.build.tags"].map(ask);
            format!("{brand}/{name}/{device}:{release}/{id}/{incremental}:{kind}/{tags}").into()
        }
        Value::Flavor => ["ro.product.name", "ro.build.type"].map(ask).join("-").into(),
        Value::Serial => serial(facts.phone_id).into(),
        Value::HostName => format!("android-{:016x}", rng::fnv(facts.phone_id.as_bytes())).into(),
    })
}

const INCREMENTAL: &str = "ro.build.version.incremental";

fn serial(phone_id: &str) -> &str {
    phone_id.get(..SERIAL_BYTES_MAX).unwrap_or(phone_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(names().is_sorted());
    }

    #[test]
    fn sdk_levels_follow_the_version() {
        let facts = |android_version| Facts { android_version, image_id: "i", phone_id: "p" };
        let sdk = |version| value(SDK, facts(version), &|_| String::new()).unwrap_or_default();
        let got = ["8.1", "9", "11", "12.1", "16", "17"].map(sdk);
        assert_eq!(got, ["27", "28", "30", "32", "36", "37"]);
    }

    #[test]
    fn a_serial_number_is_short() {
        assert_eq!((serial("abc"), serial("0123456789abcdef0123")), ("abc", "0123456789abcdef"));
    }
}
