//! Pictures are judged by what changes in them and where, not by their bytes.
#![allow(clippy::unwrap_used)]

use super::canvas::PIXEL_BYTES;
use super::geometry::Rect;
use super::state::SHOWN_MS;
use super::view::{SIDE_MAX, SIDE_MIN};
use super::*;
use crate::phone::boot::Stage;

const WALL_MS: i64 = 1_795_599_660_000;

/// What a view borrows.
struct Given {
    apps: Vec<App>,
    properties: Vec<(String, String)>,
    screen: ScreenState,
}

impl Given {
    fn new(apps: usize) -> Self {
        let app =
            |at| App { package: format!("com.example.a{at}"), label: format!("App {at}"), ..App::default() };
        let properties = [("persist.sys.locale", "en-US"), ("com.cph.bandwidth_limit", "20000")];
        Self {
            apps: (0..apps).map(app).collect(),
            properties: properties.map(|(name, value)| (name.into(), value.into())).into(),
            screen: ScreenState::default(),
        }
    }

    fn view(&self) -> View<'_> {
        View {
            width: 720,
            height: 1280,
            density: 320,
            now_ms: 1000,
            wall_ms: WALL_MS,
            uptime_ms: 65_000,
            booting: None,
            phone_name: "yard-0042",
            phone_id: "a7f3a1c5258347d6b6f1def79e11f2bc",
            image_name: "Android 11",
            image_id: "img-11",
            android_version: "11",
            properties: &self.properties,
            apps: &self.apps,
            status_bar: true,
            navigation_bar: true,
            screen: &self.screen,
        }
    }
}

fn notes() -> Front {
    Front { package: "com.example.notes".into(), label: "Notes".into(), ..Front::default() }
}

/// A picture, decoded.
struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

fn picture(view: &View<'_>) -> Picture {
    let file = draw_png(view).unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Rgba, png::BitDepth::Eight));
    Picture { width: info.width as usize, height: info.height as usize, pixels }
}

impl Picture {
    fn pixel(&self, x: usize, y: usize) -> &[u8] {
        &self.pixels[(y * self.width + x) * PIXEL_BYTES..][..PIXEL_BYTES]
    }

    /// The smallest part that holds every difference: left, top, right, bottom.
    fn differs(&self, other: &Self) -> Option<(usize, usize, usize, usize)> {
        let mut found: Option<(usize, usize, usize, usize)> = None;
        for y in 0..self.height {
            for x in 0..self.width {
                if self.pixel(x, y) != other.pixel(x, y) {
                    let (l, t, r, b) = found.unwrap_or((x, y, x, y));
                    found = Some((l.min(x), t.min(y), r.max(x), b.max(y)));
                }
            }
        }
        found
    }

    fn black(&self) -> bool {
        self.pixels.chunks(PIXEL_BYTES).all(|pixel| pixel == [0, 0, 0, 255])
    }
}

fn inside((left, top, right, bottom): (usize, usize, usize, usize), part: Rect) -> bool {
    let (left, top, right, bottom) = (left as f32, top as f32, right as f32, bottom as f32);
    left >= part.x - 1.0
        && top >= part.y - 1.0
        && right <= part.right() + 1.0
        && bottom <= part.bottom() + 1.0
}

#[test]
fn the_picture_has_the_size_of_the_screen() {
    let given = Given::new(3);
    for (width, height) in [(720, 1280), (1280, 720), (120, 120), (241, 333)] {
        let picture = picture(&View { width, height, ..given.view() });
        assert_eq!((picture.width, picture.height), (width as usize, height as usize));
        assert!(picture.pixels.chunks(PIXEL_BYTES).all(|pixel| pixel[3] == 255));
    }
    let bounded = View { width: 1, height: u32::MAX, ..given.view() };
    assert_eq!(bounded.size(), (SIDE_MIN, SIDE_MAX));
}

#[test]
fn raw_pictures_are_the_same_behind_a_header() {
    let given = Given::new(1);
    let view = View { width: 200, height: 300, ..given.view() };
    let raw = draw_raw(&view);
    let words: Vec<u32> =
        raw[..16].chunks(4).map(|word| u32::from_le_bytes(word.try_into().unwrap())).collect();
    assert_eq!(words, [200, 300, 1, 1]);
    assert_eq!(raw[16..], picture(&view).pixels);
}

#[test]
fn each_thing_changes_its_part_of_the_home_screen() {
    let given = Given::new(4);
    let view = given.view();
    let layout = Layout::of(&view);
    let home = layout.home(4);
    let plain = picture(&view);
    let changed = |view: View<'_>| plain.differs(&picture(&view)).unwrap();

    let clock = changed(View { wall_ms: WALL_MS + 60_000, ..given.view() });
    let above = Rect { h: home.clock.bottom(), ..layout.all };
    assert!(inside(clock, above), "{clock:?}");
    let name = changed(View { phone_name: "yard-0043", ..given.view() });
    assert!(name.1 as f32 > home.clock.y && (name.3 as f32) < home.card.bottom());
    let other = [("persist.sys.locale".to_owned(), "de-DE".to_owned()), given.properties[1].clone()];
    let property = changed(View { properties: &other, ..given.view() });
    assert!(inside(property, home.card), "{property:?}");
    let mut apps = given.apps.clone();
    apps[2].label = "Zebra".into();
    let icon = changed(View { apps: &apps, ..given.view() });
    assert!(inside(icon, home.icons[2]), "{icon:?}");
    let version = changed(View { android_version: "12", ..given.view() });
    assert!(inside(version, home.card));
    let image = changed(View { image_name: "Mine", ..given.view() });
    assert!(inside(image, home.card));
}

#[test]
fn input_changes_the_picture_where_it_happened() {
    let given = Given::new(4);
    let plain = picture(&given.view());
    let layout = Layout::of(&given.view());
    let changed = |work: &dyn Fn(&mut ScreenState)| {
        let mut screen = given.screen.clone();
        work(&mut screen);
        plain.differs(&picture(&View { screen: &screen, ..given.view() }))
    };
    let tap = changed(&|screen| screen.tap(360, 640, 900)).unwrap();
    assert!(inside(tap, Rect::around(360.0, 640.0, 40.0)), "{tap:?}");
    let swipe = changed(&|screen| screen.swipe((100, 900), (600, 400), 900, 1280)).unwrap();
    assert!(inside(swipe, Rect { x: 60.0, y: 360.0, w: 580.0, h: 580.0 }), "{swipe:?}");
    let typed = changed(&|screen| screen.text("hello")).unwrap();
    assert!(inside(typed, layout.home(4).search), "{typed:?}");
    assert!(changed(&|screen| screen.key(Key::named("VOLUME_UP"), 900)).is_some());
    assert!(changed(&|screen| screen.key(Key::named("CAMERA"), 900)).is_some());
    assert!(changed(&|screen| screen.swipe((360, 2), (360, 800), 900, 1280)).is_some());
    assert!(changed(&|screen| screen.recents()).is_some());
    let (first, second) = (
        |screen: &mut ScreenState| screen.tap(100, 640, 900),
        |screen: &mut ScreenState| {
            screen.tap(100, 640, 900);
            screen.tap(600, 640, 900);
        },
    );
    assert_ne!(changed(&first), changed(&second));
}

#[test]
fn touches_and_keys_are_forgotten_after_a_while() {
    let mut given = Given::new(1);
    let plain = picture(&given.view());
    given.screen.tap(360, 640, 900);
    given.screen.key(Key::named("CAMERA"), 900);
    given.screen.volume_ms = Some(900);
    let later = View { now_ms: 900 + SHOWN_MS, ..given.view() };
    assert_eq!(plain.differs(&picture(&later)), None);
    assert!(plain.differs(&picture(&given.view())).is_some());
}

#[test]
fn an_app_in_front_shows_itself_and_what_is_typed() {
    let mut given = Given::new(2);
    let home = picture(&given.view());
    given.screen.launch(notes());
    let app = picture(&given.view());
    assert!(home.differs(&app).is_some());
    given.screen.text("typed");
    let field = Layout::of(&given.view()).window().field;
    let typed = app.differs(&picture(&given.view())).unwrap();
    assert!(inside(typed, field), "{typed:?}");
    given.screen.key(Key::named("ENTER"), 0);
    let sent = View { now_ms: SHOWN_MS, ..given.view() };
    let sent = app.differs(&picture(&sent)).unwrap();
    assert!(sent.1 as f32 > field.bottom(), "{sent:?}");
    given.screen.launch(Front { version: "9".into(), ..notes() });
    assert!(app.differs(&picture(&given.view())).is_some());
}

#[test]
fn hidden_bars_are_not_there() {
    let given = Given::new(0);
    let both = picture(&given.view());
    let later = View { wall_ms: WALL_MS + 60_000, status_bar: false, ..given.view() };
    let earlier = View { status_bar: false, ..given.view() };
    let changed = picture(&earlier).differs(&picture(&later)).unwrap();
    assert!(changed.1 > 20, "no clock at the very top: {changed:?}");
    let buttons = Layout::of(&given.view()).buttons().unwrap();
    let (x, y) = buttons[1].middle();
    let edge = (x as usize, (y - 14.0) as usize);
    assert!(both.pixel(edge.0, edge.1)[2] > 200, "the ring of the button home");
    let bare = View { navigation_bar: false, ..given.view() };
    assert!(picture(&bare).pixel(edge.0, edge.1)[2] < 200);
    assert_eq!(hit(&bare, x as i32, y as i32), None);
}

#[test]
fn the_screen_is_black_while_it_is_off() {
    let mut given = Given::new(2);
    given.screen.key(Key::named("POWER"), 900);
    assert!(picture(&given.view()).black());
    assert_eq!(hit(&given.view(), 360, 1240), None);
    given.screen.key(Key::named("POWER"), 900);
    assert!(!picture(&given.view()).black());
}

#[test]
fn each_stage_of_a_boot_has_its_picture() {
    let given = Given::new(2);
    let stages: Vec<_> =
        Stage::ALL.iter().map(|stage| picture(&View { booting: Some(*stage), ..given.view() })).collect();
    assert!(stages.windows(2).all(|pair| pair[0].differs(&pair[1]).is_some()));
    assert_eq!(hit(&View { booting: Some(Stage::Zygote), ..given.view() }, 360, 1240), None);
}

#[test]
fn what_is_drawn_is_what_is_hit() {
    let mut given = Given::new(4);
    let layout = Layout::of(&given.view());
    let at = |view: &View<'_>, rect: Rect| hit(view, rect.middle().0 as i32, rect.middle().1 as i32);
    let home = layout.home(4);
    for (app, cell) in given.apps.iter().zip(&home.icons) {
        assert_eq!(at(&given.view(), *cell), Some(Hit::App(app.package.clone())));
    }
    assert_eq!(at(&given.view(), home.search), Some(Hit::TextField));
    assert_eq!(at(&given.view(), home.card), None);
    let buttons = layout.buttons().unwrap().map(|button| at(&given.view(), button).unwrap());
    assert_eq!(buttons, [Hit::NavBack, Hit::NavHome, Hit::NavRecents]);
    given.screen.launch(notes());
    assert_eq!(at(&given.view(), layout.window().field), Some(Hit::TextField));
    assert_eq!(at(&given.view(), home.icons[0]), None);
    given.screen.recents();
    let entries = layout.recents(1);
    assert_eq!(at(&given.view(), entries[0]), Some(Hit::Recent("com.example.notes".into())));
    assert_eq!(hit(&given.view(), 360, 1000), Some(Hit::Outside));
    for (x, y) in [(-1, 5), (5, -1), (720, 5), (5, 1280), (i32::MIN, i32::MAX)] {
        assert_eq!(hit(&given.view(), x, y), None);
    }
}

#[test]
fn touching_does_what_the_thing_is_for() {
    let mut screen = ScreenState::default();
    screen.launch(notes());
    for (hit, front, panel) in [
        (Hit::TextField, true, Panel::None),
        (Hit::NavRecents, true, Panel::Recents),
        (Hit::Outside, true, Panel::None),
        (Hit::NavHome, false, Panel::None),
        (Hit::Recent("com.example.notes".into()), true, Panel::None),
        (Hit::NavBack, false, Panel::None),
        (Hit::Recent("com.example.gone".into()), false, Panel::None),
    ] {
        assert!(act(&mut screen, &hit));
        assert_eq!((screen.front().is_some(), screen.panel), (front, panel), "{hit:?}");
    }
    assert!(!act(&mut screen, &Hit::App("com.example.notes".into())));
}

#[test]
fn apps_without_room_are_counted_and_not_hit() {
    let given = Given::new(100);
    let home = Layout::of(&given.view()).home(100);
    assert_eq!(home.icons.len() + home.hidden, 100);
    let (x, y) = home.icons.last().unwrap().middle();
    assert_eq!(hit(&given.view(), x as i32, y as i32), None);
    assert!(home.icons.iter().all(|cell| cell.bottom() <= 1280.0));
}

/// A small picture of every part, whatever the strings are.
fn draw_everything(width: u32, height: u32, density: u32, text: &str) {
    let mut given = Given::new(14);
    for app in &mut given.apps {
        app.label = text.into();
    }
    given.properties = vec![(text.into(), text.into()); 30];
    let mut screens = vec![ScreenState::default()];
    let mut app = ScreenState::default();
    let text_of = || text.to_owned();
    app.launch(Front {
        package: text_of(),
        activity: text_of(),
        label: text_of(),
        version: text_of(),
        since_wall_ms: i64::MIN,
    });
    app.text(text);
    app.swipe((i32::MIN, i32::MAX), (i32::MAX, i32::MIN), 0, height);
    app.swipe((5, i32::MAX), (5, i32::MIN), 0, height);
    app.tap(i32::MAX, i32::MAX, u64::MAX);
    app.key(Key::named("VOLUME_DOWN"), 0);
    for panel in [Panel::None, Panel::Shade, Panel::Recents] {
        app.panel = panel;
        screens.push(app.clone());
    }
    for screen in &screens {
        for booting in [None, Some(Stage::Kernel)] {
            let view = View {
                width,
                height,
                density,
                booting,
                screen,
                wall_ms: i64::MAX,
                uptime_ms: u64::MAX,
                phone_name: text,
                phone_id: text,
                image_name: text,
                image_id: text,
                android_version: text,
                ..given.view()
            };
            let _ = (draw(&view), hit(&view, 50, 50));
        }
    }
}

#[test]
fn no_text_and_no_size_breaks_the_picture() {
    let endless = "wide ".repeat(20_000);
    for text in [
        "",
        " ",
        "\n\t\u{0}\u{1b}",
        "图片网上银行",
        "🙂🙂🙂",
        "\u{202e}rtl\u{300}\u{300}",
        "ß",
        endless.as_str(),
    ] {
        draw_everything(240, 240, 320, text);
    }
    for (width, height) in [(120, 120), (120, 900), (900, 120), (0, 0)] {
        for density in [0, 72, 320, 1000, u32::MAX] {
            draw_everything(width, height, density, "some text");
        }
    }
}

#[test]
fn the_largest_pictures_are_drawn_too() {
    let given = Given::new(3);
    for (width, height) in [(4096, 120), (120, 4096)] {
        assert_eq!(draw(&View { width, height, density: 1000, ..given.view() }).width(), width as usize);
    }
    let largest = View { width: u32::MAX, height: u32::MAX, ..given.view() };
    assert_eq!(draw(&largest).into_pixels().len(), (SIDE_MAX * SIDE_MAX) as usize * PIXEL_BYTES);
}
