//! What is under a finger.

use super::layout::Layout;
use super::state::{Panel, ScreenState};
use super::view::View;

/// What was touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hit {
    /// The icon of this package.
    App(String),
    /// This package in the list of recent apps.
    Recent(String),
    /// Beside what a panel holds: that closes it.
    Outside,
    /// The button back.
    NavBack,
    /// The button home.
    NavHome,
    /// The button recents.
    NavRecents,
    /// The field for text.
    TextField,
}

/// What is at a point, in pixels of the picture. Nothing while the screen is off or the phone boots.
pub fn hit(view: &View<'_>, x: i32, y: i32) -> Option<Hit> {
    if !view.screen.on || view.booting.is_some() {
        return None;
    }
    let (x, y) = (x as f32, y as f32);
    let layout = Layout::of(view);
    if !layout.all.contains(x, y) {
        return None;
    }
    if let Some(buttons) =
        layout.buttons().filter(|_| layout.navigation.is_some_and(|bar| bar.contains(x, y)))
    {
        let hits = [Hit::NavBack, Hit::NavHome, Hit::NavRecents];
        return hits.into_iter().zip(buttons).find(|(_, button)| button.contains(x, y)).map(|(hit, _)| hit);
    }
    match view.screen.panel {
        Panel::Shade => return (!layout.shade().contains(x, y)).then_some(Hit::Outside),
        Panel::Recents => {
            let entries = layout.recents(view.screen.fronts().len());
            let mut listed = view.screen.fronts().iter().rev().zip(entries);
            let found = listed.find(|(_, entry)| entry.contains(x, y));
            return Some(found.map_or(Hit::Outside, |(front, _)| Hit::Recent(front.package.clone())));
        }
        Panel::None => {}
    }
    if view.screen.front().is_some() {
        return layout.window().field.contains(x, y).then_some(Hit::TextField);
    }
    let home = layout.home(view.apps.len());
    if home.search.contains(x, y) {
        return Some(Hit::TextField);
    }
    let icons = home.icons.len() - usize::from(home.hidden > 0 && !home.icons.is_empty());
    let mut apps = view.apps.iter().zip(home.icons).take(icons);
    apps.find(|(_, cell)| cell.contains(x, y)).map(|(app, _)| Hit::App(app.package.clone()))
}

/// What a touched thing does to the screen; false when it is an app that is not open yet and so is for the
/// caller to launch.
pub(crate) fn act(screen: &mut ScreenState, hit: &Hit) -> bool {
    match hit {
        Hit::App(_) => return false,
        Hit::Recent(package) => {
            let front = screen.fronts().iter().find(|front| front.package == *package).cloned();
            if let Some(front) = front {
                screen.launch(front);
            }
        }
        Hit::Outside => screen.panel = Panel::None,
        Hit::NavBack => screen.back(),
        Hit::NavHome => screen.home(),
        Hit::NavRecents => screen.recents(),
        Hit::TextField => {}
    }
    true
}
