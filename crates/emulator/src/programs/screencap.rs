//! `screencap`: the picture of the screen, to a file or to standard output.

use crate::guest::Guest;
use crate::program::{Process, Running};
use crate::screen;

const USAGE: &str = "usage: screencap [-hp] [-d display-id] [FILENAME]
   -h: this message
   -p: save the file as a png.
   -d: specify the display id to capture, default 0.
If FILENAME ends with .png it will be saved as a png.
If FILENAME is not given, the results will be printed to stdout.";

/// Mode of a file that is made.
const FILE_MODE: u32 = 0o660;

/// What is wanted.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    png: bool,
    file: Option<String>,
}

pub(crate) fn screencap(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let Some(wanted) = parse(process.arguments()) else {
            let _ = process.stderr.write(format!("{USAGE}\n")).await;
            return 1;
        };
        let picture =
            if wanted.png { screen::capture(&guest).await } else { screen::capture_raw(&guest).await };
        let picture = match picture {
            Ok(picture) => picture,
            Err(error) => {
                let _ = process.stderr.write(format!("Error capturing screen: {error}\n")).await;
                return 1;
            }
        };
        let Some(file) = wanted.file else {
            return u8::from(process.stdout.write(picture).await.is_err());
        };
        match guest.write_file(&process.path(&file), &picture, FILE_MODE) {
            Ok(()) => 0,
            Err(error) => {
                let _ = process.stderr.write(format!("Error opening file: {file} ({error})\n")).await;
                1
            }
        }
    })
}

/// None for what screencap answers with its usage.
fn parse(arguments: &[String]) -> Option<Wanted> {
    let mut wanted = Wanted { png: false, file: None };
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.strip_prefix('-').filter(|letters| !letters.is_empty()) {
            None if wanted.file.is_none() => wanted.file = Some(argument.clone()),
            None => return None,
            Some(letters) => {
                let mut letters = letters.chars();
                while let Some(letter) = letters.next() {
                    match letter {
                        'p' => wanted.png = true,
                        // The one display is meant, whatever the number.
                        'd' => {
                            let id = Some(letters.as_str()).filter(|id| !id.is_empty());
                            id.or_else(|| arguments.next().map(String::as_str))?.parse::<u64>().ok()?;
                            break;
                        }
                        _ => return None,
                    }
                }
            }
        }
    }
    wanted.png |= wanted.file.as_ref().is_some_and(|file| file.ends_with(".png"));
    Some(wanted)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Option<(bool, Option<String>)> {
        let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse(&arguments).map(|wanted| (wanted.png, wanted.file))
    }

    #[test]
    fn options_are_read_as_getopt_reads_them() {
        let file = |name: &str| Some(name.to_owned());
        assert_eq!(parsed(""), Some((false, None)));
        assert_eq!(parsed("-p"), Some((true, None)));
        assert_eq!(parsed("-pd 0"), Some((true, None)));
        assert_eq!(parsed("-d0 /sdcard/a.raw"), Some((false, file("/sdcard/a.raw"))));
        assert_eq!(parsed("/sdcard/a.png"), Some((true, file("/sdcard/a.png"))));
        for bad in ["-h", "-x", "-d", "-d x", "a b", "-pz", "--help"] {
            assert_eq!(parsed(bad), None, "{bad}");
        }
    }
}
