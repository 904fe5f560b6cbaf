//! What lies over everything else: the shade, the recent apps, touches, the last key, the volume.

use super::geometry::Rect;
use super::layout::Layout;
use super::pen::Pen;
use super::state::{Panel, SHOWN_MS, TOUCHES_MAX, VOLUME_MAX};
use super::theme::{BLACK, FAINT, PAPER, TEXT, TOUCH, WHITE};
use super::time;
use super::view::View;

/// Property that names the wifi.
const WIFI: &str = "sys.prop.writewifissid";
/// Property that names the mobile network.
const OPERATOR: &str = "gsm.operator.alpha";

pub(crate) fn panel(pen: &mut Pen, view: &View<'_>, layout: &Layout) {
    match view.screen.panel {
        Panel::None => {}
        Panel::Shade => shade(pen, view, layout),
        Panel::Recents => recents(pen, view, layout),
    }
}

pub(crate) fn marks(pen: &mut Pen, view: &View<'_>, layout: &Layout) {
    touches(pen, view);
    let fresh = |at_ms: u64| view.now_ms.saturating_sub(at_ms) < SHOWN_MS;
    if view.screen.volume_ms.is_some_and(fresh) {
        volume(pen, view.screen.volume, layout);
    }
    if let Some((name, _)) = view.screen.last_key.filter(|(_, at_ms)| fresh(*at_ms)) {
        let home = view.screen.front().is_none() && view.screen.panel == Panel::None;
        key(pen, name, layout, home);
    }
}

fn shade(pen: &mut Pen, view: &View<'_>, layout: &Layout) {
    pen.canvas.rect(layout.all, BLACK.thin(110));
    let panel = layout.shade();
    let radius = pen.dp(24.0);
    let from_above = Rect { y: panel.y - radius, h: panel.h + radius, ..panel };
    pen.canvas.round(from_above, radius, PAPER);
    let mut inside = panel.narrow(pen.dp(460.0)).inset(pen.dp(18.0), pen.dp(14.0));
    let line = inside.cut_top(pen.dp(40.0));
    let (x, y) = (line.x, line.middle().1);
    let used = pen.strong(24.0, TEXT, &time::clock(view.wall_ms), x, y, line.w);
    pen.right(13.0, FAINT, &time::date(view.wall_ms), line.right(), y, line.w - used - pen.dp(10.0));
    let set = |name: &str, otherwise: &str| {
        let found = view.properties.iter().find(|(have, value)| have == name && !value.is_empty());
        found.map_or(otherwise, |(_, value)| value.as_str()).to_owned()
    };
    let volume = format!("{} of {VOLUME_MAX}", view.screen.volume);
    let tiles = [
        ("Wi-Fi", set(WIFI, "cloudphone_wifi")),
        ("Mobile network", set(OPERATOR, "CMCC")),
        ("Volume", volume),
        ("Battery", "100 %".to_owned()),
    ];
    let gap = pen.dp(8.0);
    for pair in tiles.chunks(2) {
        let mut line = inside.cut_top(pen.dp(62.0)).inset(0.0, gap / 2.0);
        let half = (line.w - gap) / 2.0;
        for (name, value) in pair {
            let tile = line.cut_left(half);
            line.cut_left(gap);
            if tile.h < pen.dp(40.0) {
                return;
            }
            pen.canvas.round(tile, pen.dp(18.0), WHITE);
            let text = tile.inset(pen.dp(14.0), 0.0);
            let y = text.middle().1;
            pen.strong(13.0, TEXT, name, text.x, y - pen.dp(9.0), text.w);
            pen.left(12.0, FAINT, value, text.x, y + pen.dp(9.0), text.w);
        }
    }
    let line = inside.cut_top(pen.dp(60.0)).inset(0.0, gap / 2.0);
    if line.h >= pen.dp(30.0) {
        pen.canvas.round(line, pen.dp(18.0), WHITE);
        let text = line.inset(pen.dp(14.0), 0.0);
        pen.left(12.5, FAINT, "No notifications", text.x, text.middle().1, text.w);
    }
}

fn recents(pen: &mut Pen, view: &View<'_>, layout: &Layout) {
    pen.canvas.rect(layout.all, BLACK.thin(150));
    let fronts = view.screen.fronts();
    let entries = layout.recents(fronts.len());
    let title = if fronts.is_empty() { "No recent apps" } else { "Recent apps" };
    let (x, _) = layout.body.middle();
    pen.middle(16.0, WHITE, title, x, layout.body.y + pen.dp(30.0), layout.body.w);
    for (front, entry) in fronts.iter().rev().zip(entries) {
        pen.canvas.round(entry, pen.dp(18.0), PAPER);
        let size = pen.dp(40.0);
        let y = entry.middle().1;
        pen.icon(&front.package, &front.label, (entry.x + pen.dp(34.0), y), size);
        let text = entry.x + pen.dp(66.0);
        let room = entry.right() - pen.dp(14.0) - text;
        pen.strong(15.0, TEXT, &front.label, text, y - pen.dp(9.0), room);
        pen.left(12.0, FAINT, &front.package, text, y + pen.dp(11.0), room);
    }
}

/// Taps are rings, swipes are trails; the older, the fainter.
fn touches(pen: &mut Pen, view: &View<'_>) {
    let touches = view.screen.touches.iter().rev().enumerate();
    for (age, touch) in touches.filter(|(_, touch)| view.now_ms.saturating_sub(touch.at_ms) < SHOWN_MS) {
        let alpha = 235 - (age.min(TOUCHES_MAX - 1) * 195 / (TOUCHES_MAX - 1)) as u8;
        let ink = TOUCH.thin(alpha);
        let (from, to) = (point(pen, touch.from), point(pen, touch.to));
        let (core, ring) = (pen.dp(6.0), pen.dp(16.0));
        if from != to {
            pen.canvas.line(from, to, pen.dp(9.0), ink, 20);
        }
        pen.canvas.disc(to.0, to.1, ring, ink.thin(60));
        pen.canvas.ring(to.0, to.1, ring, pen.dp(2.2), ink);
        pen.canvas.disc(to.0, to.1, core, ink);
    }
}

/// A touched point, within reach of the picture: trails from nowhere are not longer than that.
fn point(pen: &Pen, (x, y): (i32, i32)) -> (f32, f32) {
    let (width, height) = (pen.canvas.width() as f32, pen.canvas.height() as f32);
    ((x as f32 + 0.5).clamp(-width, width * 2.0), (y as f32 + 0.5).clamp(-height, height * 2.0))
}

fn key(pen: &mut Pen, name: &str, layout: &Layout, home: bool) {
    let wide = pen.width(12.5, name) + pen.dp(28.0);
    let (x, _) = layout.body.middle();
    let (w, h) = (wide.min(layout.body.w), pen.dp(28.0));
    // Where it hides least: below an app, above the clock of the home screen.
    let y = if home { layout.body.y + pen.dp(2.0) } else { layout.body.bottom() - h - pen.dp(6.0) };
    let chip = Rect { x: x - w / 2.0, y, w, h };
    pen.canvas.round(chip, h / 2.0, BLACK.thin(190));
    pen.middle(12.5, WHITE, name, x, chip.middle().1, w - pen.dp(16.0));
}

fn volume(pen: &mut Pen, volume: u8, layout: &Layout) {
    let body = layout.body;
    let (w, h) = (pen.dp(36.0), pen.dp(190.0).min(body.h * 0.6));
    let bar = Rect { x: body.right() - w - pen.dp(10.0), y: body.middle().1 - h / 2.0, w, h };
    pen.canvas.round(bar, w / 2.0, BLACK.thin(180));
    let inside = bar.inset(pen.dp(5.0), pen.dp(5.0));
    pen.canvas.round(inside, inside.w / 2.0, WHITE.thin(50));
    let share = f32::from(volume.min(VOLUME_MAX)) / f32::from(VOLUME_MAX);
    if share > 0.0 {
        let mut level = inside;
        let level = level.cut_bottom((inside.h * share).max(inside.w));
        pen.canvas.round(level, inside.w / 2.0, WHITE);
    }
}
