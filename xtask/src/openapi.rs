//! `docs/openapi.json`: the OpenAPI document, kept in the repository so that a change of the wire shows.

use std::fs;
use std::path::Path;

const FILE: &str = "docs/openapi.json";

/// Writes the document, or with `check` only compares it.
///
/// # Errors
/// What could not be read or written; with `check`, that the file is not what the table of operations says.
pub fn run(root: &Path, check: bool) -> Result<(), String> {
    let path = root.join(FILE);
    let text = wire::openapi::text();
    if !check {
        let folder = path.parent().unwrap_or(root);
        fs::create_dir_all(folder)
            .map_err(|error| format!("openapi: cannot make {FILE}'s folder: {error}"))?;
        fs::write(&path, text).map_err(|error| format!("openapi: cannot write {FILE}: {error}"))?;
        println!("openapi: wrote {FILE}");
        return Ok(());
    }
    let kept = fs::read_to_string(&path).map_err(|error| format!("openapi: cannot read {FILE}: {error}"))?;
    match first_difference(&kept, &text) {
        None => {
            println!("openapi: {FILE} is what the table of operations says");
            Ok(())
        }
        Some(line) => Err(format!("openapi: {FILE} is out of date from line {line} on; run `make openapi`")),
    }
}

/// The first line, from 1, in which two texts differ.
fn first_difference(kept: &str, text: &str) -> Option<usize> {
    if kept == text {
        return None;
    }
    let same = kept.lines().zip(text.lines()).take_while(|(kept, text)| kept == text).count();
    Some(same + 1)
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn the_first_line_that_differs_is_named() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_difference("a\n", "a\nb\n"), Some(2));
        assert_eq!(first_difference("a", "a\n"), Some(2));
        assert_eq!(first_difference("", "a\n"), Some(1));
    }
}
