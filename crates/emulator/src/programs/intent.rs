//! Intents, as `am` and `pm resolve-activity` take them on the command line.

use crate::apps::installer;
use crate::apps::packages::Package;
use crate::files::file_error::FileError;
use crate::guest::Guest;

const MAIN: &str = "android.intent.action.MAIN";
const LAUNCHER: &str = "android.intent.category.LAUNCHER";
const HOME: &str = "android.intent.category.HOME";
const SETTINGS: &str = "com.android.settings";

/// What is to be started, or told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Intent {
    pub(super) action: Option<String>,
    data: Option<String>,
    kind: Option<String>,
    categories: Vec<String>,
    flags: Option<String>,
    package: Option<String>,
    /// Package and full name of the class.
    pub(super) component: Option<(String, String)>,
    extras: bool,
}

impl Intent {
    /// Reads the arguments; what is wrong with them otherwise.
    pub(super) fn parse(arguments: &[String]) -> Result<Self, String> {
        let mut intent = Self::default();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut value =
                || arguments.next().cloned().ok_or_else(|| format!("Argument expected after \"{argument}\""));
            match argument.as_str() {
                "-a" => intent.action = Some(value()?),
                "-d" => intent.data = Some(value()?),
                "-t" => intent.kind = Some(value()?),
                "-c" => intent.categories.push(value()?),
                "-f" => intent.flags = Some(value()?),
                "-p" => intent.package = Some(value()?),
                "-n" => intent.component = Some(component(&value()?)?),
                "--user"
                | "--display"
                | "--windowingMode"
                | "--activityType"
                | "--task"
                | "-P"
                | "-R"
                | "--receiver-permission"
                | "-i" => {
                    value()?;
                }
                "--esn" => {
                    value()?;
                    intent.extras = true;
                }
                extra if is_extra(extra) => {
                    value()?;
                    value()?;
                    intent.extras = true;
                }
                option
                    if option.starts_with("--grant-")
                        || option.starts_with("--activity-")
                        || option.starts_with("--include-")
                        || option.starts_with("--exclude-")
                        || option.starts_with("--receiver-") => {}
                "--selector" | "--debug" | "-D" | "-N" | "-W" | "-S" | "--streaming"
                | "--track-allocation" => {}
                option if option.starts_with('-') => return Err(format!("Unknown option: {option}")),
                operand => intent.operand(operand)?,
            }
        }
        Ok(intent)
    }

    /// A component, a package or a URI without an option before it.
    fn operand(&mut self, operand: &str) -> Result<(), String> {
        if operand.contains(':') {
            self.data = Some(operand.to_owned());
        } else if operand.contains('/') {
            self.component = Some(component(operand)?);
        } else {
            self.package = Some(operand.to_owned());
        }
        Ok(())
    }

    /// Nothing was said.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What it names the activity by, when there is no such one.
    pub(super) fn target(&self) -> Option<String> {
        self.component.as_ref().map(|(package, class)| format!("{package}/{class}"))
    }

    /// As Android prints it: `Intent { act=… cmp=… }` without the first word.
    pub(super) fn text(&self, component: Option<&str>) -> String {
        let mut parts = Vec::new();
        let mut part =
            |name: &str, value: Option<&str>| parts.extend(value.map(|value| format!("{name}={value}")));
        part("act", self.action.as_deref());
        let categories = (!self.categories.is_empty()).then(|| format!("[{}]", self.categories.join(",")));
        part("cat", categories.as_deref());
        part("dat", self.data.as_deref());
        part("typ", self.kind.as_deref());
        part("flg", self.flags.as_deref());
        part("pkg", self.package.as_deref());
        part("cmp", component);
        if self.extras {
            parts.push("(has extras)".into());
        }
        format!("{{ {} }}", parts.join(" "))
    }

    /// The component as Android shortens it.
    pub(super) fn short(&self) -> Option<String> {
        let (package, class) = self.component.as_ref()?;
        let rest = class.strip_prefix(package.as_str()).filter(|rest| rest.starts_with('.'));
        Some(format!("{package}/{}", rest.unwrap_or(class)))
    }

    /// The action and category with which a launcher starts things, when no other was given.
    pub(super) fn or_main(mut self) -> Self {
        if self.action.is_none() && self.component.is_none() && self.data.is_none() {
            self.action = Some(MAIN.into());
            self.categories.push(LAUNCHER.into());
        }
        self
    }

    /// As a broadcast from the shell is sent (AOSP: `FLAG_RECEIVER_FROM_SHELL`).
    pub(super) fn sent(&self) -> Self {
        let flags = self.flags.clone().or_else(|| Some("0x400000".to_owned()));
        Self { flags, ..self.clone() }
    }

    /// The activity that it starts; none when there is none, or its package is disabled.
    pub(super) fn resolve(&self, guest: &Guest) -> Result<Option<(Package, String)>, FileError> {
        let package = |name: &str| {
            let found = installer::package(guest, name);
            found.map(|found| found.filter(|found| !found.enabled.off()))
        };
        if let Some((name, class)) = &self.component {
            let found = package(name)?.filter(|found| found.activities.contains(class));
            return Ok(found.map(|found| (found, class.clone())));
        }
        let settings = self.action.as_ref().is_some_and(|action| action.starts_with("android.settings."));
        let home = self.categories.iter().any(|category| category == HOME);
        let name = match &self.package {
            Some(name) => name.as_str(),
            None if settings => SETTINGS,
            None if home => crate::apps::system_packages::LAUNCHER,
            None => return Ok(None),
        };
        Ok(package(name)?.and_then(|found| {
            let main = found.main_activity.clone()?;
            Some((found, main))
        }))
    }
}

/// `package/.Class`, `package/full.Class`.
fn component(text: &str) -> Result<(String, String), String> {
    let bad = || format!("Bad component name: {text}");
    let (package, class) = text.split_once('/').ok_or_else(bad)?;
    if package.is_empty() || class.is_empty() {
        return Err(bad());
    }
    let class = if class.starts_with('.') { format!("{package}{class}") } else { class.to_owned() };
    Ok((package.to_owned(), class))
}

/// Options that take a name and a value.
fn is_extra(option: &str) -> bool {
    const EXTRAS: &[&str] = &[
        "-e", "--es", "--ez", "--ei", "--el", "--ef", "--ed", "--eu", "--ecn", "--eia", "--eial", "--ela",
        "--elal", "--efa", "--efal", "--esa", "--esal",
    ];
    EXTRAS.contains(&option)
}
