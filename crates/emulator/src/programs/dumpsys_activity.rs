//! What `dumpsys` says about what is on the screen.

use crate::apps::launcher;
use crate::guest::Guest;
use crate::screen::Display;

/// The activities from the one in front on: package, full and short name.
fn stack(guest: &Guest) -> Vec<(String, String, String)> {
    let named = |(package, activity): (String, String)| {
        let rest = activity.strip_prefix(package.as_str()).filter(|rest| rest.starts_with('.'));
        let short = format!("{package}/{}", rest.unwrap_or(&activity));
        (package, activity, short)
    };
    launcher::stack(guest).into_iter().map(named).collect()
}

/// Numbers that stand where Android prints an object's and a task's.
fn record(n: usize, total: usize, short: &str) -> String {
    format!("ActivityRecord{{{:07x} u0 {short} t{}}}", mark(short), total - n)
}

fn mark(text: &str) -> u64 {
    crate::phone::rng::fnv(text.as_bytes()) & 0x0fff_ffff
}

/// `dumpsys activity`.
pub(super) fn activity(guest: &Guest, arguments: &[String]) -> String {
    match arguments.iter().map(String::as_str).find(|argument| !argument.starts_with('-')) {
        Some("processes" | "p") => processes(guest),
        Some("top") => top(guest),
        Some("services" | "s") => {
            "ACTIVITY MANAGER SERVICES (dumpsys activity services)\n  (nothing)\n".to_owned()
        }
        Some("broadcasts" | "b") => {
            "ACTIVITY MANAGER BROADCAST STATE (dumpsys activity broadcasts)\n".to_owned()
        }
        Some("activities" | "a" | "recents" | "r") => activities(guest),
        Some(_) | None => activities(guest) + &processes(guest),
    }
}

fn activities(guest: &Guest) -> String {
    let stack = stack(guest);
    let total = stack.len();
    let mut text = "ACTIVITY MANAGER ACTIVITIES (dumpsys activity activities)\nDisplay #0 (activities from top to bottom):\n".to_owned();
    for (n, (package, activity, short)) in stack.iter().enumerate() {
        let state = if n == 0 { "RESUMED" } else { "STOPPED" };
        text += &format!(
            "\n  Stack #{}: type=standard mode=fullscreen\n    * Task{{{:07x} #{} visible={} type=standard A={package}}}\n      \
             * Hist #0: {}\n          packageName={package} processName={package}\n          \
             mActivityComponent={short}\n          realActivity={package}/{activity}\n          state={state}\n",
            total - n,
            mark(package),
            total - n,
            n == 0,
            record(n, total, short),
        );
    }
    if let Some((_, _, short)) = stack.first() {
        let front = record(0, total, short);
        text += &format!("\n    mResumedActivity: {front}\n    mLastPausedActivity: {}\n", "null");
        text += &format!("\n  ResumedActivity: {front}\n  topResumedActivity={front}\n\n");
    }
    text
}

fn top(guest: &Guest) -> String {
    let stack = stack(guest);
    let Some((package, _, short)) = stack.first() else { return String::new() };
    let pid = guest
        .processes()
        .unwrap_or_default()
        .iter()
        .find(|row| row.name == *package)
        .map_or(0, |row| row.pid);
    let front = record(0, stack.len(), short);
    format!(
        "TASK {package} id={} userId=0\n  ACTIVITY {short} {:07x} pid={pid}\n    Local Activity {:07x} State:\n      \
         mResumed=true mStopped=false mFinished=false\n    mResumedActivity: {front}\n    topResumedActivity={front}\n",
        stack.len(),
        mark(short),
        mark(package)
    )
}

fn processes(guest: &Guest) -> String {
    let mut text =
        "ACTIVITY MANAGER RUNNING PROCESSES (dumpsys activity processes)\n  All known processes:\n"
            .to_owned();
    for row in guest.processes().unwrap_or_default().iter().filter(|row| row.name.contains('.')) {
        text += &format!(
            "  *APP* UID {} ProcessRecord{{{:07x} {}:{}/{}}}\n",
            row.uid,
            mark(&row.name),
            row.pid,
            row.name,
            row.user
        );
    }
    text
}

/// `dumpsys window`.
pub(super) fn window(guest: &Guest, arguments: &[String]) -> String {
    let displays = arguments.iter().any(|argument| ["displays", "d"].contains(&argument.as_str()));
    let stack = stack(guest);
    let Some((_, _, short)) = stack.first() else { return String::new() };
    // A window's title has the full name.
    let full =
        stack.first().map(|(package, activity, _)| format!("{package}/{activity}")).unwrap_or_default();
    let focus = format!(
        "  mCurrentFocus=Window{{{:07x} u0 {full}}}\n  mFocusedApp={}\n",
        mark(&full),
        record(0, stack.len(), short)
    );
    let head = "WINDOW MANAGER DISPLAY CONTENTS (dumpsys window displays)\n";
    if displays {
        return format!("{head}{}{focus}", size(guest, "  Display: mDisplayId=0\n"));
    }
    let mut text = "WINDOW MANAGER WINDOWS (dumpsys window windows)\n".to_owned();
    for (n, (package, activity, _)) in stack.iter().enumerate() {
        let title = format!("{package}/{activity}");
        text += &format!(
            "  Window #{n} Window{{{:07x} u0 {title}}}:\n    mOwnerUid=10000 showForAllUsers=false package={package}\n",
            mark(&title)
        );
    }
    text + "\n" + &focus + &size(guest, head)
}

/// `dumpsys display`.
pub(super) fn display(guest: &Guest) -> String {
    let on = super::util::screen_on(guest);
    let state = if on { "ON" } else { "OFF" };
    size(guest, &format!("DISPLAY MANAGER (dumpsys display)\n  mOnlyCode=false\n  mScreenState={state}\n"))
}

/// The display's size, after a head.
fn size(guest: &Guest, head: &str) -> String {
    let Ok(display) = Display::of(guest) else { return head.to_owned() };
    let (width, height, density) = display.holds();
    format!("{head}    init={width}x{height} {density}dpi cur={width}x{height} app={width}x{height}\n")
}
