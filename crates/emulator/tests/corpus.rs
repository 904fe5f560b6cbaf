//! Replays what is kept for the fuzz target of the phone's shell.
#![allow(clippy::unwrap_used)]

use phoneyard_emulator::shell::fuzz_script;
use std::path::Path;

/// Fewest files that there must be.
const FILES_MIN: usize = 12;

#[test]
fn every_kept_script_is_read_without_a_panic_whole_and_cut_anywhere() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/shell_script");
    let mut files = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let script = std::fs::read(entry.unwrap().path()).unwrap();
        (0..=script.len()).for_each(|end| fuzz_script(&script[..end]));
        files += 1;
    }
    assert!(files >= FILES_MIN, "only {files} files in {}", folder.display());
}
