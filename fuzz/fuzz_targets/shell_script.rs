//! Feeds any bytes to the parser of the phone's shell.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| emulator::shell::fuzz_script(input));
