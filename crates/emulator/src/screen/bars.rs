//! The status bar and the navigation bar.

use super::canvas::Ink;
use super::geometry::Rect;
use super::layout::Layout;
use super::pen::Pen;
use super::{time, view::View};

/// Both bars, as far as the phone has them: the upper one in the first ink, the lower one in the second.
pub(crate) fn draw(pen: &mut Pen, view: &View<'_>, layout: &Layout, (upper, lower): (Ink, Ink)) {
    if let Some(bar) = layout.status {
        status(pen, view, bar, upper);
    }
    if let Some(buttons) = layout.buttons() {
        navigation(pen, buttons, lower);
    }
}

fn status(pen: &mut Pen, view: &View<'_>, bar: Rect, ink: Ink) {
    let y = bar.middle().1;
    let margin = pen.dp(14.0);
    pen.strong(12.5, ink, &time::clock(view.wall_ms), bar.x + margin, y, bar.w / 2.0);
    let mut right = bar.right() - margin;
    right = battery(pen, right, y, ink) - pen.dp(8.0);
    wifi(pen, right - pen.dp(7.0), y + pen.dp(5.0), ink);
}

/// The battery up to `right`; gives its left edge. An emulated phone is always full.
fn battery(pen: &mut Pen, right: f32, y: f32, ink: Ink) -> f32 {
    let (w, h, cap) = (pen.dp(18.0), pen.dp(9.5), pen.dp(1.6));
    let body = Rect { x: right - w - cap, y: y - h / 2.0, w, h };
    pen.canvas.round(body, pen.dp(2.8), ink.thin(90));
    let line = pen.dp(1.5);
    pen.canvas.round(body.inset(line, line), pen.dp(1.6), ink);
    let cap = Rect { x: body.right() + 1.0, y: y - h / 5.0, w: cap, h: h / 2.5 };
    pen.canvas.round(cap, pen.dp(0.8), ink.thin(160));
    body.x
}

fn wifi(pen: &mut Pen, x: f32, y: f32, ink: Ink) {
    pen.canvas.disc(x, y - pen.dp(1.0), pen.dp(1.4), ink);
    for radius in [4.6, 8.0] {
        let (radius, thickness) = (pen.dp(radius), pen.dp(1.6).max(1.0));
        pen.canvas.arc_up(x, y, radius, thickness, ink);
    }
}

fn navigation(pen: &mut Pen, [back, home, recents]: [Rect; 3], ink: Ink) {
    let ink = ink.thin(225);
    let size = pen.dp(7.0);
    let (x, y) = back.middle();
    pen.canvas.left(x, y, size, ink);
    let (x, y) = home.middle();
    pen.canvas.ring(x, y, size, pen.dp(1.8), ink);
    let (x, y) = recents.middle();
    let square = Rect::around(x, y, size * 0.92);
    let (line, radius) = (pen.dp(1.8), pen.dp(2.5));
    pen.canvas.outline(square, radius, line, ink);
}
