//! A picture under construction: anti-aliased shapes on opaque pixels. Everything outside of it is cut off.
//!
//! Spans are copied or blended row by row: a frame must be quick without the optimiser, too.

use super::geometry::Rect;

/// Bytes of a pixel: red, green, blue, alpha.
pub(crate) const PIXEL_BYTES: usize = 4;

/// A colour, and how much of it is laid on: 255 covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ink(pub(crate) u8, pub(crate) u8, pub(crate) u8, pub(crate) u8);

impl Ink {
    /// The colour, thinner.
    pub(crate) fn thin(self, alpha: u8) -> Self {
        Self(self.0, self.1, self.2, times(self.3, alpha))
    }

    /// Between this (0) and another (255).
    pub(crate) fn mix(self, other: Self, share: u8) -> Self {
        let mixed = |a, b| over(a, b, share);
        Self(mixed(self.0, other.0), mixed(self.1, other.1), mixed(self.2, other.2), mixed(self.3, other.3))
    }
}

fn times(a: u8, b: u8) -> u8 {
    (u16::from(a) * u16::from(b) / 255) as u8
}

fn over(below: u8, above: u8, alpha: u8) -> u8 {
    let alpha = u32::from(alpha);
    ((u32::from(below) * (255 - alpha) + u32::from(above) * alpha + 127) / 255) as u8
}

/// A diagonal gradient, made once: each row of a picture is a piece of it.
#[derive(Debug)]
pub(crate) struct Gradient {
    strip: Vec<u8>,
    /// Pixels that the next row starts further on, in thousandths.
    slope: usize,
}

impl Gradient {
    /// Through the colours, from the top left corner to the bottom right one of a picture.
    pub(crate) fn new(width: usize, height: usize, inks: &[Ink]) -> Self {
        // The long way down counts more than the way across.
        let slope = (width * 2500 / height.max(1)).clamp(800, 4000);
        let length = width + height * slope / 1000 + 1;
        let mut strip = Vec::with_capacity(length * PIXEL_BYTES);
        for at in 0..length {
            let place = at * (inks.len().saturating_sub(1)) * 255 / length;
            let (from, to) = (inks.get(place / 255), inks.get(place / 255 + 1));
            let from = from.copied().unwrap_or(Ink(0, 0, 0, 255));
            let ink = from.mix(to.copied().unwrap_or(from), (place % 255) as u8);
            strip.extend_from_slice(&[ink.0, ink.1, ink.2, 255]);
        }
        Self { strip, slope }
    }

    fn row(&self, y: usize, x: usize, pixels: usize) -> Option<&[u8]> {
        let from = (y * self.slope / 1000 + x) * PIXEL_BYTES;
        self.strip.get(from..from + pixels * PIXEL_BYTES)
    }
}

/// The picture: rows of RGBA pixels, opaque.
#[derive(Debug)]
pub(crate) struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Canvas {
    /// A black one.
    pub(crate) fn new(width: u32, height: u32) -> Self {
        let (width, height) = (width as usize, height as usize);
        let mut canvas = Self { width, height, pixels: vec![0; width * height * PIXEL_BYTES] };
        canvas.fill(Ink(0, 0, 0, 255));
        canvas
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    pub(crate) fn height(&self) -> usize {
        self.height
    }

    /// What was drawn.
    pub(crate) fn into_pixels(self) -> Vec<u8> {
        self.pixels
    }

    /// All of it in one colour.
    pub(crate) fn fill(&mut self, ink: Ink) {
        let all = self.width as f32;
        self.rect(Rect { x: 0.0, y: 0.0, w: all, h: self.height as f32 }, ink);
    }

    /// All of it in a gradient.
    pub(crate) fn gradient(&mut self, gradient: &Gradient) {
        for y in 0..self.height {
            self.copy(y as i32, 0, self.width as i32, gradient);
        }
    }

    /// The part of `x0..x1` in row `y` that is inside, in bytes.
    fn clip(&self, y: i32, x0: i32, x1: i32) -> Option<(usize, usize)> {
        let y = usize::try_from(y).ok().filter(|y| *y < self.height)?;
        let (x0, x1) = (x0.max(0) as usize, (x1.max(0) as usize).min(self.width));
        let row = y * self.width;
        (x0 < x1).then(|| ((row + x0) * PIXEL_BYTES, (row + x1) * PIXEL_BYTES))
    }

    fn copy(&mut self, y: i32, x0: i32, x1: i32, gradient: &Gradient) {
        let Some((from, to)) = self.clip(y, x0, x1) else { return };
        let source = gradient.row(y as usize, x0.max(0) as usize, (to - from) / PIXEL_BYTES);
        if let (Some(target), Some(source)) = (self.pixels.get_mut(from..to), source) {
            target.copy_from_slice(source);
        }
    }

    /// Lays a colour on a piece of a row.
    pub(crate) fn span(&mut self, y: i32, x0: i32, x1: i32, ink: Ink) {
        let Some((from, to)) = self.clip(y, x0, x1) else { return };
        let Some(target) = self.pixels.get_mut(from..to) else { return };
        match ink.3 {
            0 => {}
            255 => flood(target, ink),
            alpha => {
                let alpha = u32::from(alpha);
                let (rest, [r, g, b]) =
                    (255 - alpha, [ink.0, ink.1, ink.2].map(|c| u32::from(c) * alpha + 127));
                for pixel in target.chunks_exact_mut(PIXEL_BYTES) {
                    if let [red, green, blue, _] = pixel {
                        *red = ((u32::from(*red) * rest + r) / 255) as u8;
                        *green = ((u32::from(*green) * rest + g) / 255) as u8;
                        *blue = ((u32::from(*blue) * rest + b) / 255) as u8;
                    }
                }
            }
        }
    }

    /// Lays a colour on one pixel.
    pub(crate) fn dot(&mut self, x: i32, y: i32, ink: Ink) {
        self.span(y, x, x.saturating_add(1), ink);
    }

    /// A rectangle, its edges at whole pixels.
    pub(crate) fn rect(&mut self, rect: Rect, ink: Ink) {
        self.round(rect, 0.0, ink);
    }

    /// A rectangle with round corners.
    pub(crate) fn round(&mut self, rect: Rect, radius: f32, ink: Ink) {
        self.cover(rect, radius, |canvas, y, x0, x1, share| canvas.span(y, x0, x1, ink.thin(share)));
    }

    /// A rectangle with round corners, from one ink at its top to another at its bottom.
    pub(crate) fn shaded(&mut self, rect: Rect, radius: f32, top: Ink, bottom: Ink) {
        self.cover(rect, radius, |canvas, y, x0, x1, share| {
            let down = (y as f32 - rect.y) / rect.h.max(1.0);
            canvas.span(y, x0, x1, top.mix(bottom, self::share(down)).thin(share));
        });
    }

    /// A circle.
    pub(crate) fn disc(&mut self, x: f32, y: f32, radius: f32, ink: Ink) {
        self.round(Rect::around(x, y, radius), radius, ink);
    }

    /// A circle that shows another gradient.
    pub(crate) fn window(&mut self, x: f32, y: f32, radius: f32, gradient: &Gradient) {
        self.cover(Rect::around(x, y, radius), radius, |canvas, y, x0, x1, share| {
            if share == 255 {
                canvas.copy(y, x0, x1, gradient);
                return;
            }
            let source = gradient.row(y.max(0) as usize, x0.max(0) as usize, 1);
            if let Some([r, g, b, _]) = source {
                canvas.span(y, x0, x1, Ink(*r, *g, *b, share));
            }
        });
    }

    /// Calls `paint` with every piece of a row that a rounded rectangle covers, and how much: whole pieces
    /// with 255, and single pixels at its curves.
    fn cover(&mut self, rect: Rect, radius: f32, mut paint: impl FnMut(&mut Self, i32, i32, i32, u8)) {
        let (left, right) = (rect.x.round(), rect.right().round());
        let (top, bottom) = (rect.y.round(), rect.bottom().round());
        let radius = radius.min((right - left) / 2.0).min((bottom - top) / 2.0).max(0.0);
        let (curve_left, curve_right) = (left + radius, right - radius);
        for y in top.max(0.0) as i32..bottom.clamp(0.0, self.height as f32) as i32 {
            let middle = y as f32 + 0.5;
            let dy = (top + radius - middle).max(middle - (bottom - radius)).max(0.0);
            if dy == 0.0 {
                paint(self, y, left as i32, right as i32, 255);
                continue;
            }
            let inner = ((radius - 0.5).powi(2) - dy * dy).max(0.0).sqrt();
            let outer = ((radius + 0.5).powi(2) - dy * dy).max(0.0).sqrt();
            let (from, to) = ((curve_left - inner).ceil() as i32, (curve_right + inner).floor() as i32);
            let (from, to) =
                if dy > radius - 0.5 { (curve_left as i32, curve_left as i32) } else { (from, to) };
            paint(self, y, from, to, 255);
            let edge = self.width as i32;
            let before = ((curve_left - outer).floor().max(-1.0) as i32)..from.min(edge);
            let after = to.max(from).max(-1)..((curve_right + outer).ceil() as i32).min(edge);
            for x in before.chain(after) {
                let middle = x as f32 + 0.5;
                let dx = (curve_left - middle).max(middle - curve_right).max(0.0);
                paint(self, y, x, x.saturating_add(1), share(radius + 0.5 - dx.hypot(dy)));
            }
        }
    }

    /// A circle's line.
    pub(crate) fn ring(&mut self, x: f32, y: f32, radius: f32, thickness: f32, ink: Ink) {
        let reach = radius + thickness;
        self.each(Rect::around(x, y, reach), |px, py| {
            let off = ((px - x).hypot(py - y) - radius).abs();
            ink.thin(share(thickness / 2.0 + 0.5 - off))
        });
    }

    /// The line around a rectangle with round corners, inside of it.
    pub(crate) fn outline(&mut self, rect: Rect, radius: f32, thickness: f32, ink: Ink) {
        let (x, y) = rect.middle();
        let (half_w, half_h) = (rect.w / 2.0 - radius, rect.h / 2.0 - radius);
        self.each(rect, |px, py| {
            let (dx, dy) = ((px - x).abs() - half_w, (py - y).abs() - half_h);
            let inside = dx.max(dy).min(0.0);
            let off = dx.max(0.0).hypot(dy.max(0.0)) + inside - radius + thickness / 2.0;
            ink.thin(share(thickness / 2.0 + 0.5 - off.abs()))
        });
    }

    /// A part of a circle's line: the quarter that looks up.
    pub(crate) fn arc_up(&mut self, x: f32, y: f32, radius: f32, thickness: f32, ink: Ink) {
        self.each(Rect::around(x, y, radius + thickness), |px, py| {
            let (dx, dy) = (px - x, y - py);
            let off = (dx.hypot(dy) - radius).abs();
            let inside = share(dy - dx.abs() + 0.5);
            ink.thin(share(thickness / 2.0 + 0.5 - off)).thin(inside)
        });
    }

    /// A thick line with round ends that begins with `from` of the ink and ends with all of it.
    pub(crate) fn line(
        &mut self,
        (x0, y0): (f32, f32),
        (x1, y1): (f32, f32),
        thickness: f32,
        ink: Ink,
        from: u8,
    ) {
        let (dx, dy, reach) = (x1 - x0, y1 - y0, thickness / 2.0 + 1.0);
        let length = (dx * dx + dy * dy).max(f32::MIN_POSITIVE);
        let rows = (y0.min(y1) - reach).max(0.0) as i32
            ..((y0.max(y1) + reach).max(0.0) as i32).min(self.height as i32);
        for row in rows {
            let y = row as f32 + 0.5;
            // Where the line passes this row, and so how far its cover reaches.
            let at = |edge: f32| if dy.abs() < 0.01 { None } else { Some((edge - y0) / dy) };
            let (a, b) = (at(y - reach).unwrap_or(0.0), at(y + reach).unwrap_or(1.0));
            let (xa, xb) = (x0 + a.clamp(0.0, 1.0) * dx, x0 + b.clamp(0.0, 1.0) * dx);
            let from_x = (xa.min(xb) - reach).max(0.0) as i32;
            let to_x = ((xa.max(xb) + reach).max(0.0) as i32).min(self.width as i32);
            for column in from_x..to_x {
                let x = column as f32 + 0.5;
                let along = (((x - x0) * dx + (y - y0) * dy) / length).clamp(0.0, 1.0);
                let off = (x - x0 - along * dx).hypot(y - y0 - along * dy);
                let strength = f32::from(from) + along * (255.0 - f32::from(from));
                self.dot(column, row, ink.thin(share(thickness / 2.0 + 0.5 - off)).thin(strength as u8));
            }
        }
    }

    /// A triangle that points left.
    pub(crate) fn left(&mut self, x: f32, y: f32, size: f32, ink: Ink) {
        self.each(Rect::around(x, y, size), |px, py| {
            let along = (px - (x - size)) * 0.5;
            let side = share(along - (py - y).abs() + 0.5);
            ink.thin(side).thin(share(x + size * 0.6 - px))
        });
    }

    /// Lays on what `ink` says for the middle of each pixel of a small part.
    fn each(&mut self, rect: Rect, ink: impl Fn(f32, f32) -> Ink) {
        let (right, bottom) = (self.width as f32, self.height as f32);
        for y in rect.y.floor().max(0.0) as i32..rect.bottom().ceil().min(bottom) as i32 {
            for x in rect.x.floor().max(0.0) as i32..rect.right().ceil().min(right) as i32 {
                self.dot(x, y, ink(x as f32 + 0.5, y as f32 + 0.5));
            }
        }
    }
}

/// Fills with one colour: each copy doubles what is there.
fn flood(target: &mut [u8], ink: Ink) {
    let Some(first) = target.get_mut(..PIXEL_BYTES) else { return };
    first.copy_from_slice(&[ink.0, ink.1, ink.2, 255]);
    let mut done = PIXEL_BYTES;
    while done < target.len() {
        let next = done.min(target.len() - done);
        target.copy_within(..next, done);
        done += next;
    }
}

fn share(coverage: f32) -> u8 {
    (coverage.clamp(0.0, 1.0) * 255.0) as u8
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const WHITE: Ink = Ink(255, 255, 255, 255);

    fn red(canvas: &Canvas, x: usize, y: usize) -> u8 {
        canvas.pixels[(y * canvas.width + x) * PIXEL_BYTES]
    }

    #[test]
    fn shapes_cover_their_middle_and_nothing_outside() {
        let mut canvas = Canvas::new(40, 40);
        canvas.round(Rect { x: 10.0, y: 10.0, w: 20.0, h: 20.0 }, 6.0, WHITE);
        assert_eq!((red(&canvas, 20, 20), red(&canvas, 10, 20), red(&canvas, 29, 20)), (255, 255, 255));
        assert_eq!((red(&canvas, 9, 20), red(&canvas, 30, 20), red(&canvas, 10, 10)), (0, 0, 0));
        assert!((1..255).contains(&red(&canvas, 11, 12)), "the curve is smooth");
    }

    #[test]
    fn a_circle_has_the_area_of_a_circle() {
        let mut canvas = Canvas::new(100, 100);
        canvas.disc(50.0, 50.0, 40.0, WHITE);
        let area: f64 = canvas.pixels.chunks(4).map(|pixel| f64::from(pixel[0]) / 255.0).sum();
        assert!((area - 5026.5).abs() < 30.0, "{area}");
    }

    #[test]
    fn thin_ink_lets_through_what_is_below() {
        let mut canvas = Canvas::new(4, 4);
        canvas.fill(WHITE.thin(128));
        assert_eq!(red(&canvas, 2, 2), 128);
        assert!(canvas.pixels.chunks(4).all(|pixel| pixel[3] == 255), "the picture stays opaque");
    }

    #[test]
    fn shapes_anywhere_are_cut_off() {
        let mut canvas = Canvas::new(8, 8);
        let gradient = Gradient::new(8, 8, &[WHITE, WHITE.thin(0)]);
        for at in [-1e9_f32, -20.0, 0.0, 3.0, 20.0, 1e9, f32::NAN, f32::INFINITY] {
            for size in [-5.0_f32, 0.0, 0.4, 3.0, 30.0] {
                canvas.round(Rect { x: at, y: 1.0, w: size, h: 5.0 }, size, WHITE);
                canvas.disc(at, at, size, WHITE);
                canvas.window(at, 2.0, size, &gradient);
                canvas.ring(at, at, size, 2.0, WHITE);
                canvas.arc_up(1.0, at, size, 2.0, WHITE);
                canvas.left(at, 1.0, size, WHITE);
                canvas.line((at, 0.0), (3.0, at), size, WHITE, 10);
            }
        }
        canvas.gradient(&gradient);
        assert_eq!(canvas.into_pixels().len(), 8 * 8 * PIXEL_BYTES);
    }
}
