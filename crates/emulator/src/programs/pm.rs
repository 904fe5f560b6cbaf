//! `pm`, and `cmd package`.

use super::util::{EXCEPTION, error, exception, print, service_up};
use super::{dumpsys_package, intent, package_install, package_list};
use crate::apps::installer;
use crate::apps::packages::{Enabled, Failure, Package};
use crate::guest::Guest;
use crate::program::{Process, Running};

const HELP: &str = "Package manager (package) commands:
  help
  path [--user USER_ID] PACKAGE
  dump PACKAGE
  has-feature FEATURE_NAME
  list features | instrumentation | libraries | permissions | users
  list packages [-f] [-d] [-e] [-s] [-3] [-i] [-u] [-U] [--show-versioncode] [--user USER_ID] [FILTER]
  resolve-activity [--brief] [--user USER_ID] INTENT
  install [-rRdgt] [-i PACKAGE] [-p INHERIT_PACKAGE] [-S BYTES] [--user USER_ID] [PATH...|-]
  install-create [-rRdgt] [-i PACKAGE] [-p INHERIT_PACKAGE] [-S BYTES]
  install-write [-S BYTES] SESSION_ID SPLIT_NAME [PATH|-]
  install-commit SESSION_ID
  install-abandon SESSION_ID
  uninstall [-k] [--user USER_ID] PACKAGE
  clear [--user USER_ID] PACKAGE
  enable | disable | disable-user | default-state [--user USER_ID] PACKAGE
  grant | revoke [--user USER_ID] PACKAGE PERMISSION
  get-install-location
";

/// `pm`.
pub(crate) fn pm(guest: Guest, process: Process) -> Running {
    Box::pin(async move { run(&guest, &process, process.arguments()).await })
}

/// Runs a command of the package service.
pub(super) async fn run(guest: &Guest, process: &Process, arguments: &[String]) -> u8 {
    if !service_up(guest, process, "package").await {
        return super::util::NO_SERVICE;
    }
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", arguments),
    };
    match command {
        "help" | "-h" | "--help" => {
            print(process, HELP).await;
            0
        }
        "list" => package_list::list(guest, process, rest).await,
        "path" => path(guest, process, rest).await,
        "has-feature" => package_list::has_feature(process, rest).await,
        "dump" => match last(rest) {
            Some(name) => dumpsys_package::dump(guest, process, &[name.to_owned()]).await,
            None => error(process, "Error: no package specified").await,
        },
        "install" => package_install::install(guest, process, rest).await,
        "install-create" => package_install::create(guest, process, rest).await,
        "install-write" => package_install::write(guest, process, rest).await,
        "install-commit" => package_install::commit(guest, process, rest).await,
        "install-abandon" | "install-destroy" => package_install::abandon(guest, process, rest).await,
        "install-existing" => existing(guest, process, rest).await,
        "uninstall" => package_install::uninstall(guest, process, rest).await,
        "clear" => clear(guest, process, rest).await,
        "enable" | "disable" | "disable-user" | "default-state" => {
            enable(guest, process, command, rest).await
        }
        "grant" | "revoke" => grant(guest, process, command, rest).await,
        "resolve-activity" => resolve(guest, process, rest).await,
        "get-install-location" => {
            process.say("0[auto]").await;
            0
        }
        "get-max-users" => {
            process.say("Maximum supported users: 1").await;
            0
        }
        "trim-caches" | "reconcile-secondary-dex-files" | "bg-dexopt-job" => 0,
        "compile" => {
            process.say("Success").await;
            0
        }
        _ => {
            process.say(format!("Unknown command: {command}")).await;
            EXCEPTION
        }
    }
}

/// The arguments that are no options; `--user` takes one along.
pub(super) fn operands(arguments: &[String]) -> Vec<&str> {
    let mut operands = Vec::new();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--user" => {
                arguments.next();
            }
            option if option.starts_with('-') && option.len() > 1 => {}
            operand => operands.push(operand),
        }
    }
    operands
}

fn last(arguments: &[String]) -> Option<&str> {
    operands(arguments).last().copied()
}

async fn path(guest: &Guest, process: &Process, arguments: &[String]) -> u8 {
    let Some(name) = last(arguments) else {
        return error(process, "Error: no package specified").await;
    };
    match installer::package(guest, name) {
        Ok(Some(package)) => {
            for path in package.paths() {
                process.say(format!("package:{path}")).await;
            }
            0
        }
        Ok(None) => 1,
        Err(why) => error(process, &format!("Error: {why}")).await,
    }
}

async fn existing(guest: &Guest, process: &Process, arguments: &[String]) -> u8 {
    let name = last(arguments).unwrap_or_default();
    match installer::package(guest, name) {
        Ok(Some(_)) => {
            process.say(format!("Package {name} installed for user: 0")).await;
            0
        }
        Ok(None) | Err(_) => {
            let what = "android.content.pm.PackageManager$NameNotFoundException";
            error(process, &format!("{what}: Package {name} doesn't exist")).await
        }
    }
}

async fn clear(guest: &Guest, process: &Process, arguments: &[String]) -> u8 {
    let Some(name) = last(arguments) else {
        return error(process, "Error: no package specified").await;
    };
    match installer::clear(guest, name) {
        Ok(()) => {
            process.say("Success").await;
            0
        }
        Err(_) => {
            process.say("Failed").await;
            1
        }
    }
}

/// Changes a package that is there; the exception's text otherwise.
fn change(
    guest: &Guest,
    name: &str,
    change: impl FnOnce(&mut Package) -> Result<(), String>,
) -> Result<Package, String> {
    let sdk = guest.sdk();
    let changed = installer::edit(guest, |packages| {
        let mut package = packages.get(name, sdk).ok_or_else(|| {
            Failure::new("", format!("java.lang.IllegalArgumentException: Unknown package: {name}"))
        })?;
        change(&mut package).map_err(|why| Failure::new("", why))?;
        packages.put(package.clone());
        Ok(package)
    });
    changed.map_err(|failure| failure.message)
}

async fn enable(guest: &Guest, process: &Process, command: &str, arguments: &[String]) -> u8 {
    let Some(operand) = last(arguments) else {
        return error(process, "Error: no package or component specified").await;
    };
    let (name, component) =
        operand.split_once('/').map_or((operand, None), |(name, _)| (name, Some(operand)));
    let enabled = match command {
        "enable" => Enabled::On,
        "disable" => Enabled::Off,
        "disable-user" => Enabled::OffByUser,
        _ => Enabled::Default,
    };
    if component.is_some() {
        let what = "java.lang.SecurityException: Shell cannot change component state for";
        return exception(process, command, &format!("{what} {operand} to {}", enabled as u8)).await;
    }
    let set = |package: &mut Package| {
        package.enabled = enabled;
        Ok(())
    };
    match change(guest, name, set) {
        Ok(_) => {
            if enabled.off() {
                installer::stop(guest, name, "package disabled");
            }
            process.say(format!("Package {name} new state: {}", enabled.name())).await;
            0
        }
        Err(what) => exception(process, command, &what).await,
    }
}

async fn grant(guest: &Guest, process: &Process, command: &str, arguments: &[String]) -> u8 {
    let operands = operands(arguments);
    let (Some(name), Some(permission)) = (operands.first(), operands.get(1)) else {
        return error(process, "Error: no package or permission specified").await;
    };
    let set = |package: &mut Package| {
        if !package.permissions.iter().any(|asked| asked == permission) {
            let what = format!("Package {name} has not requested permission {permission}");
            return Err(format!("java.lang.SecurityException: {what}"));
        }
        if !crate::apps::packages::dangerous(permission) {
            let what =
                format!("Permission {permission} requested by {name} is not a changeable permission type");
            return Err(format!("java.lang.SecurityException: {what}"));
        }
        if command == "grant" {
            package.granted.insert((*permission).to_owned());
        } else {
            package.granted.remove(*permission);
        }
        Ok(())
    };
    match change(guest, name, set) {
        Ok(_) => 0,
        Err(what) => exception(process, command, &what).await,
    }
}

async fn resolve(guest: &Guest, process: &Process, arguments: &[String]) -> u8 {
    let brief = arguments.iter().any(|argument| argument == "--brief");
    let rest: Vec<String> =
        arguments.iter().filter(|a| !["--brief", "--components"].contains(&a.as_str())).cloned().collect();
    let intent = match intent::Intent::parse(&rest) {
        Ok(intent) => intent,
        Err(what) => return error(process, &format!("Error: {what}")).await,
    };
    match intent.resolve(guest) {
        Ok(Some((package, activity))) => {
            let short = package.short(&activity);
            process.say("priority=0 preferredOrder=0 match=0x108000 specificIndex=-1 isDefault=true").await;
            if brief {
                process.say(short).await;
            } else {
                let (name, label) = (&package.name, &package.label);
                print(process, format!("  ActivityInfo:\n    name={activity}\n    packageName={name}\n    nonLocalizedLabel={label}\n    enabled=true exported=true\n")).await;
            }
            0
        }
        Ok(None) => {
            process.say("No activity found").await;
            0
        }
        Err(why) => error(process, &format!("Error: {why}")).await,
    }
}
