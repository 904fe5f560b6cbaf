//! The home screen: clock, search field, the card about the phone, icons.

use super::canvas::Gradient;
use super::geometry::Rect;
use super::layout::{Home, Layout};
use super::pen::Pen;
use super::theme::{self, GLASS, WHITE};
use super::time;
use super::view::View;

/// Characters of the phone's id that are shown.
const ID_CHARS: usize = 12;

pub(crate) fn draw(pen: &mut Pen, view: &View<'_>, layout: &Layout) {
    wallpaper(pen, view, layout);
    let home = layout.home(view.apps.len());
    clock(pen, view, home.clock);
    search(pen, view, home.search);
    card(pen, view, home.card);
    icons(pen, view, &home);
}

pub(crate) fn wallpaper(pen: &mut Pen, view: &View<'_>, layout: &Layout) {
    let theme = theme::of_phone(view.phone_id);
    let (width, height) = (pen.canvas.width(), pen.canvas.height());
    let back = Gradient::new(width, height, &theme.back);
    pen.canvas.gradient(&back);
    drop(back);
    let shape = Gradient::new(width, height, &theme.shape);
    let Rect { w, h, .. } = layout.all;
    let reach = w.max(h);
    pen.canvas.window(w * 0.92, h * 0.06, reach * 0.30, &shape);
    pen.canvas.window(w * 0.02, h * 0.98, reach * 0.42, &shape);
}

fn clock(pen: &mut Pen, view: &View<'_>, mut part: Rect) {
    let (x, _) = part.middle();
    let small = (part.h / pen.dp(1.0) * 0.11).clamp(12.0, 16.0);
    let (time, date, name) = (part.h / pen.dp(1.0) * 0.48, small, small);
    let lines = [time * 1.05, date * 1.7, name * 1.8];
    part.cut_top((part.h - pen.dp(lines.iter().sum())) * 0.5);
    let line = part.cut_top(pen.dp(time * 1.05));
    pen.middle(time, WHITE, &time::clock(view.wall_ms), x, line.middle().1, part.w);
    let line = part.cut_top(pen.dp(date * 1.7));
    pen.middle(date, WHITE.thin(225), &time::date(view.wall_ms), x, line.middle().1, part.w);
    let line = part.cut_top(pen.dp(name * 1.8));
    pen.headline(name, WHITE, view.phone_name, x, line.middle().1, part.w);
}

fn search(pen: &mut Pen, view: &View<'_>, field: Rect) {
    let pill = field.inset(0.0, pen.dp(2.0));
    pen.canvas.round(pill, pill.h / 2.0, WHITE.thin(52));
    let (x, y) = (pill.x + pill.h * 0.55, pill.middle().1);
    let (glass, line) = (pen.dp(5.0), pen.dp(1.7));
    pen.canvas.ring(x, y - pen.dp(1.0), glass, line, WHITE);
    let corner = glass * 0.74;
    let to = (x + corner + pen.dp(4.0), y - pen.dp(1.0) + corner + pen.dp(4.0));
    pen.canvas.line((x + corner, y - pen.dp(1.0) + corner), to, line, WHITE, 255);
    let mut text = pill.inset(pill.h * 0.4, 0.0);
    text.cut_left(pill.h * 0.65);
    if view.screen.typed.is_empty() {
        let hint = if view.screen.sent.is_empty() { "Type something" } else { &view.screen.sent };
        pen.left(14.0, WHITE.thin(190), hint, text.x, y, text.w);
    } else {
        pen.typed(14.0, WHITE, &view.screen.typed, text);
    }
}

/// The rows about the phone that are always there.
fn about(view: &View<'_>) -> [(&'static str, String); 5] {
    let id: String = view.phone_id.chars().take(ID_CHARS).collect();
    let id = if id.len() < view.phone_id.len() { format!("{id}…") } else { id };
    [
        ("Phone", view.phone_name.to_owned()),
        ("Phone id", id),
        ("Image", view.image_name.to_owned()),
        ("Android", format!("{}  ·  {}", view.android_version, view.image_id)),
        ("Up for", time::span(view.uptime_ms)),
    ]
}

/// How many rows of the card have room: about the phone, properties, and whether a last one counts the others.
fn rows(free: f32, row: f32, about: usize, properties: usize) -> (usize, usize, bool) {
    let all = (free / row).max(0.0) as usize;
    if all < about || properties == 0 {
        return (all.min(about), 0, false);
    }
    if all == about {
        return (about - 1, 0, true);
    }
    // The line between them takes half a row.
    let rest = (free / row - 0.5) as usize - about;
    match rest {
        0 => (about - 1, 0, true),
        rest if properties <= rest => (about, properties, false),
        rest => (about, rest - 1, true),
    }
}

fn card(pen: &mut Pen, view: &View<'_>, room: Rect) {
    let (title, row, pad) = (pen.dp(26.0), pen.dp(19.0), pen.dp(12.0));
    let about = about(view);
    let (shown, listed, more) = rows(room.h - title - pad * 2.0, row, about.len(), view.properties.len());
    if shown == 0 {
        return;
    }
    let between = if listed > 0 { row / 2.0 } else { 0.0 };
    let lines = (shown + listed + usize::from(more)) as f32;
    let card = Rect { h: title + pad * 2.0 + lines * row + between, ..room };
    pen.canvas.round(card, pen.dp(20.0), GLASS);
    let mut inside = card.inset(pen.dp(18.0), pad);
    let line = inside.cut_top(title);
    pen.strong(14.5, WHITE, "About this phone", line.x, line.y + row / 2.0, line.w);
    let inks = (WHITE.thin(170), WHITE);
    for (name, value) in about.iter().take(shown) {
        pen.row(12.5, inks, (name, value), inside.cut_top(row));
    }
    if between > 0.0 {
        let line = inside.cut_top(between);
        pen.canvas.rect(Rect { y: line.middle().1, h: pen.dp(0.7).max(1.0), ..line }, WHITE.thin(50));
    }
    for (name, value) in view.properties.iter().take(listed) {
        pen.row(12.5, inks, (name, value), inside.cut_top(row));
    }
    if more {
        let line = inside.cut_top(row);
        let text = match listed {
            0 => format!("and {} properties", view.properties.len()),
            listed => format!("and {} more", view.properties.len() - listed),
        };
        pen.left(12.5, inks.0, &text, line.x, line.middle().1, line.w);
    }
}

fn icons(pen: &mut Pen, view: &View<'_>, home: &Home) {
    let last = home.icons.len().saturating_sub(1);
    for (at, (app, cell)) in view.apps.iter().zip(&home.icons).enumerate() {
        let size = pen.dp(48.0).min(cell.w * 0.8);
        let (x, y) = (cell.middle().0, cell.y + size / 2.0 + pen.dp(4.0));
        let label_y = y + size / 2.0 + pen.dp(11.0);
        if home.hidden > 0 && at == last {
            let square = Rect::around(x, y, size / 2.0);
            pen.canvas.round(square, size * 0.28, WHITE.thin(60));
            let count = format!("+{}", home.hidden + 1);
            pen.middle(15.0, WHITE, &count, x, y, size);
            return;
        }
        pen.icon(&app.package, &app.label, (x, y), size);
        pen.middle(11.5, WHITE, &app.label, x, label_y, cell.w - pen.dp(4.0));
    }
}
