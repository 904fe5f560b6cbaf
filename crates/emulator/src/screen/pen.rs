//! A canvas and its scale: what every part of the picture is drawn with.

use super::canvas::{Canvas, Ink};
use super::font::{self, Align, Style};
use super::geometry::Rect;
use super::theme;

/// Draws; sizes are in dp where they say so.
pub(crate) struct Pen {
    pub(crate) canvas: Canvas,
    unit: f32,
}

impl Pen {
    pub(crate) fn new(canvas: Canvas, unit: f32) -> Self {
        Self { canvas, unit }
    }

    /// Pixels of so many dp.
    pub(crate) fn dp(&self, dp: f32) -> f32 {
        dp * self.unit
    }

    fn style(&self, size_dp: f32, ink: Ink, strong: bool) -> Style {
        Style { size: size_dp * self.unit, ink, strong }
    }

    /// A line from `x` on; gives its width in pixels.
    pub(crate) fn left(&mut self, size_dp: f32, ink: Ink, text: &str, x: f32, y: f32, room: f32) -> f32 {
        let style = self.style(size_dp, ink, false);
        font::write(&mut self.canvas, style, text, (x, y), Align::Left, room)
    }

    /// A line around `x`; gives its width in pixels.
    pub(crate) fn middle(&mut self, size_dp: f32, ink: Ink, text: &str, x: f32, y: f32, room: f32) -> f32 {
        let style = self.style(size_dp, ink, false);
        font::write(&mut self.canvas, style, text, (x, y), Align::Middle, room)
    }

    /// A line up to `x`; gives its width in pixels.
    pub(crate) fn right(&mut self, size_dp: f32, ink: Ink, text: &str, x: f32, y: f32, room: f32) -> f32 {
        let style = self.style(size_dp, ink, false);
        font::write(&mut self.canvas, style, text, (x, y), Align::Right, room)
    }

    /// A line in thick letters, from `x` on.
    pub(crate) fn strong(&mut self, size_dp: f32, ink: Ink, text: &str, x: f32, y: f32, room: f32) -> f32 {
        let style = self.style(size_dp, ink, true);
        font::write(&mut self.canvas, style, text, (x, y), Align::Left, room)
    }

    /// A line in thick letters, around `x`.
    pub(crate) fn headline(&mut self, size_dp: f32, ink: Ink, text: &str, x: f32, y: f32, room: f32) -> f32 {
        let style = self.style(size_dp, ink, true);
        font::write(&mut self.canvas, style, text, (x, y), Align::Middle, room)
    }

    /// How wide a line would be, in pixels.
    pub(crate) fn width(&self, size_dp: f32, text: &str) -> f32 {
        font::width(self.style(size_dp, theme::WHITE, false), text)
    }

    /// The last part of what was typed, and a caret.
    pub(crate) fn typed(&mut self, size_dp: f32, ink: Ink, text: &str, field: Rect) {
        let style = self.style(size_dp, ink, false);
        let shown = font::fit_end(style, text, field.w - self.dp(4.0));
        let y = field.middle().1;
        let wide = font::write(&mut self.canvas, style, shown, (field.x, y), Align::Left, field.w);
        let (w, h) = (self.dp(1.5).max(1.0), self.dp(size_dp * 1.2));
        let caret = Rect { x: field.x + wide + self.dp(2.0), y: y - h / 2.0, w, h };
        self.canvas.rect(caret, ink);
    }

    /// A name on the left, its value on the right.
    pub(crate) fn row(&mut self, size_dp: f32, inks: (Ink, Ink), (name, value): (&str, &str), row: Rect) {
        let y = row.middle().1;
        let gap = self.dp(12.0);
        // The name gives way, but not below half of the room.
        let wanted = self.width(size_dp, value);
        let name_room = (row.w - gap - wanted).max(row.w * 0.5);
        let used = self.left(size_dp, inks.0, name, row.x, y, name_room);
        self.right(size_dp, inks.1, value, row.right(), y, row.w - gap - used);
    }

    /// An app's icon.
    pub(crate) fn icon(&mut self, package: &str, label: &str, (x, y): (f32, f32), size: f32) {
        let ink = theme::of_app(package);
        let square = Rect::around(x, y, size / 2.0);
        let (top, bottom) = (ink.mix(theme::WHITE, 46), ink.mix(theme::BLACK, 26));
        self.canvas.shaded(square, size * 0.28, top, bottom);
        let letter = label.chars().find(|letter| letter.is_alphanumeric()).unwrap_or('?');
        let letter: String = letter.to_uppercase().collect();
        self.headline(size / self.unit * 0.46, theme::WHITE, &letter, x, y, size);
    }
}
