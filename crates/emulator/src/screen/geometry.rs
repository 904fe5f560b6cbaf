//! Rectangles, in pixels, and how they are cut up.

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Rect {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) w: f32,
    pub(crate) h: f32,
}

impl Rect {
    /// The square around a point.
    pub(crate) fn around(x: f32, y: f32, reach: f32) -> Self {
        Self { x: x - reach, y: y - reach, w: reach * 2.0, h: reach * 2.0 }
    }

    pub(crate) fn right(&self) -> f32 {
        self.x + self.w
    }

    pub(crate) fn bottom(&self) -> f32 {
        self.y + self.h
    }

    pub(crate) fn middle(&self) -> (f32, f32) {
        (self.x + self.w / 2.0, self.y + self.h / 2.0)
    }

    /// Whether a point is inside.
    pub(crate) fn contains(&self, x: f32, y: f32) -> bool {
        (self.x..self.right()).contains(&x) && (self.y..self.bottom()).contains(&y)
    }

    /// Without a margin.
    pub(crate) fn inset(&self, dx: f32, dy: f32) -> Self {
        let (w, h) = ((self.w - dx * 2.0).max(0.0), (self.h - dy * 2.0).max(0.0));
        Self { x: self.x + dx.min(self.w / 2.0), y: self.y + dy.min(self.h / 2.0), w, h }
    }

    /// Cuts off the upper part.
    pub(crate) fn cut_top(&mut self, height: f32) -> Self {
        let h = height.clamp(0.0, self.h.max(0.0));
        let part = Self { h, ..*self };
        (self.y, self.h) = (self.y + h, self.h - h);
        part
    }

    /// Cuts off the lower part.
    pub(crate) fn cut_bottom(&mut self, height: f32) -> Self {
        let h = height.clamp(0.0, self.h.max(0.0));
        self.h -= h;
        Self { y: self.y + self.h, h, ..*self }
    }

    /// Cuts off the left part.
    pub(crate) fn cut_left(&mut self, width: f32) -> Self {
        let w = width.clamp(0.0, self.w.max(0.0));
        let part = Self { w, ..*self };
        (self.x, self.w) = (self.x + w, self.w - w);
        part
    }

    /// As wide as this at most, in the middle.
    pub(crate) fn narrow(&self, width: f32) -> Self {
        let w = self.w.min(width);
        Self { x: self.x + (self.w - w) / 2.0, w, ..*self }
    }
}
