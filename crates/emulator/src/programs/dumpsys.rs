//! `dumpsys`.

use super::util::{error, print};
use super::{dumpsys_activity, dumpsys_package};
use crate::apps::settings::{self, Table};
use crate::battery::Battery;
use crate::guest::Guest;
use crate::phone::boot::Stage;
use crate::program::{Process, Running};

/// The services that can be dumped.
pub(super) const SERVICES: &[&str] = &[
    "SurfaceFlinger",
    "activity",
    "alarm",
    "appops",
    "battery",
    "cpuinfo",
    "display",
    "input_method",
    "iphonesubinfo",
    "meminfo",
    "notification",
    "package",
    "power",
    "settings",
    "statusbar",
    "telephony.registry",
    "uimode",
    "user",
    "wifi",
    "window",
];

/// `dumpsys`.
pub(crate) fn dumpsys(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let mut arguments = process.arguments();
        while let [option, rest @ ..] = arguments {
            match option.as_str() {
                "-l" => return list(&guest, &process).await,
                "-t" | "-T" | "--priority" => arguments = rest.get(1..).unwrap_or_default(),
                option if option.starts_with('-') => arguments = rest,
                _ => break,
            }
        }
        match arguments.split_first() {
            Some((service, rest)) => dump(&guest, &process, service, rest).await,
            None => {
                let running = list(&guest, &process).await;
                for service in SERVICES {
                    print(&process, format!("{}\nDUMP OF SERVICE {service}:\n", "-".repeat(79))).await;
                    dump(&guest, &process, service, &[]).await;
                }
                running
            }
        }
    })
}

async fn list(guest: &Guest, process: &Process) -> u8 {
    let mut text = "Currently running services:\n".to_owned();
    if guest.reached(Some(Stage::SystemServer)) {
        text.extend(SERVICES.iter().map(|service| format!("  {service}\n")));
    }
    print(process, text).await;
    0
}

async fn dump(guest: &Guest, process: &Process, service: &str, arguments: &[String]) -> u8 {
    if !SERVICES.contains(&service) || !guest.reached(Some(Stage::SystemServer)) {
        error(process, &format!("Can't find service: {service}")).await;
        return 0;
    }
    let text = match service {
        "activity" => dumpsys_activity::activity(guest, arguments),
        "window" => dumpsys_activity::window(guest, arguments),
        "battery" => return battery(guest, process, arguments).await,
        "package" => return dumpsys_package::dump(guest, process, arguments).await,
        "cpuinfo" => processes(guest, "Load: 0.1 / 0.1 / 0.1\nCPU usage from 60000ms to 0ms ago:\n", |row| {
            format!("  0.1% {}/{}: 0.1% user + 0% kernel\n", row.pid, row.name)
        }),
        "meminfo" => {
            processes(guest, "Applications Memory Usage (in Kilobytes):\n\nTotal PSS by process:\n", |row| {
                format!("  {:>8}K: {} (pid {})\n", row.rss * 3 / 5, row.name, row.pid)
            })
        }
        "power" => power(guest),
        "settings" => settings_text(guest),
        "wifi" => wifi(guest),
        "telephony.registry" => {
            "last known state:\n  Phone Id=0\n    mCallState=0\n    mRingingCallState=0\n    \
             mServiceState={mVoiceRegState=1(OUT_OF_SERVICE), mDataRegState=1(OUT_OF_SERVICE)}\n    \
             mDataConnectionState=0\n    mMessageWaiting=false\n"
                .to_owned()
        }
        "iphonesubinfo" => "Phone Subscriber Info:\n  Phone Type = GSM\n  Device ID = null\n".to_owned(),
        "alarm" => "Current Alarm Manager state:\n  Pending alarm batches: 0\n".to_owned(),
        "display" => dumpsys_activity::display(guest),
        "notification" => "Current Notification Manager state:\n  Notification List:\n".to_owned(),
        "user" => "Users:\n  UserInfo{0:Owner:c13} serialNo=0 isPrimary=true\n    State: RUNNING_UNLOCKED\n"
            .to_owned(),
        "input_method" => "Current Input Method Manager state:\n  Input Methods: mMethodMapUpdateCount=1\n  \
             mCurMethodId=com.android.inputmethod.latin/.LatinIME\n  mInputShown=false\n"
            .to_owned(),
        "uimode" => "Current UI Mode Service state:\n  mNightMode=1 (no)\n".to_owned(),
        _ => String::new(),
    };
    print(process, text).await;
    0
}

fn processes(guest: &Guest, head: &str, line: impl Fn(&crate::apps::Row) -> String) -> String {
    let rows = guest.processes().unwrap_or_default();
    std::iter::once(head.to_owned()).chain(rows.iter().filter(|row| row.rss > 0).map(line)).collect()
}

fn power(guest: &Guest) -> String {
    let stay = settings::get(guest, Table::Global, "stay_on_while_plugged_in").ok().flatten();
    let brightness = settings::get(guest, Table::System, "screen_brightness").ok().flatten();
    let on = super::util::screen_on(guest);
    let wakefulness = if on { "Awake" } else { "Asleep" };
    format!(
        "POWER MANAGER (dumpsys power)\n\nPower Manager State:\n  mWakefulness={wakefulness}\n  mIsPowered=true\n  \
         mStayOn={}\n  mScreenBrightnessSetting={}\nDisplay Power: state={}\n",
        stay.as_deref().unwrap_or("0") != "0",
        brightness.unwrap_or_default(),
        if on { "ON" } else { "OFF" }
    )
}

fn settings_text(guest: &Guest) -> String {
    let mut text = String::new();
    for table in [Table::Global, Table::Secure, Table::System] {
        text += &format!("{} SETTINGS (user 0)\n", table.name().to_uppercase());
        let all = settings::list(guest, table).unwrap_or_default();
        text.extend(all.iter().map(|(key, value)| format!("name:{key} value:{value}\n")));
    }
    text
}

fn wifi(guest: &Guest) -> String {
    let on = settings::get(guest, Table::Global, "wifi_on").ok().flatten().is_some_and(|on| on != "0");
    let state = if on { "enabled" } else { "disabled" };
    format!(
        "Wi-Fi is {state}\nVerbose logging is off\nmNetworkInfo [type: WIFI[], state: DISCONNECTED/DISCONNECTED]\n"
    )
}

async fn battery(guest: &Guest, process: &Process, arguments: &[String]) -> u8 {
    let words: Vec<&str> = arguments.iter().map(String::as_str).filter(|word| *word != "-f").collect();
    let worked = guest.session(|session| match words.as_slice() {
        [] | ["-a"] => Ok(session.battery.text()),
        ["unplug"] => {
            session.battery.unplug();
            Ok(String::new())
        }
        ["reset"] => {
            session.battery = Battery::default();
            Ok(String::new())
        }
        ["set", key, value] => session.battery.set(key, value).map(|()| String::new()),
        ["set", ..] => Err("No value specified".to_owned()),
        [other, ..] => Err(format!("Unknown command: {other}")),
    });
    match worked {
        Ok(Ok(text)) => {
            print(process, text).await;
            0
        }
        Ok(Err(why)) => {
            error(process, &why).await;
            255
        }
        Err(_) => 1,
    }
}
