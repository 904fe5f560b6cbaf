//! Feeds any bytes to `adb::fuzz::shell`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| adb::fuzz::shell(input));
