//! An app in front.

use super::canvas::Ink;
use super::geometry::Rect;
use super::layout::Layout;
use super::pen::Pen;
use super::state::Front;
use super::theme::{self, BLACK, FAINT, PAPER, TEXT, WHITE};
use super::time;
use super::view::View;

pub(crate) fn draw(pen: &mut Pen, view: &View<'_>, layout: &Layout, front: &Front) {
    let accent = theme::of_app(&front.package);
    let window = layout.window();
    pen.canvas.fill(PAPER);
    let head = Rect { y: 0.0, h: window.title.bottom(), ..layout.all };
    pen.canvas.rect(head, accent.mix(BLACK, 40));
    let (_, y) = window.title.middle();
    let (icon, margin) = (pen.dp(34.0), pen.dp(16.0));
    let x = window.title.x + margin;
    // The icon needs another colour than the bar behind it.
    pen.canvas.round(Rect { x, y: y - icon / 2.0, w: icon, h: icon }, icon * 0.28, WHITE.thin(50));
    let letter: String = front.label.chars().next().into_iter().flat_map(char::to_uppercase).collect();
    pen.headline(16.0, WHITE, &letter, x + icon / 2.0, y, icon);
    let text = x + icon + pen.dp(12.0);
    pen.strong(18.0, WHITE, &front.label, text, y, window.title.right() - margin - text);
    field(pen, view, window.field, accent);
    let rest = card(pen, front, window.card, accent);
    sent(pen, view, rest, accent);
}

fn field(pen: &mut Pen, view: &View<'_>, field: Rect, accent: Ink) {
    let radius = pen.dp(12.0);
    pen.canvas.round(field, radius, WHITE);
    let active = !view.screen.typed.is_empty();
    let (line, ink) = if active { (2.0, accent) } else { (1.2, FAINT.mix(PAPER, 120)) };
    let line = pen.dp(line);
    pen.canvas.outline(field, radius, line, ink);
    let text = field.inset(pen.dp(16.0), 0.0);
    if active {
        pen.typed(15.0, TEXT, &view.screen.typed, text);
    } else {
        pen.left(15.0, FAINT, "Type something", text.x, text.middle().1, text.w);
    }
}

/// What the app says about itself; gives what is left below.
fn card(pen: &mut Pen, front: &Front, room: Rect, accent: Ink) -> Rect {
    let (row, pad) = (pen.dp(26.0), pen.dp(14.0));
    let since =
        format!("{} UTC, {}", time::clock_seconds(front.since_wall_ms), time::day(front.since_wall_ms));
    let rows = [
        ("Package", front.package.as_str()),
        ("Version", front.version.as_str()),
        ("Activity", front.activity.as_str()),
        ("Running since", since.as_str()),
    ];
    let shown = (((room.h - pad * 2.0) / row).max(0.0) as usize).min(rows.len());
    let mut rest = room;
    if shown == 0 {
        return rest;
    }
    let card = rest.cut_top(shown as f32 * row + pad * 2.0);
    pen.canvas.round(card, pen.dp(16.0), WHITE);
    pen.canvas.round(Rect { w: pen.dp(4.0), ..card.inset(0.0, pen.dp(18.0)) }, pen.dp(2.0), accent);
    let mut inside = card.inset(pen.dp(18.0), pad);
    for row_of in rows.iter().take(shown) {
        let value = if row_of.1.is_empty() { "–" } else { row_of.1 };
        pen.row(13.5, (FAINT, TEXT), (row_of.0, value), inside.cut_top(row));
    }
    rest.cut_top(pen.dp(14.0));
    rest
}

/// What was sent with the enter key, as a bubble.
fn sent(pen: &mut Pen, view: &View<'_>, room: Rect, accent: Ink) {
    let text = &view.screen.sent;
    if text.is_empty() || room.h < pen.dp(40.0) {
        return;
    }
    let wide = (pen.width(14.0, text) + pen.dp(32.0)).min(room.w);
    let bubble = Rect { x: room.right() - wide, w: wide, h: pen.dp(38.0), ..room };
    pen.canvas.round(bubble, pen.dp(18.0), accent);
    pen.left(14.0, WHITE, text, bubble.x + pen.dp(16.0), bubble.middle().1, wide - pen.dp(30.0));
}
