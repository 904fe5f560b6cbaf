#![allow(clippy::unwrap_used)]

use crate::clock::Clock;
use crate::emulator::{Config, Emulator};
use crate::guest::Guest;
use crate::phone::image::Image;
use crate::pipe::{Input, pipe};
use crate::program::{Process, Running};
use crate::{Action, Priority};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const PHONE: &str = "0123456789abcdef";
const BASE: &[u8] = include_bytes!("../../tests/fixtures/base.apk");
const UPDATE: &[u8] = include_bytes!("../../tests/fixtures/update.apk");
const SPLIT: &[u8] = include_bytes!("../../tests/fixtures/split.apk");
const UNSIGNED: &[u8] = include_bytes!("../../tests/fixtures/unsigned.apk");
const JAR: &[u8] = include_bytes!("../../tests/fixtures/jar.apk");
const HELLO: &str = "org.example.hello";

/// Starts at 2026-02-28 23:00:00.
#[derive(Default)]
struct Time(AtomicU64);

impl Clock for Time {
    fn now_ms(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn wall_ms(&self) -> i64 {
        1_772_319_600_000 + self.now_ms().cast_signed()
    }
}

struct Phone {
    emulator: Arc<Emulator>,
    time: Arc<Time>,
    guest: Guest,
}

/// What a program printed, its complaints after it, and its exit code.
type Ended = (String, u8);

impl Phone {
    fn booted() -> Self {
        let phone = Self::on("11");
        phone.time.0.store(2_000, Ordering::Relaxed);
        phone
    }

    /// At the beginning of its boot's last stage but one, of 1000 ms.
    fn on(android_version: &str) -> Self {
        let config = Config {
            boot_ms: 1_000,
            boot_variance: 0.0,
            log_entries_max: 100,
            data_bytes_max: 1 << 20,
            ..Config::default()
        };
        let emulator = Arc::new(Emulator::new(config).unwrap());
        let image = Image {
            id: "i".into(),
            name: "i".into(),
            android_version: android_version.into(),
            build_properties: Arc::default(),
        };
        emulator.add(PHONE, Arc::new(image), &BTreeMap::new(), false, 0).unwrap();
        emulator.start(PHONE, 0).unwrap();
        let time = Arc::new(Time::default());
        time.0.store(400, Ordering::Relaxed);
        let guest = Guest::enter(emulator.clone(), PHONE, time.clone()).unwrap();
        Self { emulator, time, guest }
    }

    /// The same phone after a restart, with or without its data.
    fn again(self, wiped: bool) -> Self {
        self.emulator.stop(PHONE, self.time.now_ms()).unwrap();
        if wiped {
            self.emulator.wipe(PHONE, self.time.now_ms()).unwrap();
        }
        self.emulator.start(PHONE, self.time.now_ms()).unwrap();
        self.time.0.fetch_add(5_000, Ordering::Relaxed);
        let guest = Guest::enter(self.emulator.clone(), PHONE, self.time.clone()).unwrap();
        Self { guest, ..self }
    }

    async fn run_with(&self, line: &str, stdin: &[u8]) -> Ended {
        self.run_argv(line.split(' ').map(str::to_owned).collect(), stdin).await
    }

    async fn run_argv(&self, argv: Vec<String>, stdin: &[u8]) -> Ended {
        let ((stdout, out), (stderr, err)) = (pipe(), pipe());
        let (feed, input) = pipe();
        let stdin = stdin.to_vec();
        let feeding = async move {
            // A program that does not read to the end is no failure.
            let _ = feed.write(stdin).await;
        };
        let env = Arc::default();
        let process = Process { argv, env, cwd: "/".into(), stdin: input, stdout, stderr, terminal: false };
        let running = program(self.guest.clone(), process);
        let ((), code, out, err) = tokio::join!(feeding, running, out.all(1 << 20), err.all(1 << 20));
        let text = [out.unwrap(), err.unwrap()].concat();
        (String::from_utf8(text).unwrap(), code)
    }

    async fn run(&self, line: &str) -> Ended {
        self.run_with(line, b"").await
    }

    /// What a program that has to succeed prints.
    async fn ok(&self, line: &str) -> String {
        let (text, code) = self.run(line).await;
        assert_eq!(code, 0, "{line}: {text}");
        text
    }

    async fn install(&self, options: &str, apk: &[u8]) -> Ended {
        self.run_with(&format!("cmd package install {options} -S {}", apk.len()), apk).await
    }
}

fn program(guest: Guest, process: Process) -> Running {
    super::find(&process.argv[0]).unwrap().start(guest, process)
}

fn ok(text: &str) -> Ended {
    (text.into(), 0)
}

#[tokio::test]
async fn an_app_is_installed_as_adb_does_it_and_listed() {
    let phone = Phone::booted();
    assert_eq!(phone.ok("pm list packages -3").await, "");
    assert_eq!(phone.install("-r", BASE).await, ok("Success\n"));
    assert_eq!(
        phone.ok("pm list packages -3 --show-versioncode -U").await,
        "package:org.example.hello versionCode:7 uid:10100\n"
    );
    let path = phone.ok("pm path org.example.hello").await;
    let path = path.strip_prefix("package:").unwrap().trim_end();
    assert!(path.starts_with("/data/app/~~") && path.ends_with("/base.apk"), "{path}");
    assert_eq!(phone.guest.privileged().read_file(path, 1 << 20).unwrap(), BASE);
    assert!(phone.guest.privileged().stat("/data/data/org.example.hello").is_ok());
    let dump = phone.ok("dumpsys package org.example.hello").await;
    for part in [
        "versionCode=7 minSdk=24",
        "versionName=1.7",
        "userId=10100",
        "firstInstallTime=2026-02-28 23:00:02",
        "android.permission.CAMERA: granted=false",
        "android.permission.INTERNET: granted=true",
    ] {
        assert!(dump.contains(part), "{part} in {dump}");
    }
    assert!(
        phone.guest.privileged().list("/data/app").unwrap().iter().all(|(name, _)| name.starts_with("~~"))
    );
}

#[tokio::test]
async fn an_update_keeps_the_user_and_takes_the_old_files_away() {
    let phone = Phone::booted();
    phone.install("-r", BASE).await;
    let before = phone.ok("pm path org.example.hello").await;
    assert_eq!(phone.install("-r", UPDATE).await, ok("Success\n"));
    assert_ne!(phone.ok("pm path org.example.hello").await, before);
    assert_eq!(phone.guest.privileged().list("/data/app").unwrap().len(), 1);
    let (text, code) = phone.install("-r", BASE).await;
    assert_eq!(code, 1);
    assert!(text.starts_with("Failure [INSTALL_FAILED_VERSION_DOWNGRADE: "), "{text}");
    assert_eq!(phone.install("-r -d", BASE).await, ok("Success\n"));
    let (text, _) = phone.install("-R", BASE).await;
    assert!(text.starts_with("Failure [INSTALL_FAILED_ALREADY_EXISTS: "), "{text}");
    assert!(phone.guest.privileged().list("/data/app").unwrap().len() == 1, "nothing is left behind");
}

#[tokio::test]
async fn what_cannot_be_installed_is_refused_in_androids_words() {
    let phone = Phone::booted();
    let cases: [(&[u8], &str); 3] = [
        (UNSIGNED, "INSTALL_PARSE_FAILED_NO_CERTIFICATES"),
        (b"no archive", "INSTALL_PARSE_FAILED_NOT_APK"),
        (&BASE[..4_000], "INSTALL_PARSE_FAILED_NOT_APK"),
    ];
    for (apk, why) in cases {
        let (text, code) = phone.install("-r", apk).await;
        assert_eq!((text.starts_with(&format!("Failure [{why}")), code), (true, 1), "{text}");
    }
    let (text, _) = phone.run_with("pm install -S 20000", BASE).await;
    assert!(text.starts_with("Failure [INSTALL_PARSE_FAILED_NOT_APK: "), "cut short: {text}");
    let (text, _) = phone.run_with("pm install -S 9000000", BASE).await;
    assert!(text.starts_with("Failure [INSTALL_FAILED_INSUFFICIENT_STORAGE: "), "{text}");
    let (text, _) = phone.run("pm install").await;
    assert_eq!(text, "Error: must either specify a package size or an APK file\n");
    assert!(phone.guest.privileged().list("/data/app").unwrap().is_empty());
    let old = Phone::on("10");
    old.time.0.store(2_000, Ordering::Relaxed);
    let (text, _) = old.install("-r", UPDATE).await;
    assert!(text.starts_with("Failure [INSTALL_FAILED_OLDER_SDK: "), "{text}");
}

#[tokio::test]
async fn splits_are_installed_together_in_a_session() {
    let phone = Phone::booted();
    let total = BASE.len() + SPLIT.len();
    let created = phone.ok(&format!("cmd package install-create -r -S {total}")).await;
    let id =
        created.strip_prefix("Success: created install session [").unwrap().trim_end().trim_end_matches(']');
    for (name, apk) in [("0_base.apk", BASE), ("1_split.apk", SPLIT)] {
        let line = format!("cmd package install-write -S {} {id} {name} -", apk.len());
        assert_eq!(phone.run_with(&line, apk).await, ok(&format!("Success: streamed {} bytes\n", apk.len())));
    }
    assert_eq!(phone.ok(&format!("cmd package install-commit {id}")).await, "Success\n");
    let paths = phone.ok("pm path org.example.hello").await;
    let names: Vec<&str> = paths.lines().map(|path| path.rsplit('/').next().unwrap()).collect();
    assert_eq!(names, ["base.apk", "split_config.x86_64.apk"]);
    assert!(phone.ok("dumpsys package org.example.hello").await.contains("splits=[base, config.x86_64]"));
    assert_eq!(phone.run(&format!("cmd package install-commit {id}")).await.1, 1, "it is over");
}

#[tokio::test]
async fn an_abandoned_session_leaves_nothing_and_sessions_are_bounded() {
    let phone = Phone::booted();
    let mut ids = Vec::new();
    loop {
        let (text, code) = phone.run("pm install-create").await;
        if code != 0 {
            assert!(text.contains("Too many active sessions"), "{text}");
            break;
        }
        ids.push(text.split(['[', ']']).nth(1).unwrap().to_owned());
    }
    assert_eq!(ids.len(), crate::apps::packages::SESSIONS_MAX);
    for id in ids {
        assert_eq!(phone.ok(&format!("pm install-abandon {id}")).await, "Success\n");
    }
    assert!(phone.guest.privileged().list("/data/app").unwrap().is_empty());
    for name in ["../x", ".x", "a/b", ""] {
        let id = phone.ok("pm install-create").await.split(['[', ']']).nth(1).unwrap().to_owned();
        assert_eq!(phone.run(&format!("pm install-write -S 1 {id} {name} -")).await.1, 1, "{name}");
    }
}

#[tokio::test]
async fn sessions_end_with_the_boot_that_they_were_opened_in() {
    let mut phone = Phone::booted();
    let mut id = String::new();
    for _ in 0..crate::apps::packages::SESSIONS_MAX {
        id = phone.ok("pm install-create").await.split(['[', ']']).nth(1).unwrap().to_owned();
    }
    phone = phone.again(false);
    assert_eq!(phone.run_with(&format!("pm install-write -S 1 {id} a.apk -"), b"x").await.1, 1);
    assert_eq!(phone.install("-r", BASE).await, ok("Success\n"));
    assert_eq!(phone.guest.privileged().list("/data/app").unwrap().len(), 1);
}

#[tokio::test]
async fn an_install_whose_sender_goes_leaves_nothing() {
    let phone = Phone::booted();
    let ((stdout, _out), (stderr, _err), (feed, input)) = (pipe(), pipe(), pipe());
    let argv = "cmd package install -S 1000000".split(' ').map(str::to_owned).collect();
    let env = Arc::default();
    let process = Process { argv, env, cwd: "/".into(), stdin: input, stdout, stderr, terminal: false };
    let mut running = program(phone.guest.clone(), process);
    feed.write(vec![7; 1000]).await.unwrap();
    assert!(futures::poll!(&mut running).is_pending());
    assert_eq!(phone.guest.privileged().list("/data/app").unwrap().len(), 1);
    drop(running);
    assert!(phone.guest.privileged().list("/data/app").unwrap().is_empty());
}

#[tokio::test]
async fn files_of_a_session_are_counted() {
    let phone = Phone::booted();
    let id = phone.ok("pm install-create").await.split(['[', ']']).nth(1).unwrap().to_owned();
    for number in 0..=crate::apps::packages::STAGED_MAX {
        let (text, code) = phone.run_with(&format!("pm install-write -S 1 {id} f{number} -"), b"a").await;
        assert_eq!(code == 0, number < crate::apps::packages::STAGED_MAX, "{number}: {text}");
    }
}

#[tokio::test]
async fn an_apk_on_the_phone_is_installed_by_its_path() {
    let phone = Phone::booted();
    phone.guest.write_file("/data/local/tmp/a.apk", JAR, 0o644).unwrap();
    assert_eq!(phone.ok("pm install /data/local/tmp/a.apk").await, "Success\n");
    let (text, code) = phone.run("pm install /data/local/tmp/none.apk").await;
    assert_eq!(code, 1);
    assert!(text.starts_with("Error: Unable to open file: /data/local/tmp/none.apk\n"), "{text}");
    let (text, _) = phone.run("monkey -p org.example.service -c android.intent.category.LAUNCHER 1").await;
    assert_eq!(text, "** No activities found to run, monkey aborted.\n");
}

#[tokio::test]
async fn uninstalling_takes_code_and_data_away() {
    let phone = Phone::booted();
    for (options, data_stays) in [("", false), ("-k ", true)] {
        phone.install("-r", BASE).await;
        phone.guest.privileged().write_file("/data/data/org.example.hello/x", b"1", 0o600).unwrap();
        assert_eq!(phone.ok(&format!("cmd package uninstall {options}{HELLO}")).await, "Success\n");
        assert_eq!(phone.guest.privileged().stat("/data/data/org.example.hello/x").is_ok(), data_stays);
        assert!(phone.guest.privileged().list("/data/app").unwrap().is_empty());
    }
    for name in [HELLO, "com.android.settings"] {
        let failed = phone.run(&format!("pm uninstall {name}")).await;
        assert_eq!(failed, ("Failure [DELETE_FAILED_INTERNAL_ERROR]\n".into(), 1));
    }
}

#[tokio::test]
async fn a_restart_keeps_packages_and_settings_and_a_reset_wipes_them() {
    let phone = Phone::booted();
    phone.install("-r", BASE).await;
    phone.ok("settings put global mine 1").await;
    let id = phone.ok("settings get secure android_id").await;
    assert_eq!(id.trim_end().len(), 16);
    phone.ok(&format!("am start -n {HELLO}/.MainActivity")).await;
    let phone = phone.again(false);
    assert_eq!(phone.ok("pm list packages -3").await, "package:org.example.hello\n");
    assert_eq!(phone.ok("settings get global mine").await, "1\n");
    assert_eq!(phone.ok("settings get secure android_id").await, id);
    assert_eq!(phone.run(&format!("pidof {HELLO}")).await, (String::new(), 1), "it does not run any more");
    let phone = phone.again(true);
    assert_eq!(phone.ok("pm list packages -3").await, "");
    assert_eq!(phone.ok("settings get global mine").await, "null\n");
    assert_ne!(phone.ok("settings get secure android_id").await, id);
}

#[tokio::test]
async fn an_app_that_is_started_is_in_front_runs_and_is_logged() {
    let phone = Phone::booted();
    phone.install("-r", BASE).await;
    let started = phone.ok(&format!("am start -n {HELLO}/.MainActivity")).await;
    assert_eq!(started, "Starting: Intent { cmp=org.example.hello/.MainActivity }\n");
    let front = phone.guest.session(|session| session.screen.front().cloned()).unwrap().unwrap();
    assert_eq!(
        (front.package.as_str(), front.label.as_str(), front.version.as_str()),
        (HELLO, "Hello Phone", "1.7")
    );
    let log = phone.ok("logcat -d -s ActivityTaskManager:I").await;
    assert!(log.contains("START u0 { cmp=org.example.hello/.MainActivity } from uid 2000"), "{log}");
    assert!(log.contains("Displayed org.example.hello/.MainActivity: +"), "{log}");
    let pid = phone.ok(&format!("pidof {HELLO}")).await;
    assert!(phone.ok("ps -A -o PID,NAME").await.contains(&format!("{:>6} {HELLO}\n", pid.trim_end())));
    let dump = phone.ok("dumpsys activity activities").await;
    assert!(dump.lines().any(|line| line.contains("mResumedActivity") && line.contains("org.example.hello/.MainActivity")));
    let window = phone.ok("dumpsys window").await;
    assert!(window.lines().any(|line| line.contains("mCurrentFocus=Window{")
        && line.contains("org.example.hello/org.example.hello.MainActivity}")));
    phone.ok(&format!("am force-stop {HELLO}")).await;
    assert_eq!(phone.run(&format!("pidof {HELLO}")).await.1, 1);
    assert!(phone.guest.session(|session| session.screen.front().is_none()).unwrap());
    assert!(phone.ok("dumpsys window").await.contains("mCurrentFocus=Window{"));
}

#[tokio::test]
async fn waiting_for_a_start_says_how_it_went() {
    let phone = Phone::booted();
    phone.install("-r", BASE).await;
    let cold = phone.ok(&format!("am start -W -S -n {HELLO}/.MainActivity")).await;
    assert!(
        cold.contains(
            "Status: ok\nLaunchState: COLD\nActivity: org.example.hello/.MainActivity\nTotalTime: "
        ),
        "{cold}"
    );
    assert!(cold.ends_with("\nComplete\n"));
    let again = phone.ok(&format!("am start -n {HELLO}/.MainActivity")).await;
    assert!(again.contains("Warning: Activity not started, intent has been delivered"), "{again}");
    assert_eq!(phone.ok("logcat -d -e ^Displayed").await.lines().count(), 2, "a head and one line");
    let (text, code) = phone.run(&format!("am start -n {HELLO}/.None")).await;
    assert_eq!(code, 1);
    assert!(
        text.ends_with(
            "Error type 3\nError: Activity class {org.example.hello/org.example.hello.None} does not exist.\n"
        ),
        "{text}"
    );
    assert!(
        phone
            .ok(&format!("monkey -p {HELLO} -c android.intent.category.LAUNCHER 1"))
            .await
            .starts_with("Events injected: 1\n")
    );
    assert!(
        phone
            .ok("am start -a android.settings.SETTINGS")
            .await
            .starts_with("Starting: Intent { act=android.settings.SETTINGS }")
    );
    assert!(
        phone.ok("dumpsys window").await.contains("u0 com.android.settings/com.android.settings.Settings}")
    );
    assert!(phone.ok("am broadcast -a x.Y --es k v").await.ends_with("Broadcast completed: result=0\n"));
}

#[tokio::test]
async fn a_disabled_package_does_not_start_until_it_is_enabled() {
    let phone = Phone::booted();
    phone.install("-r", BASE).await;
    assert_eq!(
        phone.ok(&format!("pm disable-user --user 0 {HELLO}")).await,
        "Package org.example.hello new state: disabled-user\n"
    );
    assert_eq!(phone.ok("pm list packages -d").await, "package:org.example.hello\n");
    assert_eq!(phone.run(&format!("am start -n {HELLO}/.MainActivity")).await.1, 1);
    phone.ok(&format!("pm enable {HELLO}")).await;
    phone.ok(&format!("am start -n {HELLO}/.MainActivity")).await;
    let (text, code) = phone.run("pm enable org.none").await;
    assert_eq!(code, 255);
    assert!(text.contains("java.lang.IllegalArgumentException: Unknown package: org.none"), "{text}");
}

#[tokio::test]
async fn permissions_are_granted_and_revoked() {
    let phone = Phone::booted();
    phone.install("-r", BASE).await;
    phone.ok(&format!("pm grant {HELLO} android.permission.CAMERA")).await;
    assert!(phone.ok(&format!("dumpsys package {HELLO}")).await.contains("CAMERA: granted=true"));
    phone.ok(&format!("pm revoke {HELLO} android.permission.CAMERA")).await;
    assert!(phone.ok(&format!("dumpsys package {HELLO}")).await.contains("CAMERA: granted=false"));
    for permission in ["android.permission.INTERNET", "android.permission.READ_SMS"] {
        let (text, code) = phone.run(&format!("pm grant {HELLO} {permission}")).await;
        assert!(code == 255 && text.contains("java.lang.SecurityException"), "{text}");
    }
}

#[tokio::test]
async fn before_the_system_server_runs_its_services_cannot_be_found() {
    let phone = Phone::on("11");
    for (line, service) in
        [("pm list packages", "package"), ("am start x", "activity"), ("settings list system", "settings")]
    {
        assert_eq!(phone.run(line).await, (format!("cmd: Can't find service: {service}\n"), 20));
    }
    let ps = phone.ok("ps -A").await;
    assert!(ps.contains("zygote64") && !ps.contains("system_server"));
    let log = phone.ok("logcat -d").await;
    assert!(log.contains("begin preload") && !log.contains("system server"));
    phone.time.0.store(2_000, Ordering::Relaxed);
    assert!(phone.ok("logcat -d -b all").await.contains("Finished processing BOOT_COMPLETED"));
}

#[tokio::test]
async fn services_that_are_not_there_are_not_found() {
    let phone = Phone::booted();
    assert_eq!(phone.run("cmd nothing x").await, ("cmd: Can't find service: nothing\n".into(), 20));
    assert_eq!(phone.ok("dumpsys nothing").await, "Can't find service: nothing\n");
    assert_eq!(phone.ok("service check nothing").await, "Service nothing: not found\n");
    for service in super::dumpsys::SERVICES {
        assert!(!phone.ok(&format!("dumpsys {service}")).await.contains("Can't find"), "{service}");
    }
}

#[tokio::test]
async fn settings_are_put_listed_and_deleted() {
    let phone = Phone::booted();
    assert_eq!(phone.ok("settings get global adb_enabled").await, "1\n");
    phone.ok("settings put system screen_brightness 7").await;
    assert_eq!(phone.ok("cmd settings get --user 0 system screen_brightness").await, "7\n");
    assert!(phone.ok("settings list system").await.contains("screen_brightness=7\n"));
    assert_eq!(phone.ok("settings delete system screen_brightness").await, "Deleted 1 rows\n");
    assert_eq!(phone.ok("settings get system screen_brightness").await, "null\n");
    assert_eq!(phone.ok("settings delete system nothing").await, "Deleted 0 rows\n");
    assert_eq!(phone.run("settings get nowhere x").await.1, 255);
    let row = phone.ok("content query --uri content://settings/global --where name='adb_enabled'").await;
    assert!(row.contains("name=adb_enabled, value=1"), "{row}");
}

#[tokio::test]
async fn the_battery_is_set_and_reset() {
    let phone = Phone::booted();
    assert!(phone.ok("dumpsys battery").await.contains("AC powered: true\n"));
    phone.ok("dumpsys battery set level 42").await;
    phone.ok("dumpsys battery unplug").await;
    let text = phone.ok("dumpsys battery").await;
    assert!(text.contains("  level: 42\n") && text.contains("AC powered: false\n"), "{text}");
    phone.ok("dumpsys battery reset").await;
    assert!(phone.ok("dumpsys battery").await.contains("  level: 100\n"));
}

#[tokio::test]
async fn properties_are_read_and_set_with_androids_errors() {
    let phone = Phone::booted();
    assert_eq!(phone.ok("getprop ro.build.version.sdk").await, "30\n");
    assert_eq!(phone.ok("getprop none other").await, "other\n");
    assert!(phone.ok("getprop").await.contains("[ro.build.version.release]: [11]\n"));
    phone.ok("setprop a.b c").await;
    assert_eq!(phone.ok("getprop a.b").await, "c\n");
    let failed = "Failed to set property 'ro.serialno' to 'x'.\nSee dmesg for error reason.\n";
    assert_eq!(phone.run("setprop ro.serialno x").await, (failed.into(), 1));
    assert_eq!(phone.run("setprop sys.powerctl reboot").await.1, 1, "not for the shell");
}

#[tokio::test]
async fn logcat_filters_formats_clears_and_tails() {
    let phone = Phone::booted();
    phone.ok("logcat -c -b all").await;
    phone.ok("log -t mine -p w hello there").await;
    phone.ok("log -t other second").await;
    assert_eq!(
        phone.ok("logcat -d -v brief mine:W *:S").await,
        "--------- beginning of main\nW/mine    ( 1100): hello there\n"
    );
    assert_eq!(phone.ok("logcat -d -v raw -e sec").await, "--------- beginning of main\nsecond\n");
    for sets in ["logcat -G 16M", "logcat -G16M", "logcat --buffer-size=1M", "logcat -p", "logcat -P ''"] {
        let said = tokio::time::timeout(std::time::Duration::from_secs(20), phone.ok(sets)).await;
        assert_eq!(said.as_deref(), Ok(""), "{sets}");
    }
    assert!(phone.ok("logcat -g").await.starts_with("main: ring buffer is "));
    assert_eq!(phone.ok("logcat -t 1 -v raw").await, "--------- beginning of main\nsecond\n");
    assert_eq!(
        phone.ok("logcat -d").await.lines().nth(1).unwrap(),
        "02-28 23:00:02.000  1100  1100 W mine    : hello there"
    );
    assert_eq!(phone.ok("logcat -d --pid=9").await, "");
    let since = |time: &str| ["logcat", "-v", "raw", "-t", time].map(str::to_owned).to_vec();
    assert_eq!(phone.run_argv(since("02-28 23:00:02.000"), b"").await.0.lines().count(), 3);
    assert_eq!(phone.run_argv(since("02-28 23:00:02.001"), b"").await.0, "");
    assert_eq!(phone.run_argv(since("yesterday"), b"").await.1, 1);
    assert_eq!(phone.run("logcat -Q").await.1, 1);
}

#[tokio::test]
async fn a_logcat_that_follows_shows_what_comes_and_ends_with_the_boot() {
    let phone = Phone::booted();
    phone.ok("logcat -c -b all").await;
    let ((stdout, out), (stderr, _err)) = (pipe(), pipe());
    let argv = ["logcat", "-v", "raw"].map(str::to_owned).to_vec();
    let (env, cwd, stdin) = (Arc::default(), "/".to_owned(), Input::empty());
    let process = Process { argv, env, cwd, stdin, stdout, stderr, terminal: false };
    let following = tokio::spawn(super::logcat::logcat(phone.guest.clone(), process));
    phone.guest.log(Priority::Info, "t", "first");
    assert_eq!(out.line(100).await.unwrap(), b"--------- beginning of system");
    assert_eq!(out.line(100).await.unwrap(), b"first");
    phone.guest.log(Priority::Info, "t", "second");
    assert_eq!(out.line(100).await.unwrap(), b"second");
    phone.emulator.stop(PHONE, 3_000).unwrap();
    assert_eq!(following.await.unwrap(), 0);
    assert_eq!(out.line(100).await, None);
}

#[tokio::test]
async fn processes_are_shown_and_ended() {
    let phone = Phone::booted();
    phone.install("-r", BASE).await;
    phone.ok(&format!("am start -n {HELLO}/.MainActivity")).await;
    let ps = phone.ok("ps -A").await;
    assert!(
        ps.starts_with("USER           PID  PPID     VSZ    RSS WCHAN            ADDR S NAME\n")
            || ps.starts_with("USER"),
        "{ps}"
    );
    assert!(ps.lines().any(|line| line.starts_with("root ") && line.ends_with(" init")));
    assert!(phone.ok("top -b -n 1 -m 5").await.contains("system_server"));
    let pid = phone.ok(&format!("pidof {HELLO}")).await.trim_end().to_owned();
    let denied = format!("kill: bad pid '{pid}': Operation not permitted\n");
    assert_eq!(phone.run(&format!("kill {pid}")).await, (denied, 1));
    phone.guest.session(|session| session.root = true).unwrap();
    phone.ok(&format!("kill -9 {pid}")).await;
    assert_eq!(phone.run(&format!("pidof {HELLO}")).await.1, 1);
    assert_eq!(phone.run("kill 31999").await, ("kill: bad pid '31999': No such process\n".into(), 1));
}

#[tokio::test]
async fn a_reboot_without_a_hook_restarts_the_phone_at_once() {
    let phone = Phone::booted();
    let before = phone.guest.boot_id();
    phone.emulator.drain_log();
    let (argv, env, cwd) = (vec!["reboot".to_owned()], Arc::default(), "/".to_owned());
    let (stdin, (stdout, _out)) = (Input::empty(), pipe());
    let process = Process { argv, env, cwd, stdin, stderr: stdout.clone(), stdout, terminal: false };
    let rebooting = tokio::spawn(super::reboot::reboot(phone.guest.clone(), process));
    while phone.emulator.observe(PHONE, 2_000).unwrap().boot_id == Some(before) {
        tokio::task::yield_now().await;
    }
    rebooting.abort();
    let actions: Vec<Action> = phone.emulator.drain_log().into_iter().map(|entry| entry.action).collect();
    assert!(matches!(actions.as_slice(), [Action::Stopped, Action::Started { .. }]), "{actions:?}");
    assert!(phone.guest.getprop("a").is_err(), "the boot that asked has ended");
}

#[tokio::test]
async fn a_hook_is_told_what_a_phone_asks_for() {
    let phone = Phone::booted();
    let (sender, mut told) = tokio::sync::mpsc::unbounded_channel();
    let hook = move |phone_id: &str, _boot, request| drop(sender.send((phone_id.to_owned(), request)));
    assert!(phone.emulator.on_power_request(Box::new(hook)));
    let (env, cwd) = (Arc::default(), "/".to_owned());
    let (stdin, (stdout, _out)) = (Input::empty(), pipe());
    let argv = ["svc", "power", "shutdown"].map(str::to_owned).to_vec();
    let process = Process { argv, env, cwd, stdin, stderr: stdout.clone(), stdout, terminal: false };
    let asking = tokio::spawn(super::svc::svc(phone.guest.clone(), process));
    assert_eq!(told.recv().await, Some((PHONE.to_owned(), crate::PowerRequest::Off)));
    asking.abort();
}
