//! Feeds any bytes to `adb::fuzz::sync`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| adb::fuzz::sync(input));
