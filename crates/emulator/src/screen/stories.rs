//! Stories of a phone's screen, told through the programs that a shell runs.
#![allow(clippy::unwrap_used)]

use super::layout::Layout;
use super::{Panel, Scene, capture};
use crate::pipe::{Input, pipe};
use crate::program::Process;
use crate::programs;
use crate::{Clock, Config, Emulator, Error, Guest, Image};
use std::sync::Arc;

const PHONE: &str = "a7f3a1c5258347d6b6f1def79e11f2bc";
/// How long a boot takes.
const BOOT_MS: u64 = 1000;
/// Most bytes that a story reads.
const BYTES_MAX: usize = 16 << 20;

/// A clock that stands.
struct At(u64);

impl Clock for At {
    fn now_ms(&self) -> u64 {
        self.0
    }

    fn wall_ms(&self) -> i64 {
        1_795_599_660_000
    }
}

/// What a program has printed and complained, and its exit code.
struct Ran {
    code: u8,
    out: Vec<u8>,
    complaint: String,
}

impl Ran {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.out).unwrap()
    }
}

async fn run(guest: &Guest, line: &str) -> Ran {
    let ((stdout, out), (stderr, complaints)) = (pipe(), pipe());
    let argv: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    let program = programs::find(&argv[0]).unwrap();
    let process = Process {
        argv,
        env: Arc::default(),
        cwd: "/data/local/tmp".into(),
        stdin: Input::empty(),
        stdout,
        stderr,
        terminal: false,
    };
    let running = program.start(guest.clone(), process);
    let (code, out, complaint) = tokio::join!(running, out.all(BYTES_MAX), complaints.all(BYTES_MAX));
    Ran { code, out: out.unwrap(), complaint: String::from_utf8(complaint.unwrap()).unwrap() }
}

fn emulator(properties: &[(&str, &str)]) -> Arc<Emulator> {
    let config = Config { boot_ms: BOOT_MS as u32, boot_variance: 0.0, ..Config::default() };
    let emulator = Emulator::new(config).unwrap();
    let image = Image {
        id: "image1".into(),
        name: "image one".into(),
        android_version: "11".into(),
        build_properties: Arc::default(),
    };
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let properties = properties.iter().map(own).collect();
    emulator.add(PHONE, Arc::new(image), &properties, false, 0).unwrap();
    emulator.start(PHONE, 0).unwrap();
    Arc::new(emulator)
}

fn inside(emulator: &Arc<Emulator>, now_ms: u64) -> Guest {
    Guest::enter(emulator.clone(), PHONE, Arc::new(At(now_ms))).unwrap()
}

fn phone(properties: &[(&str, &str)]) -> Guest {
    inside(&emulator(properties), BOOT_MS)
}

/// Width and height of a PNG.
fn size(png: &[u8]) -> (u32, u32) {
    let reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    reader.info().size()
}

#[tokio::test]
async fn screencap_prints_or_writes_what_the_service_shows() {
    let phone = phone(&[]);
    let picture = capture(&phone).await.unwrap();
    assert_eq!(size(&picture), (720, 1280));
    let ran = run(&phone, "screencap -p").await;
    assert_eq!((ran.code, ran.out == picture), (0, true));
    let raw = run(&phone, "screencap").await;
    assert_eq!((raw.code, raw.out.len()), (0, 16 + 720 * 1280 * 4));
    assert_eq!(raw.out[..8], [0xd0, 2, 0, 0, 0, 5, 0, 0]);
    for path in ["/data/local/tmp/a.png", "b.png"] {
        assert_eq!(run(&phone, &format!("screencap {path}")).await.code, 0);
    }
    for path in ["/data/local/tmp/a.png", "/data/local/tmp/b.png"] {
        assert!(phone.read_file(path, BYTES_MAX).unwrap() == picture);
    }
}

#[tokio::test]
async fn screencap_refuses_what_it_does_not_know_or_cannot_write() {
    let phone = phone(&[]);
    let ran = run(&phone, "screencap -z").await;
    assert_eq!((ran.code, ran.out.len()), (1, 0));
    assert!(ran.complaint.starts_with("usage: screencap [-hp]"));
    let ran = run(&phone, "screencap -p /system/a.png").await;
    assert_eq!(ran.code, 1);
    assert!(ran.complaint.starts_with("Error opening file: /system/a.png ("), "{}", ran.complaint);
}

#[tokio::test]
async fn the_picture_shows_the_boot_and_the_configured_properties() {
    let emulator = emulator(&[]);
    let booting = capture(&inside(&emulator, BOOT_MS / 2)).await.unwrap();
    let phone = inside(&emulator, BOOT_MS);
    let plain = capture(&phone).await.unwrap();
    assert!(booting != plain);
    phone.setprop("sys.prop.writewifissid", "yard_wifi").unwrap();
    let named = capture(&phone).await.unwrap();
    assert!(named != plain);
    phone.setprop("disable.status.bar", "1").unwrap();
    assert!(capture(&phone).await.unwrap() != named);
}

#[tokio::test]
async fn a_boot_that_has_ended_has_no_picture() {
    let emulator = emulator(&[]);
    let phone = inside(&emulator, BOOT_MS);
    emulator.stop(PHONE, BOOT_MS).unwrap();
    assert!(matches!(capture(&phone).await, Err(Error::NotOn)));
    let ran = run(&phone, "screencap -p").await;
    assert_eq!((ran.code, ran.out.len()), (1, 0));
    assert_eq!(run(&phone, "input tap 1 1").await.code, 255);
    assert_eq!(run(&phone, "wm size").await.code, 255);
}

#[tokio::test]
async fn configured_phones_are_as_large_and_as_turned_as_they_say() {
    let of = |properties: &'static [(&str, &str)]| async move {
        size(&capture(&phone(properties)).await.unwrap())
    };
    assert_eq!(of(&[("ro.horizontal.screen", "1")]).await, (1280, 720));
    let large = &[("ro.boot.lcd_width", "1080"), ("ro.boot.lcd_height", "1920")];
    assert_eq!(of(large).await, (1080, 1920));
    assert_eq!(of(&[("ro.boot.lcd_width", "999999999"), ("ro.boot.lcd_height", "x")]).await, (4096, 1280));
}

#[tokio::test]
async fn input_changes_the_picture() {
    let phone = phone(&[]);
    let mut last = capture(&phone).await.unwrap();
    for line in [
        "input tap 360 640",
        "input swipe 100 1000 600 700 100",
        "input text hello%sphone",
        "input keyevent KEYCODE_DEL",
        "input keyevent 24",
        "input motionevent DOWN 300 2",
        "input motionevent UP 300 900",
        "input keyevent BACK",
        "input keyevent APP_SWITCH",
        "input tap 360 1240",
        "input keyevent POWER",
        "input keyevent WAKEUP",
    ] {
        let ran = run(&phone, line).await;
        assert_eq!((ran.code, ran.complaint.as_str()), (0, ""), "{line}");
        let now = capture(&phone).await.unwrap();
        // A finger that is only down shows nothing yet.
        assert_eq!(now != last, !line.contains("DOWN"), "{line}");
        last = now;
    }
    let (typed, panel) = phone.session(|s| (s.screen.typed.clone(), s.screen.panel)).unwrap();
    assert_eq!((typed.as_str(), panel), ("", Panel::None));
}

#[tokio::test]
async fn a_tap_on_an_icon_opens_the_app_and_the_button_back_closes_it() {
    let phone = phone(&[]);
    let scene = Scene::of(&phone).unwrap();
    let view = scene.view();
    let home = Layout::of(&view).home(view.apps.len());
    let (x, y) = home.icons[0].middle();
    assert_eq!(run(&phone, &format!("input tap {x} {y}")).await.code, 0);
    let front = || phone.session(|session| session.screen.front().cloned()).unwrap();
    assert_eq!(front().unwrap().package, view.apps[0].package);
    let [back, _, _] = Layout::of(&view).buttons().unwrap();
    let (x, y) = back.middle();
    assert_eq!(run(&phone, &format!("input swipe {x} {y} {x} {y} 50")).await.code, 0);
    assert_eq!(front(), None);
}

#[tokio::test]
async fn wrong_input_is_answered_with_the_usage() {
    let phone = phone(&[]);
    let ran = run(&phone, "input tap 1").await;
    assert_eq!(ran.code, 255);
    assert!(ran.complaint.starts_with("Error: Invalid arguments for command: tap\nUsage: input "));
}

#[tokio::test]
async fn services_are_not_there_before_the_boot_is_completed() {
    let phone = inside(&emulator(&[]), BOOT_MS / 2);
    let ran = run(&phone, "input tap 1 1").await;
    assert_eq!((ran.code, ran.complaint.as_str()), (20, "cmd: Can't find service: input\n"));
    let ran = run(&phone, "wm size").await;
    assert_eq!((ran.code, ran.complaint.as_str()), (20, "cmd: Can't find service: window\n"));
    assert_eq!(run(&phone, "screencap -p").await.code, 0);
}

#[tokio::test]
async fn wm_overrides_size_and_density_within_bounds() {
    let phone = phone(&[]);
    let wm_says = async |line: &str| run(&phone, line).await.text().to_owned();
    assert_eq!(wm_says("wm size").await, "Physical size: 720x1280\n");
    assert_eq!(wm_says("wm density").await, "Physical density: 320\n");
    assert_eq!(wm_says("wm size 600x800").await, "");
    assert_eq!(wm_says("wm density 240").await, "");
    assert_eq!(wm_says("wm size").await, "Physical size: 720x1280\nOverride size: 600x800\n");
    assert_eq!(wm_says("wm density").await, "Physical density: 320\nOverride density: 240\n");
    assert_eq!(size(&capture(&phone).await.unwrap()), (600, 800));
    assert_eq!(wm_says("wm size 1x99999").await, "");
    assert_eq!(wm_says("wm size").await, "Physical size: 720x1280\nOverride size: 200x2560\n");
    assert_eq!(wm_says("wm size 9999x9999").await, "");
    assert_eq!(wm_says("wm size").await, "Physical size: 720x1280\nOverride size: 1440x2560\n");
    assert_eq!(wm_says("wm size reset").await, "");
    assert_eq!(wm_says("wm density reset").await, "");
    assert_eq!(wm_says("wm size").await, "Physical size: 720x1280\n");
    assert_eq!(wm_says("wm density").await, "Physical density: 320\n");
}

#[tokio::test]
async fn wm_turns_the_picture() {
    let phone = phone(&[]);
    assert_eq!(run(&phone, "wm user-rotation").await.text(), "lock 0\n");
    assert_eq!(run(&phone, "wm user-rotation lock 1").await.code, 0);
    assert_eq!(run(&phone, "wm user-rotation").await.text(), "lock 1\n");
    assert_eq!(size(&capture(&phone).await.unwrap()), (1280, 720));
    assert_eq!(run(&phone, "wm user-rotation free").await.code, 0);
    assert_eq!(run(&phone, "wm user-rotation").await.text(), "free\n");
    assert_eq!(size(&capture(&phone).await.unwrap()), (720, 1280));
}

#[tokio::test]
async fn wm_refuses_in_androids_words() {
    let phone = phone(&[]);
    for (line, complaint) in [
        ("wm size 100", "Error: bad size 100"),
        ("wm size x100", "Error: bad size x100"),
        ("wm size axb", "Error: bad number java.lang.NumberFormatException: For input string: \"a\""),
        (
            "wm size 1x99999999999",
            "Error: bad number java.lang.NumberFormatException: For input string: \"99999999999\"",
        ),
        ("wm density 71", "Error: density must be >= 72"),
        ("wm density x", "Error: bad number java.lang.NumberFormatException: For input string: \"x\""),
        ("wm dance", "Unknown command: dance"),
    ] {
        let ran = run(&phone, line).await;
        assert_eq!((ran.code, ran.complaint), (255, format!("{complaint}\n")), "{line}");
    }
}

#[tokio::test]
async fn what_wm_forces_outlives_a_restart_and_not_a_reset() {
    let emulator = emulator(&[]);
    run(&inside(&emulator, BOOT_MS), "wm size 600x800").await;
    let again = |now_ms: u64| {
        emulator.start(PHONE, now_ms).unwrap();
        inside(&emulator, now_ms + BOOT_MS)
    };
    emulator.stop(PHONE, 2000).unwrap();
    assert_eq!(size(&capture(&again(2000)).await.unwrap()), (600, 800));
    emulator.stop(PHONE, 4000).unwrap();
    emulator.wipe(PHONE, 4000).unwrap();
    assert_eq!(size(&capture(&again(4000)).await.unwrap()), (720, 1280));
}
