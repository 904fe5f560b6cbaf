//! Android's rules for properties, and the compact form in which a phone keeps its configured ones.
//!
//! Facts: AOSP init `property_service.cpp` and bionic `system_properties`: the letters of a name, the
//! 92-byte buffer of a value (91 bytes and a NUL), `ro.*` written once per boot and free of that limit,
//! `persist.*` kept in /data.

use std::collections::BTreeMap;
use std::fmt;

/// Longest value of a property that is not `ro.*` and set on a running phone, in bytes.
pub const LIVE_VALUE_BYTES_MAX: usize = 91;

/// Longest value of a property that is set as the phone boots, and of a `ro.*` property, in bytes.
pub const BOOT_VALUE_BYTES_MAX: usize = 2048;

/// Longest name of a property, in bytes.
pub const NAME_BYTES_MAX: usize = 256;

/// Most that the properties set since the boot may take together, in bytes: Android's own area is no larger.
pub const SET_BYTES_MAX: usize = 128 * 1024;

/// Why a property cannot be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PropertyError {
    /// The name is empty or longer than 256 bytes, has another letter than `[A-Za-z0-9._@:-]`, begins or ends with a dot, or has
    /// two dots in a row.
    Name,
    /// The value is longer than allowed.
    ValueTooLong,
    /// The value holds a NUL.
    Value,
    /// The property is `ro.*` and has a value already.
    ReadOnly,
    /// The properties set since the boot leave no room.
    NoRoom,
}

impl fmt::Display for PropertyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "name is not legal",
            Self::ValueTooLong => "value is too long",
            Self::Value => "value is not legal",
            Self::ReadOnly => "read-only and already set",
            Self::NoRoom => "there is no room for another property",
        })
    }
}

/// Whether the property is written at most once per boot.
pub fn read_only(name: &str) -> bool {
    name.starts_with("ro.")
}

/// Whether the property, once set on a running phone, is kept in /data.
pub fn persistent(name: &str) -> bool {
    name.starts_with("persist.")
}

/// Checks a property that is to be set while the phone boots.
///
/// # Errors
/// The rule that it breaks.
pub fn check_boot(name: &str, value: &str) -> Result<(), PropertyError> {
    check(name, value, BOOT_VALUE_BYTES_MAX)
}

/// Checks a property that is to be set on a running phone. Whether a `ro.*` is set already only the phone
/// can tell.
///
/// # Errors
/// The rule that it breaks.
pub fn check_live(name: &str, value: &str) -> Result<(), PropertyError> {
    check(name, value, if read_only(name) { BOOT_VALUE_BYTES_MAX } else { LIVE_VALUE_BYTES_MAX })
}

fn check(name: &str, value: &str, bytes_max: usize) -> Result<(), PropertyError> {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b"._@:-".contains(&b);
    if name.is_empty()
        || name.len() > NAME_BYTES_MAX
        || name.starts_with('.')
        || name.ends_with('.')
        || name.contains("..")
        || !name.bytes().all(legal)
    {
        return Err(PropertyError::Name);
    }
    if value.len() > bytes_max {
        return Err(PropertyError::ValueTooLong);
    }
    if value.contains('\0') {
        return Err(PropertyError::Value);
    }
    Ok(())
}

/// Configured properties, sorted by name. A `BTreeMap` would spend half a kilobyte on the first of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Packed(Box<[(Box<str>, Box<str>)]>);

impl Packed {
    /// The legal ones of `properties`. Android's init ignores the others; reading back shows it.
    pub(crate) fn of(properties: &BTreeMap<String, String>) -> Self {
        let legal = properties.iter().filter(|(name, value)| check_boot(name, value).is_ok());
        Self(legal.map(|(name, value)| (name.as_str().into(), value.as_str().into())).collect())
    }

    /// The value of one.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let at = self.0.binary_search_by(|(have, _)| have.as_ref().cmp(name)).ok()?;
        self.0.get(at).map(|(_, value)| value.as_ref())
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// Bytes on the heap, as [`crate::phone::memory`] counts them.
    pub(crate) fn heap_bytes(&self) -> usize {
        let texts = self.iter().map(|(name, value)| {
            crate::phone::memory::block(name.len()) + crate::phone::memory::block(value.len())
        });
        crate::phone::memory::block(size_of_val(self.0.as_ref())) + texts.sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["a", "ro.a", "persist.sys.locale", "gsm.sim.operator.iso-country", "a@b:c_d-E9"] {
            assert_eq!(check_live(good, "1"), Ok(()), "{good}");
        }
        for bad in ["", ".", ".a", "a.", "a..b", "a b", "a=b", "a/b", "ä", "a\n"] {
            assert_eq!(check_live(bad, "1"), Err(PropertyError::Name), "{bad}");
        }
    }

    #[test]
    fn values() {
        let long = |n: usize| "v".repeat(n);
        assert_eq!(check_live("a", &long(91)), Ok(()));
        assert_eq!(check_live("a", &long(92)), Err(PropertyError::ValueTooLong));
        assert_eq!(check_live("persist.a", &long(92)), Err(PropertyError::ValueTooLong));
        assert_eq!(check_live("ro.a", &long(2048)), Ok(()));
        assert_eq!(check_live("ro.a", &long(2049)), Err(PropertyError::ValueTooLong));
        assert_eq!(check_boot("a", &long(2048)), Ok(()));
        assert_eq!(check_boot("a", &long(2049)), Err(PropertyError::ValueTooLong));
        assert_eq!(check_live("a", &"图".repeat(30)), Ok(()), "bytes count, not letters");
        assert_eq!(check_live("a", &"图".repeat(31)), Err(PropertyError::ValueTooLong));
        assert_eq!(check_live("a", "x\0y"), Err(PropertyError::Value));
        assert_eq!(check_live("a", ""), Ok(()));
    }

    #[test]
    fn packed_keeps_the_legal_ones_and_finds_each() {
        let map: BTreeMap<String, String> = [("b.c", "1"), ("a", "2"), ("bad name", "3"), ("ro.z", "")]
            .map(|(k, v)| (k.into(), v.into()))
            .into();
        let packed = Packed::of(&map);
        assert_eq!(packed.iter().collect::<Vec<_>>(), [("a", "2"), ("b.c", "1"), ("ro.z", "")]);
        assert_eq!((packed.get("b.c"), packed.get("bad name"), packed.get("zz")), (Some("1"), None, None));
    }
}
