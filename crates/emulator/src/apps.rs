//! The processes of a phone: those that every Android has, and the apps that run.

pub(crate) mod apk;
pub(crate) mod installer;
pub(crate) mod launcher;
pub(crate) mod packages;
pub(crate) mod settings;
pub(crate) mod system_packages;
pub(crate) mod system_server;

use crate::phone::boot::Stage;

/// Apps that run at once; the oldest ends for a new one, as when memory is short.
pub(crate) const APPS_MAX: usize = 32;
/// The first process of an app.
const PID_FIRST: u32 = 1_200;
/// Ids of processes begin anew after this.
const PID_MAX: u32 = 32_767;

/// An app that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Its process.
    pub pid: u32,
    /// Its package.
    pub package: String,
    /// The activity that was started last; none for a service.
    pub activity: Option<String>,
    /// The user that it runs as.
    pub uid: u32,
    /// When it was started.
    pub since_wall_ms: i64,
}

/// The apps that run.
#[derive(Debug, Default)]
pub struct Apps {
    running: Vec<App>,
    pid_last: u32,
}

impl Apps {
    /// Starts an app, or brings another activity of it up; gives its process and whether that is new.
    pub fn start(&mut self, package: &str, activity: Option<&str>, uid: u32, wall_ms: i64) -> (u32, bool) {
        if let Some(app) = self.running.iter_mut().find(|app| app.package == package) {
            app.activity = activity.map(str::to_owned).or(app.activity.take());
            return (app.pid, false);
        }
        if self.running.len() >= APPS_MAX {
            self.running.remove(0);
        }
        self.pid_last =
            if (PID_FIRST..PID_MAX).contains(&self.pid_last) { self.pid_last + 17 } else { PID_FIRST };
        let (package, activity) = (package.to_owned(), activity.map(str::to_owned));
        self.running.push(App { pid: self.pid_last, package, activity, uid, since_wall_ms: wall_ms });
        (self.pid_last, true)
    }

    /// Ends an app's process; gives it.
    pub fn stop(&mut self, package: &str) -> Option<App> {
        let at = self.running.iter().position(|app| app.package == package)?;
        Some(self.running.remove(at))
    }

    /// Whether none has run.
    pub(crate) fn untouched(&self) -> bool {
        self.pid_last == 0
    }

    /// Those that run, the oldest first.
    pub fn running(&self) -> &[App] {
        &self.running
    }
}

/// A process as `ps` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) user: String,
    pub(crate) uid: u32,
    pub(crate) pid: u32,
    pub(crate) ppid: u32,
    /// Memory in kibibytes: addressed, and resident.
    pub(crate) vsz: u32,
    pub(crate) rss: u32,
    pub(crate) name: String,
    pub(crate) since_wall_ms: i64,
}

/// The process of the system server.
pub(crate) const SYSTEM_SERVER_PID: u32 = 550;
const ZYGOTE_PID: u32 = 290;

/// User, process, parent, memory, name, and the stage from which on it runs.
type Fixed = (u32, u32, u32, u32, u32, &'static str, Option<Stage>);

const FIXED: &[Fixed] = &[
    (0, 1, 0, 10_782_236, 9_104, "init", Some(Stage::Init)),
    (0, 2, 0, 0, 0, "[kthreadd]", Some(Stage::Init)),
    (0, 10, 2, 0, 0, "[ksoftirqd/0]", Some(Stage::Init)),
    (0, 120, 1, 10_764_120, 5_120, "ueventd", Some(Stage::Init)),
    (1036, 150, 1, 10_790_884, 7_360, "logd", Some(Stage::Init)),
    (1000, 151, 1, 10_762_008, 4_352, "servicemanager", Some(Stage::Init)),
    (1000, 152, 1, 10_764_900, 5_008, "hwservicemanager", Some(Stage::Init)),
    (0, 160, 1, 10_784_100, 6_200, "vold", Some(Stage::Init)),
    (1000, 210, 1, 11_042_776, 28_400, "surfaceflinger", Some(Stage::Init)),
    (2000, 230, 1, 10_810_044, 6_100, "adbd", Some(Stage::Init)),
    (0, 240, 1, 10_900_520, 9_900, "netd", Some(Stage::Init)),
    (0, ZYGOTE_PID, 1, 13_560_304, 161_000, "zygote64", Some(Stage::Zygote)),
    (0, 291, 1, 1_604_712, 148_000, "zygote", Some(Stage::Zygote)),
    (1041, 300, 1, 10_870_000, 14_200, "audioserver", Some(Stage::Zygote)),
    (1013, 310, 1, 10_860_000, 12_900, "mediaserver", Some(Stage::Zygote)),
    (1000, SYSTEM_SERVER_PID, ZYGOTE_PID, 14_382_220, 268_000, "system_server", Some(Stage::SystemServer)),
    (10_072, 740, ZYGOTE_PID, 14_011_104, 182_000, "com.android.systemui", None),
    (1001, 820, ZYGOTE_PID, 13_721_008, 96_000, "com.android.phone", None),
    (10_080, 900, ZYGOTE_PID, 13_842_552, 141_000, "com.android.launcher3", None),
];

/// Memory of an app, in kibibytes.
const APP_VSZ: u32 = 13_900_000;
const APP_RSS: u32 = 104_000;

/// Every process, in the order of their ids. `reached` tells whether a stage was; none is a completed boot.
pub(crate) fn processes(apps: &Apps, boot_wall_ms: i64, reached: impl Fn(Option<Stage>) -> bool) -> Vec<Row> {
    let fixed = FIXED.iter().filter(|(.., stage)| reached(*stage));
    let mut rows: Vec<Row> = fixed
        .map(|(uid, pid, ppid, vsz, rss, name, _)| Row {
            user: crate::users::name(*uid),
            uid: *uid,
            pid: *pid,
            ppid: *ppid,
            vsz: *vsz,
            rss: *rss,
            name: (*name).into(),
            since_wall_ms: boot_wall_ms,
        })
        .collect();
    // An app that every phone runs anyway is not there twice.
    let fresh = |app: &&App| FIXED.iter().all(|(.., name, _)| *name != app.package);
    rows.extend(apps.running().iter().filter(fresh).map(|app| Row {
        user: crate::users::name(app.uid),
        uid: app.uid,
        pid: app.pid,
        ppid: ZYGOTE_PID,
        vsz: APP_VSZ + app.pid,
        rss: APP_RSS + app.pid % 4_000,
        name: app.package.clone(),
        since_wall_ms: app.since_wall_ms,
    }));
    rows.sort_by_key(|row| row.pid);
    rows
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_app_keeps_its_process_until_it_is_stopped() {
        let mut apps = Apps::default();
        let (pid, new) = apps.start("a", Some("a.Main"), 10_100, 5);
        assert!(new);
        assert_eq!(apps.start("a", None, 10_100, 6), (pid, false));
        assert_eq!(apps.stop("a").unwrap().activity.as_deref(), Some("a.Main"));
        assert_eq!(apps.stop("a"), None);
        assert_ne!(apps.start("a", None, 10_100, 7).0, pid);
    }

    #[test]
    fn the_oldest_app_ends_when_there_are_too_many() {
        let mut apps = Apps::default();
        for n in 0..APPS_MAX + 1 {
            apps.start(&n.to_string(), None, 10_100, 0);
        }
        assert_eq!(apps.running().len(), APPS_MAX);
        assert_eq!(apps.running()[0].package, "1");
    }

    #[test]
    fn before_the_boot_is_completed_only_what_has_started_is_there() {
        let apps = Apps::default();
        let early = processes(&apps, 0, |stage| stage.is_some_and(|stage| stage <= Stage::Init));
        assert!(early.iter().any(|row| row.name == "adbd") && early.iter().all(|row| row.name != "zygote64"));
        let all = processes(&apps, 0, |_| true);
        assert!(
            all.is_sorted_by_key(|row| row.pid) && all.iter().any(|row| row.name == "com.android.systemui")
        );
    }
}
