//! `input`: fingers, keys and text.

use crate::apps::launcher;
use crate::error::Error;
use crate::guest::Guest;
use crate::program::{Process, Running};
use crate::screen::{self, Hit, Key, Scene};

const USAGE: &str = "Usage: input [<source>] [-d DISPLAY_ID] <command> [<arg>...]

The sources are: 
      touchnavigation
      touchscreen
      joystick
      stylus
      touchpad
      gamepad
      dpad
      mouse
      keyboard
      trackball
      rotaryencoder

-d: specify the display ID.
      (Default: -1 for key event, 0 for motion event if not specified.)
The commands and default sources are:
      text <string> (Default: touchscreen)
      keyevent [--longpress|--doubletap] <key code number or name> ... (Default: keyboard)
      tap <x> <y> (Default: touchscreen)
      swipe <x1> <y1> <x2> <y2> [duration(ms)] (Default: touchscreen)
      draganddrop <x1> <y1> <x2> <y2> [duration(ms)] (Default: touchscreen)
      press (Default: trackball)
      roll <dx> <dy> (Default: trackball)
      motionevent <DOWN|UP|MOVE|CANCEL> <x> <y> (Default: touchscreen)";

const SOURCES: [&str; 11] = [
    "touchnavigation",
    "touchscreen",
    "joystick",
    "stylus",
    "touchpad",
    "gamepad",
    "dpad",
    "mouse",
    "keyboard",
    "trackball",
    "rotaryencoder",
];

/// Exit code of what the input service refuses.
const REFUSED: u8 = 255;
/// Exit code of `cmd` for a service that is not there.
const NO_SERVICE: u8 = 20;
/// A finger that stays this long where it is does not tap, in milliseconds.
const LONG_PRESS_MS: u64 = 400;
/// How long a swipe takes if nothing else is said, in milliseconds.
const SWIPE_MS: u64 = 300;

type Point = (i32, i32);

/// What is done to the screen.
#[derive(Debug, PartialEq, Eq)]
enum Deed {
    Tap(Point),
    Swipe {
        from: Point,
        to: Point,
        ms: u64,
    },
    Text(String),
    Keys(Vec<Key>),
    /// The trackball, which nothing on this screen listens to.
    Trackball,
    Down(Point),
    Move,
    Up(Point),
    Cancel,
}

pub(crate) fn input(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let (complaint, code) = match parse(process.arguments()) {
            Err(complaint) => (format!("{complaint}\n{USAGE}"), REFUSED),
            Ok(deed) => match act(&guest, deed) {
                Ok(true) => return 0,
                Ok(false) => ("cmd: Can't find service: input".into(), NO_SERVICE),
                Err(error) => (format!("Error: {error}"), REFUSED),
            },
        };
        let _ = process.stderr.write(format!("{complaint}\n")).await;
        code
    })
}

fn parse(arguments: &[String]) -> Result<Deed, String> {
    let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if arguments.first().is_some_and(|first| SOURCES.contains(first)) {
        arguments.remove(0);
    }
    if arguments.first() == Some(&"-d") {
        arguments.drain(..arguments.len().min(2));
    }
    let Some((command, rest)) = arguments.split_first() else {
        return Err("Error: Argument expected".into());
    };
    let deed = match *command {
        "text" => text(rest),
        "keyevent" => keys(rest),
        "tap" => point(rest).map(Deed::Tap),
        "swipe" | "draganddrop" => swipe(rest),
        "press" => rest.is_empty().then_some(Deed::Trackball),
        "roll" => point(rest).map(|_| Deed::Trackball),
        "motionevent" => motion(rest),
        other => return Err(format!("Error: Unknown command: {other}")),
    };
    deed.ok_or_else(|| format!("Error: Invalid arguments for command: {command}"))
}

fn text(rest: &[&str]) -> Option<Deed> {
    match rest {
        [text] => Some(Deed::Text(text.replace("%s", " "))),
        _ => None,
    }
}

fn keys(rest: &[&str]) -> Option<Deed> {
    let rest = match rest {
        ["--longpress" | "--doubletap", rest @ ..] => rest,
        rest => rest,
    };
    (!rest.is_empty()).then(|| Deed::Keys(rest.iter().map(|name| Key::named(name)).collect()))
}

fn swipe(rest: &[&str]) -> Option<Deed> {
    let (points, ms) = match rest {
        [points @ .., ms] if points.len() == 4 => (points, ms.parse().ok()?),
        points => (points, SWIPE_MS),
    };
    match points {
        [x1, y1, x2, y2] => Some(Deed::Swipe { from: point(&[x1, y1])?, to: point(&[x2, y2])?, ms }),
        _ => None,
    }
}

fn motion(rest: &[&str]) -> Option<Deed> {
    let (what, place) = rest.split_first()?;
    match what.to_ascii_uppercase().as_str() {
        "DOWN" => point(place).map(Deed::Down),
        "MOVE" => point(place).map(|_| Deed::Move),
        "UP" => point(place).map(Deed::Up),
        "CANCEL" => Some(Deed::Cancel),
        _ => None,
    }
}

fn point(rest: &[&str]) -> Option<Point> {
    let number = |text: &str| text.parse::<f32>().ok().filter(|number| number.is_finite());
    match rest {
        [x, y] => Some((number(x)? as i32, number(y)? as i32)),
        _ => None,
    }
}

/// False while the phone boots: then nobody takes input.
fn act(guest: &Guest, deed: Deed) -> Result<bool, Error> {
    if screen::booting(guest)? {
        return Ok(false);
    }
    let now_ms = guest.clock().now_ms();
    match deed {
        Deed::Tap(at) => tap(guest, at)?,
        Deed::Swipe { from, to, ms } if from == to && ms < LONG_PRESS_MS => tap(guest, to)?,
        Deed::Swipe { from, to, .. } => swiped(guest, from, to)?,
        Deed::Text(text) => guest.session(|session| session.screen.text(&text))?,
        Deed::Keys(keys) => {
            guest.session(|session| keys.iter().for_each(|key| session.screen.key(*key, now_ms)))?;
        }
        Deed::Trackball | Deed::Move => {}
        Deed::Down(at) => guest.session(|session| session.screen.finger = Some(at))?,
        Deed::Cancel => guest.session(|session| session.screen.finger = None)?,
        Deed::Up(to) => match guest.session(|session| session.screen.finger.take())? {
            Some(from) if from != to => swiped(guest, from, to)?,
            Some(_) => tap(guest, to)?,
            None => {}
        },
    }
    Ok(true)
}

fn swiped(guest: &Guest, from: Point, to: Point) -> Result<(), Error> {
    let (now_ms, height) = (guest.clock().now_ms(), Scene::of(guest)?.view().height);
    guest.session(|session| session.screen.swipe(from, to, now_ms, height))
}

fn tap(guest: &Guest, (x, y): Point) -> Result<(), Error> {
    let hit = screen::hit(&Scene::of(guest)?.view(), x, y);
    let now_ms = guest.clock().now_ms();
    let opens = guest.session(|session| {
        session.screen.tap(x, y, now_ms);
        match hit.filter(|hit| !screen::act(&mut session.screen, hit)) {
            Some(Hit::App(package)) => Some(package),
            _ => None,
        }
    })?;
    if let Some(package) = opens {
        // An app that went away meanwhile, or cannot be read, does not open.
        let _ = launcher::open(guest, &package);
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Deed, String> {
        let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse(&arguments)
    }

    #[test]
    fn commands_are_read_as_android_reads_them() {
        assert_eq!(parsed("tap 10 20.7"), Ok(Deed::Tap((10, 20))));
        assert_eq!(parsed("touchscreen -d 0 tap 1 2"), Ok(Deed::Tap((1, 2))));
        let swipe = |ms| Deed::Swipe { from: (1, 2), to: (3, -4), ms };
        assert_eq!(parsed("swipe 1 2 3 -4"), Ok(swipe(300)));
        assert_eq!(parsed("draganddrop 1 2 3 -4 90"), Ok(swipe(90)));
        assert_eq!(parsed("text a%sb%"), Ok(Deed::Text("a b%".into())));
        let keys = ["HOME", "BACK"].map(Key::named).into();
        assert_eq!(parsed("keyevent --longpress 3 KEYCODE_BACK"), Ok(Deed::Keys(keys)));
        assert_eq!(parsed("motionevent down 5 6"), Ok(Deed::Down((5, 6))));
        assert_eq!(parsed("trackball roll 1 1"), Ok(Deed::Trackball));
    }

    #[test]
    fn wrong_commands_are_refused_in_androids_words() {
        for (line, command) in [
            ("tap", "tap"),
            ("tap 1", "tap"),
            ("tap 1 2 3", "tap"),
            ("tap x 1", "tap"),
            ("tap NaN inf", "tap"),
            ("swipe 1 2 3", "swipe"),
            ("swipe 1 2 3 4 x", "swipe"),
            ("keyevent", "keyevent"),
            ("text", "text"),
            ("roll 1", "roll"),
            ("motionevent SIDEWAYS 1 2", "motionevent"),
        ] {
            assert_eq!(
                parsed(line),
                Err(format!("Error: Invalid arguments for command: {command}")),
                "{line}"
            );
        }
        assert_eq!(parsed("dance"), Err("Error: Unknown command: dance".into()));
        for line in ["", "touchscreen", "-d", "-d 0"] {
            assert_eq!(parsed(line), Err("Error: Argument expected".into()), "{line}");
        }
    }
}
