//! Profiles: named settings in a file that only its owner can read.

use crate::settings::{Layer, SOURCES};
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// The profile that is used when none is asked for.
pub const DEFAULT: &str = "default";
/// Far more than a file of profiles has.
const BYTES_MAX: u64 = 1024 * 1024;
/// What others may do with a file.
const OTHERS: u32 = 0o077;

/// Where profiles are kept: `$XDG_CONFIG_HOME/phoneyard/profiles.toml`, by default in `~/.config`.
pub fn path() -> PathBuf {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = set("XDG_CONFIG_HOME")
        .or_else(|| set("HOME").map(|home| home.join(".config")))
        .unwrap_or_else(|| PathBuf::from(".config"));
    base.join("phoneyard").join("profiles.toml")
}

/// The settings of a profile. Without a name it is the one called default, if there is a file with it.
///
/// # Errors
/// The file is missing though a profile was asked for, others can read it, it is no TOML or has no such
/// profile or settings that we do not know.
pub fn load(path: &Path, name: Option<&str>) -> Result<Layer, String> {
    let shown = path.display();
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return match name {
                None => Ok(Layer::new()),
                Some(name) => Err(format!(
                    "profile {name}: there is no file {shown}; write one like this:\n\n{EXAMPLE}"
                )),
            };
        }
        Err(error) => return Err(format!("{shown}: {error}")),
    };
    let mode = file.metadata().map_err(|e| format!("{shown}: {e}"))?.permissions().mode();
    if mode & OTHERS != 0 {
        return Err(format!("{shown} holds secrets and others can read it; run: chmod 600 '{shown}'"));
    }
    let mut text = String::new();
    file.by_ref().take(BYTES_MAX).read_to_string(&mut text).map_err(|e| format!("{shown}: {e}"))?;
    read(&text, name).map_err(|error| format!("{shown}: {error}"))
}

const EXAMPLE: &str = "[default]\nendpoint = \"http://127.0.0.1:8080\"\nak = \"...\"\nsk = \"...\"";

/// A profile of the file's text.
///
/// # Errors
/// As [`load`]; no word of them quotes the text, which holds secrets.
pub fn read(text: &str, name: Option<&str>) -> Result<Layer, String> {
    let file: Table = text.parse().map_err(|error: toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start);
        let line = text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
        format!("line {line} is no TOML; write strings in quotes")
    })?;
    let wanted = name.unwrap_or(DEFAULT);
    let profile = match file.get(wanted) {
        Some(Value::Table(profile)) => profile,
        Some(_) => return Err(format!("{wanted} is no profile; a profile starts with the line [{wanted}]")),
        None if name.is_none() => return Ok(Layer::new()),
        None => {
            let names: Vec<&str> = file.keys().map(String::as_str).collect();
            return Err(format!("there is no profile {wanted}; there are: {}", names.join(", ")));
        }
    };
    let mut layer = Layer::new();
    for (key, value) in profile {
        let Some(source) = SOURCES.iter().find(|source| source.profile == key) else {
            let known: Vec<&str> = SOURCES.iter().map(|source| source.profile).collect();
            return Err(format!("profile {wanted}: unknown key {key}; there are: {}", known.join(", ")));
        };
        match value.as_str() {
            Some("") => {}
            Some(text) => drop(layer.insert(source.key, text.into())),
            None => return Err(format!("profile {wanted}: {key} must be a text in quotes")),
        }
    }
    Ok(layer)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::settings::Key;

    const FILE: &str = "[default]\nendpoint = \"http://a\"\n\n[other]\nak = \"x\"\nsk = \"hush\"\n";

    #[test]
    fn a_profile_is_read_by_name_or_default() {
        assert_eq!(read(FILE, None).unwrap().get(&Key::Endpoint).unwrap(), "http://a");
        assert_eq!(read(FILE, Some("other")).unwrap().len(), 2);
        assert_eq!(read("", None).unwrap(), Layer::new());
    }

    #[test]
    fn an_unknown_profile_or_key_is_named() {
        assert!(read(FILE, Some("no")).unwrap_err().contains("no profile no; there are: default, other"));
        let error = read("[default]\nsecret = \"hush\"", None).unwrap_err();
        assert!(error.contains("unknown key secret") && !error.contains("hush"), "{error}");
    }

    #[test]
    fn no_error_quotes_the_file() {
        for text in [
            "[default]\nsk = hush",
            "[default]\nsk = 'hush",
            "[default]\nsk = [\"hush\"]",
            "default = \"hush\"",
        ] {
            let error = read(text, None).unwrap_err();
            assert!(!error.contains("hush"), "{error}");
        }
        assert!(read("a = 1\nb = c", None).unwrap_err().contains("line 2"));
    }
}
