//! What is on the screen and what was done to it: pure, volatile, bounded.

use std::collections::VecDeque;

/// Apps that are open at once; the one unused for longest is closed for another.
pub const FRONTS_MAX: usize = 32;
/// Touches that the picture shows.
pub const TOUCHES_MAX: usize = 8;
/// Most typed text that is kept, in bytes.
pub const TEXT_BYTES_MAX: usize = 1024;
/// Loudest volume.
pub const VOLUME_MAX: u8 = 15;
/// How long touches, keys and the volume stay in the picture, in milliseconds.
pub const SHOWN_MS: u64 = 30_000;
/// Longest name of a package, an activity, a label or a version that is kept, in bytes.
const NAME_BYTES_MAX: usize = 255;

/// An app that is open.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Front {
    /// Its package.
    pub package: String,
    /// The activity that shows.
    pub activity: String,
    /// What people call it.
    pub label: String,
    /// Its version.
    pub version: String,
    /// When it was opened, in milliseconds since 1970.
    pub since_wall_ms: i64,
}

/// A finger on the screen. Points are pixels of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touch {
    /// Where it came down.
    pub from: (i32, i32),
    /// Where it was lifted; the same for a tap.
    pub to: (i32, i32),
    /// When, in monotonic milliseconds.
    pub at_ms: u64,
}

/// What lies over everything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Panel {
    /// Nothing.
    #[default]
    None,
    /// The notification shade.
    Shade,
    /// The apps that are open.
    Recents,
}

/// The screen of a phone that is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScreenState {
    /// It shines.
    pub on: bool,
    /// The last touches, oldest first.
    pub touches: VecDeque<Touch>,
    /// A finger that is down, and where it came down (`input motionevent`).
    pub finger: Option<(i32, i32)>,
    /// What was typed and not sent yet.
    pub typed: String,
    /// What was sent with the enter key last.
    pub sent: String,
    /// The last key and when.
    pub last_key: Option<(&'static str, u64)>,
    /// From 0 to [`VOLUME_MAX`].
    pub volume: u8,
    /// When the volume was changed last.
    pub volume_ms: Option<u64>,
    /// What lies over everything else.
    pub panel: Panel,
    /// Open apps; the last is in front, unless home is.
    fronts: Vec<Front>,
    /// How many of them lie behind the home screen.
    behind: usize,
}

impl Default for ScreenState {
    fn default() -> Self {
        Self {
            on: true,
            touches: VecDeque::new(),
            finger: None,
            typed: String::new(),
            sent: String::new(),
            last_key: None,
            volume: 7,
            volume_ms: None,
            panel: Panel::None,
            fronts: Vec::new(),
            behind: 0,
        }
    }
}

impl ScreenState {
    /// The app in front; none when that is the home screen.
    pub fn front(&self) -> Option<&Front> {
        self.fronts.get(self.behind..).and_then(<[Front]>::last)
    }

    /// Every open app; the one used last is last.
    pub fn fronts(&self) -> &[Front] {
        &self.fronts
    }

    /// Opens an app, or brings it to the front; the screen goes on.
    pub fn launch(&mut self, mut front: Front) {
        for text in [&mut front.package, &mut front.activity, &mut front.label, &mut front.version] {
            cut(text, NAME_BYTES_MAX);
        }
        if let Some(at) = self.fronts.iter().position(|open| open.package == front.package) {
            let open = self.remove(at);
            front.since_wall_ms = open.since_wall_ms;
        }
        if self.fronts.len() >= FRONTS_MAX {
            self.remove(0);
        }
        self.fronts.push(front);
        self.leave();
        self.on = true;
    }

    /// Shows the home screen; apps stay open.
    pub fn home(&mut self) {
        self.behind = self.fronts.len();
        self.leave();
    }

    /// Closes what is in front: a panel, or else the app.
    pub fn back(&mut self) {
        if self.panel != Panel::None {
            self.panel = Panel::None;
        } else if self.front().is_some() {
            self.fronts.pop();
            self.leave();
        }
    }

    /// Closes an app, wherever it is; false when it was not open.
    pub fn finish(&mut self, package: &str) -> bool {
        let Some(at) = self.fronts.iter().position(|open| open.package == package) else { return false };
        let shown = self.front().is_some_and(|front| front.package == package);
        self.remove(at);
        if shown {
            self.leave();
        }
        true
    }

    fn remove(&mut self, at: usize) -> Front {
        self.behind -= usize::from(at < self.behind);
        self.fronts.remove(at)
    }

    /// Another thing is in front: what was typed there is gone.
    fn leave(&mut self) {
        self.typed.clear();
        self.sent.clear();
        self.panel = Panel::None;
    }

    /// A tap. What is under it is for [`super::hit`] to say.
    pub fn tap(&mut self, x: i32, y: i32, now_ms: u64) {
        self.touch(Touch { from: (x, y), to: (x, y), at_ms: now_ms });
    }

    /// A swipe on a screen of some height. From the top edge down it opens the shade, upwards it closes it.
    pub fn swipe(&mut self, from: (i32, i32), to: (i32, i32), now_ms: u64, height: u32) {
        self.touch(Touch { from, to, at_ms: now_ms });
        if !self.on {
            return;
        }
        let height = i32::try_from(height).unwrap_or(i32::MAX);
        let down = to.1.saturating_sub(from.1);
        if from.1 <= height / 16 && down >= height / 6 {
            self.panel = Panel::Shade;
        } else if self.panel == Panel::Shade && down <= -(height / 6) {
            self.panel = Panel::None;
        }
    }

    fn touch(&mut self, touch: Touch) {
        if !self.on {
            return;
        }
        if self.touches.len() >= TOUCHES_MAX {
            self.touches.pop_front();
        }
        self.touches.push_back(touch);
    }

    /// Types; what has no room any more is dropped, and so is all of it while the screen is off.
    pub fn text(&mut self, text: &str) {
        if self.on {
            self.typed.extend(text.chars().filter(|character| !character.is_control()));
            cut(&mut self.typed, TEXT_BYTES_MAX);
        }
    }

    /// A key was pressed. While the screen is off only the keys that switch it on do anything.
    pub fn key(&mut self, key: super::keys::Key, now_ms: u64) {
        use super::keys::{APP_SWITCH, BACK, DEL, ENTER, HOME, NOTIFICATION, POWER, SLEEP, SPACE, WAKEUP};
        use super::keys::{ESCAPE, NUMPAD_ENTER, VOLUME_DOWN, VOLUME_MUTE, VOLUME_UP};
        self.last_key = Some((key.name, now_ms));
        match key.code {
            POWER => self.on = !self.on,
            WAKEUP => self.on = true,
            SLEEP => self.on = false,
            VOLUME_UP => self.volume(self.volume.saturating_add(1), now_ms),
            VOLUME_DOWN => self.volume(self.volume.saturating_sub(1), now_ms),
            VOLUME_MUTE => self.volume(0, now_ms),
            _ if !self.on => {}
            HOME => self.home(),
            BACK | ESCAPE => self.back(),
            APP_SWITCH => self.recents(),
            NOTIFICATION => self.panel = Panel::Shade,
            DEL => {
                self.typed.pop();
            }
            ENTER | NUMPAD_ENTER => self.sent = std::mem::take(&mut self.typed),
            SPACE => self.text(" "),
            _ => {
                if let Some(character) = key.character() {
                    self.text(character.encode_utf8(&mut [0; 4]));
                }
            }
        }
    }

    /// Shows the apps that are open, or closes that list.
    pub fn recents(&mut self) {
        self.panel = if self.panel == Panel::Recents { Panel::None } else { Panel::Recents };
    }

    fn volume(&mut self, volume: u8, now_ms: u64) {
        self.volume = volume.min(VOLUME_MAX);
        self.volume_ms = Some(now_ms);
    }
}

/// Shortens to so many bytes of whole characters.
fn cut(text: &mut String, bytes_max: usize) {
    let mut end = bytes_max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::keys::Key;
    use super::*;

    fn app(package: &str) -> Front {
        Front { package: package.into(), label: package.to_uppercase(), ..Front::default() }
    }

    fn front(screen: &ScreenState) -> Option<&str> {
        screen.front().map(|front| front.package.as_str())
    }

    fn press(screen: &mut ScreenState, name: &str) {
        screen.key(Key::named(name), 1);
    }

    #[test]
    fn back_goes_the_way_that_apps_were_opened_as_far_as_home() {
        let mut screen = ScreenState::default();
        screen.launch(app("a"));
        screen.home();
        screen.launch(app("b"));
        screen.launch(app("c"));
        assert_eq!(front(&screen), Some("c"));
        screen.back();
        assert_eq!(front(&screen), Some("b"));
        screen.back();
        assert_eq!(front(&screen), None);
        screen.back();
        assert_eq!(screen.fronts().len(), 1, "a stays open behind home");
        screen.launch(app("a"));
        assert_eq!((front(&screen), screen.fronts().len()), (Some("a"), 1));
    }

    #[test]
    fn an_app_that_is_finished_is_gone_wherever_it_is() {
        let mut screen = ScreenState::default();
        screen.launch(app("a"));
        screen.home();
        screen.launch(app("b"));
        assert!(screen.finish("a") && !screen.finish("a"));
        assert_eq!(front(&screen), Some("b"));
        assert!(screen.finish("b"));
        assert_eq!(front(&screen), None);
    }

    #[test]
    fn an_app_that_is_brought_to_the_front_runs_since_it_was_opened() {
        let mut screen = ScreenState::default();
        screen.launch(Front { since_wall_ms: 5, ..app("a") });
        screen.home();
        screen.launch(Front { since_wall_ms: 9, ..app("a") });
        assert_eq!(screen.front().unwrap().since_wall_ms, 5);
    }

    #[test]
    fn everything_is_bounded() {
        let mut screen = ScreenState::default();
        for at in 0..100 {
            screen.launch(app(&format!("app{at}{}", "x".repeat(5000))));
            screen.home();
            screen.tap(at, i32::MIN, 0);
            screen.swipe((i32::MIN, i32::MAX), (i32::MAX, i32::MIN), 0, u32::MAX);
            screen.text(&"é".repeat(300));
            press(&mut screen, "VOLUME_UP");
        }
        screen.text(&"é".repeat(3000));
        assert_eq!((screen.fronts().len(), screen.touches.len()), (FRONTS_MAX, TOUCHES_MAX));
        assert_eq!((screen.typed.len(), screen.volume), (TEXT_BYTES_MAX, VOLUME_MAX));
        assert!(screen.fronts().iter().all(|front| front.package.len() <= NAME_BYTES_MAX));
        assert_eq!(front(&screen), None);
    }

    #[test]
    fn keys_type_delete_and_send() {
        let mut screen = ScreenState::default();
        screen.text("hello\u{7} wörld");
        for key in ["DEL", "KEYCODE_A", "9", "SPACE", "COMMA"] {
            press(&mut screen, key);
        }
        assert_eq!(screen.typed, "hello wörla2 ,");
        press(&mut screen, "ENTER");
        assert_eq!((screen.typed.as_str(), screen.sent.as_str()), ("", "hello wörla2 ,"));
    }

    #[test]
    fn power_switches_the_screen_and_only_some_keys_wake_it() {
        let mut screen = ScreenState::default();
        screen.launch(app("a"));
        press(&mut screen, "POWER");
        assert!(!screen.on);
        for key in ["HOME", "BACK", "SLEEP", "A"] {
            press(&mut screen, key);
        }
        screen.tap(1, 1, 1);
        screen.text("x");
        assert!(!screen.on && screen.touches.is_empty() && screen.typed.is_empty());
        assert_eq!(front(&screen), Some("a"));
        press(&mut screen, "WAKEUP");
        assert!(screen.on);
        assert_eq!(screen.last_key, Some(("KEYCODE_WAKEUP", 1)));
    }

    #[test]
    fn the_shade_comes_down_from_the_top_edge_and_goes_up_again() {
        let mut screen = ScreenState::default();
        screen.swipe((100, 300), (100, 900), 1, 1280);
        assert_eq!(screen.panel, Panel::None);
        screen.swipe((100, 5), (100, 900), 1, 1280);
        assert_eq!(screen.panel, Panel::Shade);
        screen.swipe((100, 900), (100, 100), 1, 1280);
        assert_eq!(screen.panel, Panel::None);
        screen.swipe((100, 5), (100, 900), 1, 1280);
        screen.launch(app("a"));
        press(&mut screen, "APP_SWITCH");
        assert_eq!(screen.panel, Panel::Recents);
        screen.back();
        assert_eq!((screen.panel, front(&screen)), (Panel::None, Some("a")));
    }
}
