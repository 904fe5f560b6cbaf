//! Writes pictures of an emulated phone's screen in many states into a directory (default: `screens`), for
//! people who change the screen: `cargo run -p phoneyard-emulator --example screen -- DIRECTORY`.

extern crate phoneyard_emulator as emulator;

use emulator::Stage;
use emulator::screen::{self, App, Front, Key, ScreenState, View};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// 25 November 2026, 09:41 UTC.
const WALL_MS: i64 = 1_795_599_660_000;

fn apps(count: usize) -> Vec<App> {
    let labels = [
        "Calendar",
        "Photos",
        "Maps",
        "Notes",
        "Music",
        "Weather",
        "Shop",
        "网上银行",
        "Runner 3D",
        "Mail",
        "Game Center Deluxe",
        "Files",
    ];
    let app = |label: &&str| App {
        package: format!("com.example.{}", label.to_lowercase().replace(' ', "")),
        activity: ".MainActivity".into(),
        label: (*label).into(),
        version: "2.4.1".into(),
    };
    labels.iter().cycle().take(count).map(app).collect()
}

fn properties(count: usize) -> Vec<(String, String)> {
    let known = [
        ("persist.sys.locale", "en-US"),
        ("sys.prop.writewifissid", "yard_wifi"),
        ("gsm.operator.alpha", "CMCC"),
        ("com.cph.bandwidth_limit", "20000"),
        ("com.cph.cg.event_notify_url", "https://example.com/a/very/long/path/that/does/not/fit/at/all"),
        ("com.cph.cam_local_pic_path", "/sdcard/图片/a.png"),
    ];
    known.iter().cycle().take(count).map(|(name, value)| ((*name).into(), (*value).into())).collect()
}

fn front() -> Front {
    Front {
        package: "com.example.notes".into(),
        activity: "com.example.notes.MainActivity".into(),
        label: "Notes".into(),
        version: "2.4.1".into(),
        since_wall_ms: WALL_MS - 90_000,
    }
}

struct Show {
    directory: PathBuf,
    apps: Vec<App>,
    properties: Vec<(String, String)>,
}

impl Show {
    fn view<'a>(&'a self, screen: &'a ScreenState) -> View<'a> {
        View {
            width: 720,
            height: 1280,
            density: 320,
            now_ms: 10_000,
            wall_ms: WALL_MS,
            uptime_ms: 7_512_000,
            booting: None,
            phone_name: "yard-0042",
            phone_id: "a7f3a1c5258347d6b6f1def79e11f2bc",
            image_name: "Android 11 with apps",
            image_id: "img-11.2",
            android_version: "11",
            properties: &self.properties,
            apps: &self.apps,
            status_bar: true,
            navigation_bar: true,
            screen,
        }
    }

    fn write(&self, name: &str, view: &View<'_>) -> std::io::Result<()> {
        let began = Instant::now();
        let png = screen::draw_png(view)?;
        let took = began.elapsed().as_millis();
        println!("{name}: {} x {}, {} bytes, {took} ms", view.width, view.height, png.len());
        std::fs::write(self.directory.join(format!("{name}.png")), png)
    }
}

fn used() -> ScreenState {
    let mut screen = ScreenState::default();
    screen.launch(front());
    screen.text("sent before");
    screen.key(Key::named("ENTER"), 0);
    screen.text("hello phone");
    for (at, y) in [(120, 300), (300, 620), (500, 700), (610, 820)] {
        screen.tap(at, y, 9_000);
    }
    screen.swipe((150, 1050), (600, 760), 9_500, 1280);
    screen.key(Key::named("VOLUME_UP"), 9_800);
    screen
}

fn sizes(show: &Show, home: &ScreenState, used: &ScreenState) -> std::io::Result<()> {
    let sizes = [(1280, 720, 320), (240, 320, 320), (1080, 2400, 420), (120, 120, 320), (2048, 1536, 240)];
    for (width, height, density) in sizes {
        let view = View { width, height, density, ..show.view(home) };
        show.write(&format!("home-{width}x{height}"), &view)?;
    }
    show.write("app-1280x720", &View { width: 1280, height: 720, ..show.view(used) })?;
    show.write("app-240x320", &View { width: 240, height: 320, ..show.view(used) })
}

fn panels(show: &Show) -> std::io::Result<()> {
    let mut screen = used();
    screen.launch(Front { package: "com.example.maps".into(), label: "Maps".into(), ..front() });
    screen.recents();
    show.write("recents", &show.view(&screen))?;
    screen.home();
    screen.swipe((300, 4), (300, 700), 9_900, 1280);
    show.write("shade", &show.view(&screen))
}

fn main() -> std::io::Result<()> {
    let directory = std::env::args().nth(1).unwrap_or_else(|| "screens".into());
    std::fs::create_dir_all(Path::new(&directory))?;
    let mut show = Show { directory: directory.into(), apps: apps(4), properties: properties(4) };
    let (home, used) = (ScreenState::default(), used());
    show.write("home", &show.view(&home))?;
    show.write("app", &show.view(&used))?;
    let mut typing = ScreenState::default();
    typing.text("calc");
    typing.tap(360, 420, 9_000);
    typing.key(Key::named("KEYCODE_C"), 9_000);
    show.write("home-typing", &show.view(&typing))?;
    let plain = View { status_bar: false, navigation_bar: false, ..show.view(&home) };
    show.write("home-no-bars", &plain)?;
    let booting = View { booting: Some(Stage::Zygote), ..show.view(&home) };
    show.write("booting", &booting)?;
    let long = "a phone with a name that is far too long for the screen 网上银行 and goes on";
    show.write("home-long-name", &View { phone_name: long, phone_id: "another", ..show.view(&home) })?;
    sizes(&show, &home, &used)?;
    panels(&show)?;
    show.apps = apps(12);
    show.properties = properties(11);
    show.write("home-12-apps", &View { phone_id: "third", ..show.view(&home) })?;
    show.write("home-12-apps-1280x720", &View { width: 1280, height: 720, ..show.view(&home) })?;
    show.apps = apps(60);
    show.write("home-60-apps", &View { phone_id: "fifth", ..show.view(&home) })?;
    (show.apps, show.properties) = (Vec::new(), Vec::new());
    show.write("home-bare", &show.view(&home))
}
