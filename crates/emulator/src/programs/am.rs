//! `am`, `cmd activity` and `monkey`.

use super::intent::Intent;
use super::util::{EXCEPTION, NO_SERVICE, error, exception, print, service_up};
use crate::apps::installer;
use crate::apps::launcher;
use crate::guest::Guest;
use crate::logcat::Priority;
use crate::program::{Process, Running};

const HELP: &str = "Activity manager (activity) commands:
  help
  start-activity [-W] [-S] [--user USER_ID] INTENT
  startservice | start-foreground-service [--user USER_ID] INTENT
  stopservice [--user USER_ID] INTENT
  broadcast [--user USER_ID] INTENT
  force-stop [--user USER_ID] PACKAGE
  kill [--user USER_ID] PACKAGE
  kill-all
  stack list
  get-current-user
";

const DELIVERED: &str =
    "Warning: Activity not started, intent has been delivered to currently running top-most instance.";

/// `am`.
pub(crate) fn am(guest: Guest, process: Process) -> Running {
    Box::pin(async move { run(&guest, &process, process.arguments()).await })
}

/// Runs a command of the activity service.
pub(super) async fn run(guest: &Guest, process: &Process, arguments: &[String]) -> u8 {
    if !service_up(guest, process, "activity").await {
        return NO_SERVICE;
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
        "start" | "start-activity" => start(guest, process, rest).await,
        "startservice" | "start-service" | "startforegroundservice" | "start-foreground-service" => {
            service(guest, process, rest, true).await
        }
        "stopservice" | "stop-service" => service(guest, process, rest, false).await,
        "broadcast" => broadcast(guest, process, rest).await,
        "force-stop" | "kill" => stop(guest, process, command, rest).await,
        "kill-all" => {
            kill_all(guest);
            0
        }
        "stack" | "task" => stack(guest, process).await,
        "get-current-user" => {
            process.say("0").await;
            0
        }
        "get-started-user-state" => {
            process.say("RUNNING_UNLOCKED").await;
            0
        }
        "instrument" => instrument(process, rest).await,
        "idle-maintenance" | "wait-for-broadcast-idle" | "set-debug-app" | "clear-debug-app" => 0,
        _ => {
            process.say(format!("Unknown command: {command}")).await;
            EXCEPTION
        }
    }
}

async fn start(guest: &Guest, process: &Process, arguments: &[String]) -> u8 {
    let wait = arguments.iter().any(|argument| argument == "-W");
    let stops = arguments.iter().any(|argument| argument == "-S");
    let intent = match Intent::parse(arguments) {
        Ok(intent) if intent.is_empty() => Err("No intent supplied".to_owned()),
        intent => intent,
    };
    let intent = match intent {
        Ok(intent) => intent.or_main(),
        Err(what) => {
            return exception(process, "start", &format!("java.lang.IllegalArgumentException: {what}")).await;
        }
    };
    process.say(format!("Starting: Intent {}", intent.text(intent.short().as_deref()))).await;
    let (package, activity) = match intent.resolve(guest) {
        Ok(Some(found)) => found,
        Ok(None) => {
            let text = match intent.target() {
                Some(target) => format!("Error type 3\nError: Activity class {{{target}}} does not exist."),
                None => {
                    format!("Error: Activity not started, unable to resolve Intent {}", intent.text(None))
                }
            };
            return error(process, &text).await;
        }
        Err(why) => return error(process, &format!("Error: {why}")).await,
    };
    if stops {
        installer::stop(guest, &package.name, "start -S");
    }
    let short = package.short(&activity);
    let started = launcher::start(guest, &package, &activity, &intent.text(Some(&short)));
    if started.there && !wait {
        error(process, DELIVERED).await;
    }
    if wait {
        let (state, took) = match (started.there, started.cold) {
            (true, _) => ("UNKNOWN (0)", 0),
            (false, true) => ("COLD", started.took_ms),
            (false, false) => ("HOT", started.took_ms / 4),
        };
        let mut text = format!("Status: ok\nLaunchState: {state}\nActivity: {short}\n");
        if !started.there {
            text += &format!("TotalTime: {took}\n");
        }
        text += &format!("WaitTime: {}\nComplete\n", took + 3);
        print(process, text).await;
    }
    0
}

async fn service(guest: &Guest, process: &Process, arguments: &[String], starts: bool) -> u8 {
    let intent = match Intent::parse(arguments) {
        Ok(intent) => intent,
        Err(what) => return error(process, &format!("Error: {what}")).await,
    };
    let verb = if starts { "Starting" } else { "Stopping" };
    process.say(format!("{verb} service: Intent {}", intent.text(intent.short().as_deref()))).await;
    let Some((name, _)) = &intent.component else {
        return error(process, "Error: Not found; no service started.").await;
    };
    let found = installer::package(guest, name).ok().flatten().filter(|found| !found.enabled.off());
    match found {
        Some(package) if starts => {
            let wall_ms = guest.clock().wall_ms();
            let started = guest.session(|session| session.apps.start(name, None, package.uid, wall_ms));
            u8::from(started.is_err())
        }
        Some(_) => {
            process.say("Service not stopped: was not running.").await;
            0
        }
        None => error(process, "Error: Not found; no service started.").await,
    }
}

async fn broadcast(guest: &Guest, process: &Process, arguments: &[String]) -> u8 {
    let intent = match Intent::parse(arguments) {
        Ok(intent) => intent,
        Err(what) => return error(process, &format!("Error: {what}")).await,
    };
    let text = intent.sent().text(intent.short().as_deref());
    guest.log(Priority::Debug, "ActivityManager", &format!("Broadcast Intent {text}"));
    print(process, format!("Broadcasting: Intent {text}\nBroadcast completed: result=0\n")).await;
    0
}

async fn stop(guest: &Guest, process: &Process, command: &str, arguments: &[String]) -> u8 {
    let operands = super::pm::operands(arguments);
    let Some(name) = operands.first() else {
        return exception(process, command, "java.lang.IllegalArgumentException: Argument expected").await;
    };
    if command == "force-stop" {
        guest.log(
            Priority::Info,
            "ActivityManager",
            &format!("Force stopping {name} appid=-1 user=0: from pid 0"),
        );
    }
    installer::stop(guest, name, "stop by am");
    0
}

fn kill_all(guest: &Guest) {
    let front = |session: &mut crate::session::Session| {
        let front = session.screen.front().map(|front| front.package.clone());
        let running = session.apps.running().iter().map(|app| app.package.clone());
        running.filter(|package| Some(package) != front.as_ref()).collect::<Vec<_>>()
    };
    for package in guest.session(front).unwrap_or_default() {
        installer::stop(guest, &package, "kill background");
    }
}

async fn stack(guest: &Guest, process: &Process) -> u8 {
    let shown = launcher::stack(guest);
    let mut text = String::new();
    for (n, (package, activity)) in shown.iter().enumerate() {
        let (id, visible) = (shown.len() - n, n == 0);
        text += &format!(
            "RootTask id={id} type=standard mode=fullscreen userId=0\n  taskId={id}: {package}/{activity} \
             visible={visible} topActivity=ComponentInfo{{{package}/{activity}}}\n\n"
        );
    }
    print(process, text).await;
    0
}

async fn instrument(process: &Process, arguments: &[String]) -> u8 {
    let name = arguments.last().map_or("", String::as_str);
    let text = format!(
        "android.util.AndroidException: INSTRUMENTATION_FAILED: {name}\nINSTRUMENTATION_STATUS: id=ActivityManagerService\n\
         INSTRUMENTATION_STATUS: Error=Unable to find instrumentation info for: ComponentInfo{{{name}}}\n\
         INSTRUMENTATION_STATUS_CODE: -1"
    );
    error(process, &text).await
}

/// `monkey -p PACKAGE -c CATEGORY COUNT`: starts the package; the events that would follow go nowhere.
pub(crate) fn monkey(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let mut name = None;
        let mut arguments = process.arguments().iter();
        let mut count = None;
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "-p" => name = arguments.next().cloned(),
                "-c" | "-s" | "--throttle" => {
                    arguments.next();
                }
                "--pct-syskeys" | "--pct-touch" | "--pct-motion" | "--pct-appswitch" => {
                    arguments.next();
                }
                operand if !operand.starts_with('-') => count = operand.parse::<u32>().ok(),
                _ => {}
            }
        }
        let (Some(name), Some(count)) = (name, count) else {
            error(&process, "** Error: Count or package is not specified\nusage: monkey -p ALLOWED_PACKAGE [-c MAIN_CATEGORY] COUNT").await;
            return 1;
        };
        if !service_up(&guest, &process, "package").await {
            return NO_SERVICE;
        }
        let intent = Intent::parse(&["-p".into(), name.clone()]).map(Intent::or_main);
        let found = intent.as_ref().ok().and_then(|intent| intent.resolve(&guest).ok().flatten());
        let (Ok(intent), Some((package, activity))) = (intent, found) else {
            print(&process, "** No activities found to run, monkey aborted.\n").await;
            return 252;
        };
        let short = package.short(&activity);
        launcher::start(&guest, &package, &activity, &intent.text(Some(&short)));
        print(&process, format!("Events injected: {count}\n## Network stats: elapsed time=18ms (0ms mobile, 0ms wifi, 18ms not connected)\n")).await;
        0
    })
}
