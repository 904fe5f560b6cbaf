//! Android's keys: numbers and names, as `input keyevent` takes them.

pub(crate) const HOME: u16 = 3;
pub(crate) const BACK: u16 = 4;
pub(crate) const VOLUME_UP: u16 = 24;
pub(crate) const VOLUME_DOWN: u16 = 25;
pub(crate) const POWER: u16 = 26;
pub(crate) const SPACE: u16 = 62;
pub(crate) const ENTER: u16 = 66;
pub(crate) const DEL: u16 = 67;
pub(crate) const NOTIFICATION: u16 = 83;
pub(crate) const ESCAPE: u16 = 111;
pub(crate) const NUMPAD_ENTER: u16 = 160;
pub(crate) const VOLUME_MUTE: u16 = 164;
pub(crate) const APP_SWITCH: u16 = 187;
pub(crate) const SLEEP: u16 = 223;
pub(crate) const WAKEUP: u16 = 224;

/// A key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Its number.
    pub code: u16,
    /// Its name, `KEYCODE_…`.
    pub name: &'static str,
}

impl Key {
    /// By number or name, the latter with or without `KEYCODE_`. As on Android, what is neither is the unknown
    /// key, 0.
    pub fn named(text: &str) -> Self {
        let bare = text.strip_prefix(PREFIX).unwrap_or(text);
        let number = text.parse::<usize>().ok().filter(|code| *code < NAMES.len());
        let name = || NAMES.iter().position(|name| name.strip_prefix(PREFIX) == Some(bare));
        let code = number.or_else(name).unwrap_or(0);
        Self { code: code as u16, name: NAMES.get(code).copied().unwrap_or(UNKNOWN) }
    }

    /// What it types.
    pub(crate) fn character(self) -> Option<char> {
        let bare = self.name.strip_prefix(PREFIX)?;
        let bare = bare.strip_prefix("NUMPAD_").unwrap_or(bare);
        let mut letters = bare.chars();
        if let (Some(letter), None) = (letters.next(), letters.next()) {
            return Some(letter.to_ascii_lowercase());
        }
        SIGNS.iter().find(|(name, _)| *name == bare).map(|(_, sign)| *sign)
    }
}

const PREFIX: &str = "KEYCODE_";
const UNKNOWN: &str = "KEYCODE_UNKNOWN";

/// Keys that type another sign than their name.
const SIGNS: [(&str, char); 20] = [
    ("STAR", '*'),
    ("POUND", '#'),
    ("COMMA", ','),
    ("PERIOD", '.'),
    ("GRAVE", '`'),
    ("MINUS", '-'),
    ("EQUALS", '='),
    ("LEFT_BRACKET", '['),
    ("RIGHT_BRACKET", ']'),
    ("BACKSLASH", '\\'),
    ("SEMICOLON", ';'),
    ("APOSTROPHE", '\''),
    ("SLASH", '/'),
    ("AT", '@'),
    ("PLUS", '+'),
    ("DIVIDE", '/'),
    ("MULTIPLY", '*'),
    ("SUBTRACT", '-'),
    ("ADD", '+'),
    ("DOT", '.'),
];

/// The names by number (AOSP `keycodes.h`).
#[rustfmt::skip]
const NAMES: [&str; 289] = [
    "KEYCODE_UNKNOWN", "KEYCODE_SOFT_LEFT", "KEYCODE_SOFT_RIGHT", "KEYCODE_HOME", "KEYCODE_BACK",
    "KEYCODE_CALL", "KEYCODE_ENDCALL", "KEYCODE_0", "KEYCODE_1", "KEYCODE_2", "KEYCODE_3", "KEYCODE_4",
    "KEYCODE_5", "KEYCODE_6", "KEYCODE_7", "KEYCODE_8", "KEYCODE_9", "KEYCODE_STAR", "KEYCODE_POUND",
    "KEYCODE_DPAD_UP", "KEYCODE_DPAD_DOWN", "KEYCODE_DPAD_LEFT", "KEYCODE_DPAD_RIGHT", "KEYCODE_DPAD_CENTER",
    "KEYCODE_VOLUME_UP", "KEYCODE_VOLUME_DOWN", "KEYCODE_POWER", "KEYCODE_CAMERA", "KEYCODE_CLEAR",
    "KEYCODE_A", "KEYCODE_B", "KEYCODE_C", "KEYCODE_D", "KEYCODE_E", "KEYCODE_F", "KEYCODE_G", "KEYCODE_H",
    "KEYCODE_I", "KEYCODE_J", "KEYCODE_K", "KEYCODE_L", "KEYCODE_M", "KEYCODE_N", "KEYCODE_O", "KEYCODE_P",
    "KEYCODE_Q", "KEYCODE_R", "KEYCODE_S", "KEYCODE_T", "KEYCODE_U", "KEYCODE_V", "KEYCODE_W", "KEYCODE_X",
    "KEYCODE_Y", "KEYCODE_Z", "KEYCODE_COMMA", "KEYCODE_PERIOD", "KEYCODE_ALT_LEFT", "KEYCODE_ALT_RIGHT",
    "KEYCODE_SHIFT_LEFT", "KEYCODE_SHIFT_RIGHT", "KEYCODE_TAB", "KEYCODE_SPACE", "KEYCODE_SYM",
    "KEYCODE_EXPLORER", "KEYCODE_ENVELOPE", "KEYCODE_ENTER", "KEYCODE_DEL", "KEYCODE_GRAVE", "KEYCODE_MINUS",
    "KEYCODE_EQUALS", "KEYCODE_LEFT_BRACKET", "KEYCODE_RIGHT_BRACKET", "KEYCODE_BACKSLASH",
    "KEYCODE_SEMICOLON", "KEYCODE_APOSTROPHE", "KEYCODE_SLASH", "KEYCODE_AT", "KEYCODE_NUM",
    "KEYCODE_HEADSETHOOK", "KEYCODE_FOCUS", "KEYCODE_PLUS", "KEYCODE_MENU", "KEYCODE_NOTIFICATION",
    "KEYCODE_SEARCH", "KEYCODE_MEDIA_PLAY_PAUSE", "KEYCODE_MEDIA_STOP", "KEYCODE_MEDIA_NEXT",
    "KEYCODE_MEDIA_PREVIOUS", "KEYCODE_MEDIA_REWIND", "KEYCODE_MEDIA_FAST_FORWARD", "KEYCODE_MUTE",
    "KEYCODE_PAGE_UP", "KEYCODE_PAGE_DOWN", "KEYCODE_PICTSYMBOLS", "KEYCODE_SWITCH_CHARSET",
    "KEYCODE_BUTTON_A", "KEYCODE_BUTTON_B", "KEYCODE_BUTTON_C", "KEYCODE_BUTTON_X", "KEYCODE_BUTTON_Y",
    "KEYCODE_BUTTON_Z", "KEYCODE_BUTTON_L1", "KEYCODE_BUTTON_R1", "KEYCODE_BUTTON_L2", "KEYCODE_BUTTON_R2",
    "KEYCODE_BUTTON_THUMBL", "KEYCODE_BUTTON_THUMBR", "KEYCODE_BUTTON_START", "KEYCODE_BUTTON_SELECT",
    "KEYCODE_BUTTON_MODE", "KEYCODE_ESCAPE", "KEYCODE_FORWARD_DEL", "KEYCODE_CTRL_LEFT", "KEYCODE_CTRL_RIGHT",
    "KEYCODE_CAPS_LOCK", "KEYCODE_SCROLL_LOCK", "KEYCODE_META_LEFT", "KEYCODE_META_RIGHT", "KEYCODE_FUNCTION",
    "KEYCODE_SYSRQ", "KEYCODE_BREAK", "KEYCODE_MOVE_HOME", "KEYCODE_MOVE_END", "KEYCODE_INSERT",
    "KEYCODE_FORWARD", "KEYCODE_MEDIA_PLAY", "KEYCODE_MEDIA_PAUSE", "KEYCODE_MEDIA_CLOSE",
    "KEYCODE_MEDIA_EJECT", "KEYCODE_MEDIA_RECORD", "KEYCODE_F1", "KEYCODE_F2", "KEYCODE_F3", "KEYCODE_F4",
    "KEYCODE_F5", "KEYCODE_F6", "KEYCODE_F7", "KEYCODE_F8", "KEYCODE_F9", "KEYCODE_F10", "KEYCODE_F11",
    "KEYCODE_F12", "KEYCODE_NUM_LOCK", "KEYCODE_NUMPAD_0", "KEYCODE_NUMPAD_1", "KEYCODE_NUMPAD_2",
    "KEYCODE_NUMPAD_3", "KEYCODE_NUMPAD_4", "KEYCODE_NUMPAD_5", "KEYCODE_NUMPAD_6", "KEYCODE_NUMPAD_7",
    "KEYCODE_NUMPAD_8", "KEYCODE_NUMPAD_9", "KEYCODE_NUMPAD_DIVIDE", "KEYCODE_NUMPAD_MULTIPLY",
    "KEYCODE_NUMPAD_SUBTRACT", "KEYCODE_NUMPAD_ADD", "KEYCODE_NUMPAD_DOT", "KEYCODE_NUMPAD_COMMA",
    "KEYCODE_NUMPAD_ENTER", "KEYCODE_NUMPAD_EQUALS", "KEYCODE_NUMPAD_LEFT_PAREN",
    "KEYCODE_NUMPAD_RIGHT_PAREN", "KEYCODE_VOLUME_MUTE", "KEYCODE_INFO", "KEYCODE_CHANNEL_UP",
    "KEYCODE_CHANNEL_DOWN", "KEYCODE_ZOOM_IN", "KEYCODE_ZOOM_OUT", "KEYCODE_TV", "KEYCODE_WINDOW",
    "KEYCODE_GUIDE", "KEYCODE_DVR", "KEYCODE_BOOKMARK", "KEYCODE_CAPTIONS", "KEYCODE_SETTINGS",
    "KEYCODE_TV_POWER", "KEYCODE_TV_INPUT", "KEYCODE_STB_POWER", "KEYCODE_STB_INPUT", "KEYCODE_AVR_POWER",
    "KEYCODE_AVR_INPUT", "KEYCODE_PROG_RED", "KEYCODE_PROG_GREEN", "KEYCODE_PROG_YELLOW", "KEYCODE_PROG_BLUE",
    "KEYCODE_APP_SWITCH", "KEYCODE_BUTTON_1", "KEYCODE_BUTTON_2", "KEYCODE_BUTTON_3", "KEYCODE_BUTTON_4",
    "KEYCODE_BUTTON_5", "KEYCODE_BUTTON_6", "KEYCODE_BUTTON_7", "KEYCODE_BUTTON_8", "KEYCODE_BUTTON_9",
    "KEYCODE_BUTTON_10", "KEYCODE_BUTTON_11", "KEYCODE_BUTTON_12", "KEYCODE_BUTTON_13", "KEYCODE_BUTTON_14",
    "KEYCODE_BUTTON_15", "KEYCODE_BUTTON_16", "KEYCODE_LANGUAGE_SWITCH", "KEYCODE_MANNER_MODE",
    "KEYCODE_3D_MODE", "KEYCODE_CONTACTS", "KEYCODE_CALENDAR", "KEYCODE_MUSIC", "KEYCODE_CALCULATOR",
    "KEYCODE_ZENKAKU_HANKAKU", "KEYCODE_EISU", "KEYCODE_MUHENKAN", "KEYCODE_HENKAN",
    "KEYCODE_KATAKANA_HIRAGANA", "KEYCODE_YEN", "KEYCODE_RO", "KEYCODE_KANA", "KEYCODE_ASSIST",
    "KEYCODE_BRIGHTNESS_DOWN", "KEYCODE_BRIGHTNESS_UP", "KEYCODE_MEDIA_AUDIO_TRACK", "KEYCODE_SLEEP",
    "KEYCODE_WAKEUP", "KEYCODE_PAIRING", "KEYCODE_MEDIA_TOP_MENU", "KEYCODE_11", "KEYCODE_12",
    "KEYCODE_LAST_CHANNEL", "KEYCODE_TV_DATA_SERVICE", "KEYCODE_VOICE_ASSIST", "KEYCODE_TV_RADIO_SERVICE",
    "KEYCODE_TV_TELETEXT", "KEYCODE_TV_NUMBER_ENTRY", "KEYCODE_TV_TERRESTRIAL_ANALOG",
    "KEYCODE_TV_TERRESTRIAL_DIGITAL", "KEYCODE_TV_SATELLITE", "KEYCODE_TV_SATELLITE_BS",
    "KEYCODE_TV_SATELLITE_CS", "KEYCODE_TV_SATELLITE_SERVICE", "KEYCODE_TV_NETWORK",
    "KEYCODE_TV_ANTENNA_CABLE", "KEYCODE_TV_INPUT_HDMI_1", "KEYCODE_TV_INPUT_HDMI_2",
    "KEYCODE_TV_INPUT_HDMI_3", "KEYCODE_TV_INPUT_HDMI_4", "KEYCODE_TV_INPUT_COMPOSITE_1",
    "KEYCODE_TV_INPUT_COMPOSITE_2", "KEYCODE_TV_INPUT_COMPONENT_1", "KEYCODE_TV_INPUT_COMPONENT_2",
    "KEYCODE_TV_INPUT_VGA_1", "KEYCODE_TV_AUDIO_DESCRIPTION", "KEYCODE_TV_AUDIO_DESCRIPTION_MIX_UP",
    "KEYCODE_TV_AUDIO_DESCRIPTION_MIX_DOWN", "KEYCODE_TV_ZOOM_MODE", "KEYCODE_TV_CONTENTS_MENU",
    "KEYCODE_TV_MEDIA_CONTEXT_MENU", "KEYCODE_TV_TIMER_PROGRAMMING", "KEYCODE_HELP",
    "KEYCODE_NAVIGATE_PREVIOUS", "KEYCODE_NAVIGATE_NEXT", "KEYCODE_NAVIGATE_IN", "KEYCODE_NAVIGATE_OUT",
    "KEYCODE_STEM_PRIMARY", "KEYCODE_STEM_1", "KEYCODE_STEM_2", "KEYCODE_STEM_3", "KEYCODE_DPAD_UP_LEFT",
    "KEYCODE_DPAD_DOWN_LEFT", "KEYCODE_DPAD_UP_RIGHT", "KEYCODE_DPAD_DOWN_RIGHT",
    "KEYCODE_MEDIA_SKIP_FORWARD", "KEYCODE_MEDIA_SKIP_BACKWARD", "KEYCODE_MEDIA_STEP_FORWARD",
    "KEYCODE_MEDIA_STEP_BACKWARD", "KEYCODE_SOFT_SLEEP", "KEYCODE_CUT", "KEYCODE_COPY", "KEYCODE_PASTE",
    "KEYCODE_SYSTEM_NAVIGATION_UP", "KEYCODE_SYSTEM_NAVIGATION_DOWN", "KEYCODE_SYSTEM_NAVIGATION_LEFT",
    "KEYCODE_SYSTEM_NAVIGATION_RIGHT", "KEYCODE_ALL_APPS", "KEYCODE_REFRESH", "KEYCODE_THUMBS_UP",
    "KEYCODE_THUMBS_DOWN", "KEYCODE_PROFILE_SWITCH",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_by_number_and_by_name() {
        let known = [
            ("HOME", HOME),
            ("BACK", BACK),
            ("VOLUME_UP", VOLUME_UP),
            ("POWER", POWER),
            ("SPACE", SPACE),
            ("ENTER", ENTER),
            ("DEL", DEL),
            ("NOTIFICATION", NOTIFICATION),
            ("ESCAPE", ESCAPE),
            ("NUMPAD_ENTER", NUMPAD_ENTER),
            ("VOLUME_MUTE", VOLUME_MUTE),
            ("APP_SWITCH", APP_SWITCH),
            ("SLEEP", SLEEP),
            ("WAKEUP", WAKEUP),
            ("CALL", 5),
            ("CAMERA", 27),
            ("A", 29),
            ("Z", 54),
            ("TAB", 61),
            ("MENU", 82),
            ("F1", 131),
            ("PASTE", 279),
        ];
        for (name, code) in known {
            let full = format!("KEYCODE_{name}");
            assert_eq!(Key::named(name), Key::named(&full));
            assert_eq!((Key::named(name).code, Key::named(&code.to_string()).name), (code, full.as_str()));
        }
    }

    #[test]
    fn what_is_no_key_is_the_unknown_one() {
        for text in ["", "KEYCODE_", "home", "-3", "100000", "3.5", "KEYCODE_NONE"] {
            assert_eq!(Key::named(text), Key { code: 0, name: UNKNOWN });
        }
    }

    #[test]
    fn keys_type_what_is_on_them() {
        let typed: String = ["A", "7", "8", "AT", "NUMPAD_5", "NUMPAD_DOT", "SLASH"]
            .iter()
            .filter_map(|name| Key::named(name).character())
            .collect();
        assert_eq!(typed, "a01@5./");
        assert_eq!(Key::named("F1").character(), None);
    }
}
