//! What the screen shows while the phone boots.

use super::canvas::{Gradient, Ink};
use super::layout::Layout;
use super::pen::Pen;
use super::theme::{self, BLACK, WHITE};
use super::view::View;
use crate::phone::boot::Stage;

pub(crate) fn draw(pen: &mut Pen, view: &View<'_>, layout: &Layout, stage: Stage) {
    let theme = theme::of_phone(view.phone_id);
    let dark = theme.back.map(|ink| ink.mix(BLACK, 190));
    let gradient = Gradient::new(pen.canvas.width(), pen.canvas.height(), &dark);
    pen.canvas.gradient(&gradient);
    let (x, y) = layout.all.middle();
    let room = layout.all.w * 0.9;
    logo(pen, x, y - pen.dp(70.0), theme.shape);
    pen.middle(34.0, WHITE, "phoneyard", x, y - pen.dp(4.0), room);
    let reached = Stage::ALL.iter().position(|one| *one == stage).unwrap_or(0);
    let step = pen.dp(18.0);
    for at in 0..Stage::ALL.len() {
        let dot = x + (at as f32 - (Stage::ALL.len() - 1) as f32 / 2.0) * step;
        let (radius, alpha) =
            if at == reached { (4.5, 255) } else { (3.0, if at < reached { 220 } else { 70 }) };
        let radius = pen.dp(radius);
        pen.canvas.disc(dot, y + pen.dp(40.0), radius, WHITE.thin(alpha));
    }
    pen.middle(13.5, WHITE.thin(200), stage.name(), x, y + pen.dp(66.0), room);
    pen.middle(13.5, WHITE.thin(130), view.phone_name, x, layout.all.h - pen.dp(36.0), room);
}

/// Three phones in a yard.
fn logo(pen: &mut Pen, x: f32, y: f32, inks: [Ink; 3]) {
    let (w, h, radius) = (pen.dp(19.0), pen.dp(34.0), pen.dp(5.0));
    for (at, ink) in inks.into_iter().enumerate() {
        let left = x + (at as f32 - 1.5) * pen.dp(24.0) + pen.dp(2.5);
        let phone = super::geometry::Rect { x: left, y: y - h / 2.0, w, h };
        pen.canvas.round(phone, radius, ink.mix(WHITE, 60));
        let line = pen.dp(2.0);
        pen.canvas.round(phone.inset(line, line * 2.0), radius * 0.5, BLACK.thin(90));
    }
}
