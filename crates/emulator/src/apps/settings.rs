//! Android's settings: three tables in files of the phone's tree, over defaults that cost nothing.

use crate::files::file_error::FileError;
use crate::guest::Guest;
use crate::phone::rng;
use std::collections::BTreeMap;

/// Entries of a table.
const ENTRIES_MAX: usize = 2_048;
/// Longest key and value, in bytes.
const KEY_BYTES_MAX: usize = 255;
const VALUE_BYTES_MAX: usize = 32 << 10;
/// Most bytes of a table's file.
const TABLE_BYTES_MAX: usize = 1 << 20;
/// Where the files are.
const DIRECTORY: &str = "/data/system/users/0";

/// A table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Table {
    /// What people set.
    System,
    /// What apps may only read.
    Secure,
    /// What is the same for all users.
    Global,
}

impl Table {
    /// By its name, in any case.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let all = [Self::System, Self::Secure, Self::Global];
        all.into_iter().find(|table| table.name().eq_ignore_ascii_case(name))
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Secure => "secure",
            Self::Global => "global",
        }
    }

    fn defaults(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::System => SYSTEM,
            Self::Secure => SECURE,
            Self::Global => GLOBAL,
        }
    }

    fn path(self) -> String {
        format!("{DIRECTORY}/settings_{}", self.name())
    }
}

const SYSTEM: &[(&str, &str)] = &[
    ("accelerometer_rotation", "0"),
    ("dim_screen", "1"),
    ("font_scale", "1.0"),
    ("haptic_feedback_enabled", "1"),
    ("screen_brightness", "102"),
    ("screen_brightness_mode", "0"),
    ("screen_off_timeout", "60000"),
    ("sound_effects_enabled", "1"),
    ("user_rotation", "0"),
    ("volume_music", "5"),
    ("volume_ring", "5"),
];

const SECURE: &[(&str, &str)] = &[
    ("accessibility_enabled", "0"),
    ("default_input_method", "com.android.inputmethod.latin/.LatinIME"),
    ("enabled_input_methods", "com.android.inputmethod.latin/.LatinIME"),
    ("install_non_market_apps", "1"),
    ("location_mode", "3"),
    ("lockscreen.disabled", "1"),
    ("screensaver_enabled", "0"),
    ("ui_night_mode", "1"),
    ("user_setup_complete", "1"),
];

const GLOBAL: &[(&str, &str)] = &[
    ("adb_enabled", "1"),
    ("airplane_mode_on", "0"),
    ("animator_duration_scale", "1.0"),
    ("auto_time", "1"),
    ("auto_time_zone", "1"),
    ("bluetooth_on", "0"),
    ("boot_count", "1"),
    ("data_roaming", "0"),
    ("development_settings_enabled", "1"),
    ("device_name", "Phoneyard One"),
    ("device_provisioned", "1"),
    ("mobile_data", "1"),
    ("stay_on_while_plugged_in", "0"),
    ("transition_animation_scale", "1.0"),
    ("usb_mass_storage_enabled", "1"),
    ("wifi_on", "1"),
    ("window_animation_scale", "1.0"),
];

const ANDROID_ID: &str = "android_id";

/// The value of a setting; none when it has none.
pub(crate) fn get(guest: &Guest, table: Table, key: &str) -> Result<Option<String>, FileError> {
    if table == Table::Secure && key == ANDROID_ID {
        return android_id(guest).map(Some);
    }
    if let Some(kept) = load(guest, table)?.remove(key) {
        return Ok(kept);
    }
    Ok(table.defaults().iter().find(|(have, _)| *have == key).map(|(_, value)| (*value).to_owned()))
}

/// Sets a setting.
pub(crate) fn put(guest: &Guest, table: Table, key: &str, value: &str) -> Result<(), FileError> {
    if key.is_empty() || key.len() > KEY_BYTES_MAX || value.len() > VALUE_BYTES_MAX {
        return Err(FileError::Invalid);
    }
    edit(guest, table, |kept| kept.insert(key.to_owned(), Some(value.to_owned())))?;
    guest.log(crate::Priority::Info, "SettingsProvider", &format!("{}: {key} is put", table.name()));
    Ok(())
}

/// Removes a setting, a default as well; whether it was there.
pub(crate) fn delete(guest: &Guest, table: Table, key: &str) -> Result<bool, FileError> {
    let was = get(guest, table, key)?.is_some();
    if was {
        let default = table.defaults().iter().any(|(have, _)| *have == key);
        edit(
            guest,
            table,
            |kept| if default { kept.insert(key.to_owned(), None) } else { kept.remove(key) },
        )?;
    }
    Ok(was)
}

/// Makes a table as it is on a fresh phone.
pub(crate) fn reset(guest: &Guest, table: Table) -> Result<(), FileError> {
    edit(guest, table, |kept| {
        kept.retain(|key, _| key == ANDROID_ID);
        None
    })
}

/// The settings of a table.
pub(crate) fn list(guest: &Guest, table: Table) -> Result<BTreeMap<String, String>, FileError> {
    if table == Table::Secure {
        android_id(guest)?;
    }
    let defaults = table.defaults().iter().map(|(key, value)| ((*key).to_owned(), Some((*value).to_owned())));
    let mut all: BTreeMap<String, Option<String>> = defaults.collect();
    all.extend(load(guest, table)?);
    Ok(all.into_iter().filter_map(|(key, value)| Some((key, value?))).collect())
}

/// Made at first need and kept: a reset gives another one.
fn android_id(guest: &Guest) -> Result<String, FileError> {
    let Some(kept) = load(guest, Table::Secure)?.remove(ANDROID_ID).flatten() else {
        let seed = rng::fnv(guest.phone_id().as_bytes()) ^ rng::mix(guest.boot_id() ^ guest.clock().now_ms());
        let made = format!("{:016x}", rng::mix(seed));
        edit(guest, Table::Secure, |kept| kept.insert(ANDROID_ID.to_owned(), Some(made.clone())))?;
        return Ok(made);
    };
    Ok(kept)
}

type Kept = BTreeMap<String, Option<String>>;

fn edit(
    guest: &Guest,
    table: Table,
    edit: impl FnOnce(&mut Kept) -> Option<Option<String>>,
) -> Result<(), FileError> {
    let guest = guest.privileged();
    guest.one_setting_at_a_time(|| {
        let mut kept = load(&guest, table)?;
        edit(&mut kept);
        let text = encode(&kept);
        if kept.len() > ENTRIES_MAX || text.len() > TABLE_BYTES_MAX {
            return Err(FileError::NoSpace);
        }
        guest.mkdir_all(DIRECTORY, 0o771)?;
        guest.write_file(&table.path(), text.as_bytes(), 0o600)
    })?
}

fn load(guest: &Guest, table: Table) -> Result<Kept, FileError> {
    match guest.privileged().read_file(&table.path(), TABLE_BYTES_MAX) {
        Ok(bytes) => Ok(decode(&String::from_utf8_lossy(&bytes))),
        Err(FileError::NotFound) => Ok(Kept::new()),
        Err(error) => Err(error),
    }
}

/// `key=value` on a line each, and `key` for one that was removed; `\` before what would end either.
fn encode(kept: &Kept) -> String {
    let escape = |text: &str| text.replace('\\', "\\\\").replace('\n', "\\n").replace('=', "\\e");
    let line = |(key, value): (&String, &Option<String>)| match value {
        Some(value) => format!("{}={}\n", escape(key), escape(value)),
        None => format!("{}\n", escape(key)),
    };
    kept.iter().map(line).collect()
}

fn decode(text: &str) -> Kept {
    let plain = |text: &str| {
        let mut out = String::with_capacity(text.len());
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            out.push(match letter {
                '\\' => match letters.next() {
                    Some('n') => '\n',
                    Some('e') => '=',
                    Some(other) => other,
                    None => '\\',
                },
                letter => letter,
            });
        }
        out
    };
    let entry = |line: &str| match line.split_once('=') {
        Some((key, value)) => (plain(key), Some(plain(value))),
        None => (plain(line), None),
    };
    text.lines().filter(|line| !line.is_empty()).take(ENTRIES_MAX).map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_as_it_was_written() {
        let odd = [("a", Some("b=c\n\\n\\")), ("k=\\e", Some("")), ("gone", None), ("z", Some("图"))];
        let kept: Kept = odd.map(|(key, value)| (key.to_owned(), value.map(str::to_owned))).into();
        assert_eq!(decode(&encode(&kept)), kept);
    }

    #[test]
    fn defaults_are_sorted_and_once() {
        for table in [Table::System, Table::Secure, Table::Global] {
            assert!(table.defaults().is_sorted());
        }
    }
}
