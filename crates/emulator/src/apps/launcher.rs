//! Starts apps and shows them. The one place that tells the screen what is in front.

use crate::apps::installer;
use crate::apps::packages::Package;
use crate::apps::system_packages::{LAUNCHER, LAUNCHER_ACTIVITY};
use crate::files::file_error::FileError;
use crate::guest::Guest;
use crate::logcat::{Buffer, Priority};

/// How long an activity takes to be drawn, in milliseconds: from, and the spread over activities.
const DRAWN_MS: u64 = 90;
const DRAWN_SPREAD_MS: u64 = 400;

/// What can be started, but not from the launcher.
const HIDDEN: [&str; 2] = [LAUNCHER, "com.android.inputmethod.latin"];

/// What starting an activity came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Started {
    /// It was in front already.
    pub(crate) there: bool,
    /// The app did not run before.
    pub(crate) cold: bool,
    /// How long it took to be drawn, in milliseconds.
    pub(crate) took_ms: u64,
}

/// Starts an activity and brings it to the front; `intent` is how the log shows what was asked for.
pub(crate) fn start(guest: &Guest, package: &Package, activity: &str, intent: &str) -> Started {
    let wall_ms = guest.clock().wall_ms();
    let short = package.short(activity);
    let took_ms = DRAWN_MS + crate::phone::rng::fnv(short.as_bytes()) % DRAWN_SPREAD_MS;
    guest.log(Priority::Info, "ActivityTaskManager", &format!("START u0 {intent} from uid 2000"));
    let start = |session: &mut crate::session::Session| {
        let there = session.screen.front().is_some_and(|front| front.activity == activity);
        (there, session.apps.start(&package.name, Some(activity), package.uid, wall_ms))
    };
    let (there, (pid, cold)) = guest.session(start).unwrap_or_default();
    if cold {
        let user = crate::users::name(package.uid);
        let what = format!("Start proc {pid}:{}/{user} for pre-top-activity {{{short}}}", package.name);
        guest.log(Priority::Info, "ActivityManager", &what);
        guest.log_as(pid, Buffer::Main, Priority::Info, "ActivityThread", "bindApplication");
    }
    show(guest, package, activity, wall_ms);
    if !there {
        guest.log(Priority::Info, "ActivityTaskManager", &format!("Displayed {short}: +{took_ms}ms"));
    }
    Started { there, cold, took_ms }
}

/// The apps that the launcher shows, by label.
pub(crate) fn shown(guest: &Guest) -> Result<Vec<Package>, FileError> {
    let mut shown = installer::packages(guest)?.all(guest.sdk());
    shown.retain(|package| {
        package.main_activity.is_some() && !package.enabled.off() && !HIDDEN.contains(&package.name.as_str())
    });
    shown.sort_by(|a, b| a.label.cmp(&b.label).then_with(|| a.name.cmp(&b.name)));
    Ok(shown)
}

/// Starts an app as a tap on its icon does; false when there is none to start.
pub(crate) fn open(guest: &Guest, name: &str) -> Result<bool, FileError> {
    let Some(package) = installer::package(guest, name)?.filter(|found| !found.enabled.off()) else {
        return Ok(false);
    };
    let Some(activity) = &package.main_activity else { return Ok(false) };
    let short = package.short(activity);
    let intent = format!(
        "{{act=android.intent.action.MAIN cat=[android.intent.category.LAUNCHER] flg=0x10200000 cmp={short}}}"
    );
    start(guest, &package, activity, &intent);
    Ok(true)
}

/// Puts an activity in front.
fn show(guest: &Guest, package: &Package, activity: &str, wall_ms: i64) {
    let front = crate::screen::Front {
        package: package.name.clone(),
        activity: activity.to_owned(),
        label: package.label.clone(),
        version: package.version_name.clone(),
        since_wall_ms: wall_ms,
    };
    // A boot that has ended shows nothing.
    let home = package.name == LAUNCHER;
    let _ = guest.session(|session| if home { session.screen.home() } else { session.screen.launch(front) });
}

/// Takes an app off the screen.
pub(crate) fn gone(guest: &Guest, package: &str) {
    let _ = guest.session(|session| session.screen.finish(package));
}

/// The activities that are open, the one in front first: package and full name. The launcher always is.
pub(crate) fn stack(guest: &Guest) -> Vec<(String, String)> {
    let open = guest.session(|session| (session.screen.fronts().to_vec(), session.screen.front().is_none()));
    let (fronts, home) = open.unwrap_or_default();
    let mut stack: Vec<_> = fronts.into_iter().rev().map(|front| (front.package, front.activity)).collect();
    let at = if home { 0 } else { stack.len() };
    stack.insert(at, (LAUNCHER.to_owned(), LAUNCHER_ACTIVITY.to_owned()));
    stack
}
