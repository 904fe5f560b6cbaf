//! Where everything is: the same for who draws and for who asks what was touched.

use super::geometry::Rect;
use super::view::View;

/// Most rows of app icons.
const ICON_ROWS_MAX: usize = 3;
/// Most apps in the list of recent ones.
pub(crate) const RECENTS_MAX: usize = 5;
/// Width of what is in the middle of a wide screen, in dp.
const COLUMN: f32 = 420.0;

/// The parts of the screen.
#[derive(Debug)]
pub(crate) struct Layout {
    /// Pixels of a dp.
    pub(crate) unit: f32,
    /// The whole.
    pub(crate) all: Rect,
    /// The status bar, if there is one.
    pub(crate) status: Option<Rect>,
    /// The navigation bar, if there is one.
    pub(crate) navigation: Option<Rect>,
    /// What is between them.
    pub(crate) body: Rect,
}

/// The parts of the home screen.
#[derive(Debug)]
pub(crate) struct Home {
    /// Clock, date, name.
    pub(crate) clock: Rect,
    /// The search field.
    pub(crate) search: Rect,
    /// Where the card has room.
    pub(crate) card: Rect,
    /// Icons by their place in the list of apps.
    pub(crate) icons: Vec<Rect>,
    /// Apps that have no icon for want of room; the last cell says so.
    pub(crate) hidden: usize,
}

/// The parts of an app.
#[derive(Debug)]
pub(crate) struct Window {
    /// Its title.
    pub(crate) title: Rect,
    /// The text field.
    pub(crate) field: Rect,
    /// What it says about itself.
    pub(crate) card: Rect,
}

impl Layout {
    pub(crate) fn of(view: &View<'_>) -> Self {
        let (width, height) = view.size();
        let unit = view.unit();
        let all = Rect { x: 0.0, y: 0.0, w: width as f32, h: height as f32 };
        let mut body = all;
        let status = view.status_bar.then(|| body.cut_top((26.0 * unit).round()));
        let navigation = view.navigation_bar.then(|| body.cut_bottom((44.0 * unit).round()));
        Self { unit, all, status, navigation, body }
    }

    /// The three buttons of the navigation bar: back, home, recents.
    pub(crate) fn buttons(&self) -> Option<[Rect; 3]> {
        let mut bar = self.navigation?.narrow(COLUMN * self.unit);
        let third = bar.w / 3.0;
        Some([bar.cut_left(third), bar.cut_left(third), bar])
    }

    pub(crate) fn home(&self, apps: usize) -> Home {
        let dp = |dp: f32| dp * self.unit;
        let mut body = self.body.inset(dp(16.0), dp(8.0));
        if body.w > body.h * 1.2 && body.w > dp(COLUMN) {
            let mut left = body.cut_left(body.w * 0.46);
            body.cut_left(dp(20.0));
            return self.column(&mut left, Some(body), apps);
        }
        let mut column = body.narrow(dp(COLUMN));
        self.column(&mut column, None, apps)
    }

    /// Clock, search and icons from top to bottom; the card beside them, or else where room is left.
    fn column(&self, column: &mut Rect, beside: Option<Rect>, apps: usize) -> Home {
        let dp = |dp: f32| dp * self.unit;
        let tight = column.h < dp(440.0);
        let crowded = apps > 8;
        let clock = column.cut_top(dp(if tight {
            92.0
        } else if crowded {
            118.0
        } else {
            150.0
        }));
        let search = column.cut_top(dp(44.0)).inset(0.0, dp(1.0));
        column.cut_top(dp(if tight { 8.0 } else { 12.0 }));
        let columns = ((column.w / dp(if crowded { 60.0 } else { 68.0 })) as usize).clamp(1, apps.max(4));
        let cell = dp(if crowded { 74.0 } else { 82.0 });
        let keep = if beside.is_some() { 0.0 } else { dp(if tight { 70.0 } else { 190.0 }) };
        let room = (((column.h - keep) / cell).max(0.0) as usize).min(ICON_ROWS_MAX);
        let rows = apps.div_ceil(columns).min(room);
        let grid = column.cut_bottom(rows as f32 * cell);
        let shown = apps.min(rows * columns);
        let icons = (0..shown).map(|at| Rect {
            x: grid.x + (at % columns) as f32 * grid.w / columns as f32,
            y: grid.y + (at / columns) as f32 * cell,
            w: grid.w / columns as f32,
            h: cell,
        });
        column.cut_bottom(dp(8.0));
        let card = beside.map_or(*column, |card| card.inset(0.0, dp(6.0)));
        Home { clock, search, card, icons: icons.collect(), hidden: apps - shown }
    }

    pub(crate) fn window(&self) -> Window {
        let dp = |dp: f32| dp * self.unit;
        let mut body = self.body;
        let title = body.cut_top(dp(60.0));
        let mut column = body.narrow(dp(COLUMN + 100.0)).inset(dp(16.0), dp(14.0));
        let field = column.cut_top(dp(50.0));
        column.cut_top(dp(14.0));
        Window { title, field, card: column }
    }

    /// The notification shade.
    pub(crate) fn shade(&self) -> Rect {
        let mut all = self.all;
        all.cut_top((252.0 * self.unit).min(all.h * 0.8))
    }

    /// The entries of the list of recent apps.
    pub(crate) fn recents(&self, apps: usize) -> Vec<Rect> {
        let dp = |dp: f32| dp * self.unit;
        let mut column = self.body.narrow(dp(COLUMN)).inset(dp(20.0), dp(12.0));
        column.cut_top(dp(44.0));
        let entry = |_| {
            let entry = column.cut_top(dp(72.0));
            (entry.h >= dp(56.0)).then(|| Rect { h: dp(64.0).min(entry.h), ..entry })
        };
        (0..apps.min(RECENTS_MAX)).map_while(entry).collect()
    }
}
