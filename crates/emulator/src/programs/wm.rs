//! `wm`: the size, density and rotation of the display.

use crate::error::Error;
use crate::files::file_error::FileError;
use crate::guest::Guest;
use crate::program::{Process, Running};
use crate::screen::{self, Display};

const HELP: &str = "Window manager (window) commands:
  help
      Print this help text.
  size [reset|WxH]
    Return or override display size.
  density [reset|DENSITY]
    Return or override display density.
  user-rotation [free|lock] [rotation]
    Print or set user rotation mode and user rotation.";

/// Exit code of what the window service refuses.
const REFUSED: u8 = 255;
/// Exit code of `cmd` for a service that is not there.
const NO_SERVICE: u8 = 20;
/// Least density that `wm` takes.
const DENSITY_MIN: u32 = 72;

/// What goes to standard error, and with which exit code.
struct Refusal(String, u8);

impl Refusal {
    fn new(text: impl Into<String>) -> Self {
        Self(text.into(), REFUSED)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::new(format!("Error: {error}"))
    }
}

impl From<FileError> for Refusal {
    fn from(error: FileError) -> Self {
        Self::new(format!("Error: {error}"))
    }
}

pub(crate) fn wm(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        match run(&guest, process.arguments()) {
            Ok(lines) => {
                if !lines.is_empty() {
                    process.say(lines).await;
                }
                0
            }
            Err(Refusal(text, code)) => {
                let _ = process.stderr.write(format!("{text}\n")).await;
                code
            }
        }
    })
}

fn run(guest: &Guest, arguments: &[String]) -> Result<String, Refusal> {
    if screen::booting(guest)? {
        return Err(Refusal("cmd: Can't find service: window".into(), NO_SERVICE));
    }
    let mut arguments = arguments.iter().map(String::as_str);
    let command = arguments.next().unwrap_or("help");
    let value = arguments.next();
    match command {
        "size" => size(guest, value),
        "density" => density(guest, value),
        "user-rotation" | "set-user-rotation" => rotation(guest, value, arguments.next()),
        "help" | "-h" => Err(Refusal::new(HELP)),
        other => Err(Refusal::new(format!("Unknown command: {other}"))),
    }
}

fn size(guest: &Guest, value: Option<&str>) -> Result<String, Refusal> {
    let display = Display::of(guest)?;
    let wanted = match value {
        None => {
            let line = |name: &str, (width, height): (u32, u32)| format!("{name} size: {width}x{height}");
            let forced = display.forced_size.map(|size| format!("\n{}", line("Override", size)));
            return Ok(line("Physical", display.size) + &forced.unwrap_or_default());
        }
        Some("reset") => None,
        Some(text) => {
            let parts =
                text.split_once('x').filter(|(width, height)| !width.is_empty() && !height.is_empty());
            let (width, height) = parts.ok_or_else(|| Refusal::new(format!("Error: bad size {text}")))?;
            Some((number(width)?, number(height)?))
        }
    };
    display.force_size(guest, wanted)?;
    Ok(String::new())
}

fn density(guest: &Guest, value: Option<&str>) -> Result<String, Refusal> {
    let display = Display::of(guest)?;
    let wanted = match value {
        None => {
            let forced = display.forced_density.map(|density| format!("\nOverride density: {density}"));
            return Ok(format!("Physical density: {}{}", display.density, forced.unwrap_or_default()));
        }
        Some("reset") => None,
        Some(text) => Some(number(text)?),
    };
    if wanted.is_some_and(|density| density < DENSITY_MIN) {
        return Err(Refusal::new(format!("Error: density must be >= {DENSITY_MIN}")));
    }
    display.force_density(guest, wanted)?;
    Ok(String::new())
}

fn rotation(guest: &Guest, mode: Option<&str>, turns: Option<&str>) -> Result<String, Refusal> {
    let locked = Display::of(guest)?.locked;
    let wanted = match (mode, turns) {
        (None, _) => return Ok(locked.map_or_else(|| "free".into(), |turns| format!("lock {turns}"))),
        (Some("free"), _) => None,
        (Some("lock"), None) => Some(locked.unwrap_or(0)),
        (Some("lock"), Some(turns)) => match turns.parse() {
            Ok(turned @ 0..=3) => Some(turned),
            _ => return Err(Refusal::new(format!("Error: rotation argument must be 0 to 3, not {turns}"))),
        },
        (Some(other), _) => {
            return Err(Refusal::new(format!("Error: lock mode must be free or lock, not {other}")));
        }
    };
    screen::lock(guest, wanted)?;
    Ok(String::new())
}

fn number(text: &str) -> Result<u32, Refusal> {
    let wrong = || {
        let why = format!("java.lang.NumberFormatException: For input string: \"{text}\"");
        Refusal::new(format!("Error: bad number {why}"))
    };
    text.parse().ok().filter(|number| i32::try_from(*number).is_ok()).ok_or_else(wrong)
}
