//! The checks that no other tool makes: who may know whom, how long things may be, that the map is true,
//! that SQL stays in the store, that nothing is left half done.
//!
//! Each check is a pure function from text to complaints, so that its tests need no repository.

mod arrows;
mod map;
mod rust_text;
mod sizes;
mod words;

use std::fs;
use std::path::Path;
use std::process::Command;

use rust_text::RustText;

/// One Rust file of ours.
struct Source {
    /// Path from the root, with `/`.
    path: String,
    /// Its text, split into code, strings and comments.
    text: RustText,
}

/// Runs every check on the repository at `root`.
///
/// # Errors
/// All complaints, one a line; or what could not be read.
pub fn run(root: &Path) -> Result<(), String> {
    let mut sources = Vec::new();
    for folder in ["crates", "xtask"] {
        collect(root, &root.join(folder), &mut sources)?;
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));

    let mut complaints = arrows::check(&metadata(root)?)?;
    complaints.extend(sizes::check(&sources));
    complaints.extend(words::check(&sources));
    let map = read(&root.join("ARCHITECTURE.md"))?;
    complaints.extend(map::check(&map, &crate_names(root)?, |path| root.join(path).exists()));

    if complaints.is_empty() {
        println!("tidy: {} files, nothing to complain about", sources.len());
        return Ok(());
    }
    Err(format!("{}\ntidy: {} complaints", complaints.join("\n"), complaints.len()))
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("tidy: cannot read {}: {error}", path.display()))
}

/// Reads every `.rs` file under `folder`, build output left out.
fn collect(root: &Path, folder: &Path, into: &mut Vec<Source>) -> Result<(), String> {
    for path in entries(folder)? {
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "target") {
                collect(root, &path, into)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            into.push(Source { path: name, text: RustText::new(&read(&path)?) });
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<std::path::PathBuf>, String> {
    let fail = |error: std::io::Error| format!("tidy: cannot list {}: {error}", folder.display());
    fs::read_dir(folder).map_err(fail)?.map(|entry| entry.map(|entry| entry.path()).map_err(fail)).collect()
}

fn crate_names(root: &Path) -> Result<Vec<String>, String> {
    let mut names: Vec<String> = entries(&root.join("crates"))?
        .iter()
        .filter(|path| path.join("Cargo.toml").exists())
        .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    Ok(names)
}

fn metadata(root: &Path) -> Result<serde_json::Value, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--locked"])
        .current_dir(root)
        .output()
        .map_err(|error| format!("tidy: cannot run cargo metadata: {error}"))?;
    if !output.status.success() {
        return Err(format!("tidy: cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr)));
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("tidy: cargo metadata is not JSON: {error}"))
}
