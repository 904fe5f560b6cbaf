//! What a manifest says about its package.

use super::{ApkError, guard};
use apk_info_axml::AXML;
use apk_info_xml::Element;

/// Longest name of a package, an activity, a permission or a split, in bytes.
pub(crate) const NAME_BYTES_MAX: usize = 223;
/// Activities and permissions that are kept.
const NAMES_MAX: usize = 1024;
/// Longest label and version name, in bytes.
const TEXT_BYTES_MAX: usize = 1000;

/// A text, or the resource that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Text {
    /// As it is.
    Literal(String),
    /// In the table of resources.
    Resource(u32),
}

/// A manifest.
#[derive(Debug)]
pub(crate) struct Manifest {
    pub(crate) package: String,
    pub(crate) split: Option<String>,
    pub(crate) version_code: u64,
    pub(crate) version_name: Option<Text>,
    pub(crate) label: Option<Text>,
    pub(crate) min_sdk: u32,
    pub(crate) target_sdk: u32,
    pub(crate) debuggable: bool,
    pub(crate) main_activity: Option<String>,
    pub(crate) activities: Vec<String>,
    pub(crate) permissions: Vec<String>,
}

impl Manifest {
    /// Reads a binary manifest.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, ApkError> {
        let bad = |why: &str| ApkError::BadManifest(why.into());
        let mut bytes = guard::check(bytes).ok_or_else(|| bad("Corrupt XML binary file"))?;
        let xml = AXML::new(&mut bytes, None).map_err(|_| bad("Corrupt XML binary file"))?;
        let root = &xml.root;
        if root.name() != "manifest" {
            return Err(bad("No <manifest> tag"));
        }
        let package = root.attr("package").unwrap_or_default();
        check_name(package, true).map_err(ApkError::BadPackageName)?;
        let split = root.attr("split").filter(|split| !split.is_empty());
        if let Some(split) = split {
            check_name(split, false).map_err(ApkError::BadPackageName)?;
        }
        let application = child(root, "application");
        let activities = application.into_iter().flat_map(|found| found.childrens());
        let activities: Vec<&Element> =
            activities.filter(|e| ["activity", "activity-alias"].contains(&e.name())).collect();
        let named = |activity: &&Element| full_name(package, activity.attr("name")?);
        let permissions = root.childrens().filter(|e| e.name().starts_with("uses-permission"));
        let sdk = child(root, "uses-sdk");
        let sdk = |name| sdk.and_then(|sdk| sdk.attr(name)).map(level);
        let min_sdk = sdk("minSdkVersion").unwrap_or(1);
        let code = number(root.attr("versionCode")) & u64::from(u32::MAX);
        Ok(Self {
            package: package.to_owned(),
            split: split.map(str::to_owned),
            version_code: number(root.attr("versionCodeMajor")) << 32 | code,
            version_name: root.attr("versionName").map(text),
            label: application.and_then(|found| found.attr("label")).map(text),
            min_sdk,
            target_sdk: sdk("targetSdkVersion").unwrap_or(min_sdk),
            debuggable: application.and_then(|found| found.attr("debuggable")) == Some("true"),
            main_activity: activities.iter().find(|activity| launches(activity)).and_then(named),
            activities: activities.iter().filter_map(named).take(NAMES_MAX).collect(),
            permissions: permissions
                .filter_map(|e| e.attr("name"))
                .filter(|name| legal_name(name))
                .map(str::to_owned)
                .take(NAMES_MAX)
                .collect(),
        })
    }
}

fn child<'a>(element: &'a Element, name: &str) -> Option<&'a Element> {
    element.childrens().find(|child| child.name() == name)
}

/// Whether the launcher shows the activity.
fn launches(activity: &Element) -> bool {
    let has = |filter: &Element, tag: &str, name: &str| {
        filter.childrens().any(|child| child.name() == tag && child.attr("name") == Some(name))
    };
    activity.attr("enabled") != Some("false")
        && activity.childrens().filter(|child| child.name() == "intent-filter").any(|filter| {
            has(filter, "action", "android.intent.action.MAIN")
                && has(filter, "category", "android.intent.category.LAUNCHER")
        })
}

fn full_name(package: &str, name: &str) -> Option<String> {
    let full = match name.strip_prefix('.') {
        Some(_) => format!("{package}{name}"),
        None if name.contains('.') => name.to_owned(),
        None => format!("{package}.{name}"),
    };
    legal_name(&full).then_some(full)
}

/// Letters, digits, `_`, `$`, `-` and dots. What is kept and printed of names is made of these.
fn legal_name(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._$-".contains(&byte);
    !name.is_empty() && name.len() <= NAME_BYTES_MAX && name.bytes().all(legal)
}

/// Android's rule for the names of packages and splits.
fn check_name(name: &str, separated: bool) -> Result<(), String> {
    if name.is_empty() {
        return Err("Invalid manifest package: must have at least one '.' separator".into());
    }
    if name.len() > NAME_BYTES_MAX {
        return Err("Invalid manifest package: name is too long".into());
    }
    for (at, part) in name.split('.').enumerate() {
        let begins = part.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
        let inner = |c: char| c.is_ascii_alphanumeric() || c == '_';
        // A split's further parts may begin with anything.
        if !(begins || (!separated && at > 0)) || !part.chars().all(inner) {
            return Err(format!("Invalid manifest package: bad character in {part:?}"));
        }
    }
    if separated && name != "android" && !name.contains('.') {
        return Err("Invalid manifest package: must have at least one '.' separator".into());
    }
    Ok(())
}

fn number(value: Option<&str>) -> u64 {
    let value = value.unwrap_or_default();
    match value.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).unwrap_or(0),
        // A version above i32::MAX is written as a negative number.
        None => value.parse::<i64>().map_or(0, i64::cast_unsigned),
    }
}

/// An SDK's level; a code name is of one that no phone has.
fn level(value: &str) -> u32 {
    value.parse().unwrap_or(u32::MAX)
}

fn text(value: &str) -> Text {
    let id = value.strip_prefix('@').filter(|id| id.len() == 8);
    match id.and_then(|id| u32::from_str_radix(id, 16).ok()) {
        Some(id) => Text::Resource(id),
        None => Text::Literal(clean(value)),
    }
}

/// A text on one line, cut to a bound.
pub(crate) fn clean(value: &str) -> String {
    let mut text: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    while text.len() > TEXT_BYTES_MAX {
        text.pop();
    }
    text
}
