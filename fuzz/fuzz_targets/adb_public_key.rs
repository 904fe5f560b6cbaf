//! Feeds any bytes to `adb::fuzz::public_key`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| adb::fuzz::public_key(input));
