//! Feeds any bytes to `adb::fuzz::packets`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| adb::fuzz::packets(input));
