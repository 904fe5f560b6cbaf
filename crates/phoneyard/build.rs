//! Tells the binary which commit it is made of: `PHONEYARD_COMMIT` from outside, else what git says, else "unknown".

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Set by whoever builds without git, such as a packager.
const VARIABLE: &str = "PHONEYARD_COMMIT";
/// Longest commit taken from outside, in bytes; a whole SHA-256 fits.
const COMMIT_MAX: usize = 64;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    let commit = match std::env::var(VARIABLE) {
        Ok(given) if !given.is_empty() => given,
        _ => from_git().unwrap_or_else(|| "unknown".into()),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.+~".contains(c);
    if commit.len() > COMMIT_MAX || !commit.chars().all(plain) {
        println!("cargo::error={VARIABLE} must be at most {COMMIT_MAX} letters, digits and -_.+~");
        return ExitCode::FAILURE;
    }
    println!("cargo::rustc-env={VARIABLE}={commit}");
    ExitCode::SUCCESS
}

/// The commit that is checked out; none outside of a repository of our own.
fn from_git() -> Option<String> {
    // Unpacked inside somebody else's repository, we are not at that one's commit.
    if git(&["rev-parse", "--show-prefix"])? != "crates/phoneyard/" {
        return None;
    }
    watch();
    git(&["rev-parse", "--short=12", "HEAD"])
}

/// Has cargo run this again when HEAD moves. Naming a file that does not exist would run it every time.
fn watch() {
    let mut names = vec!["HEAD".to_owned(), "logs/HEAD".to_owned(), "packed-refs".to_owned()];
    names.extend(git(&["symbolic-ref", "--quiet", "HEAD"]));
    for name in names {
        let Some(path) = git(&["rev-parse", "--git-path", &name]).map(PathBuf::from) else { continue };
        // A branch that is packed has no file yet: its folder changes when it gets one.
        let folder = path.parent().filter(|_| name.starts_with("refs/"));
        let found = [Some(path.as_path()), folder].into_iter().flatten().find(|path| path.exists());
        if let Some(found) = found.map(Path::display) {
            println!("cargo::rerun-if-changed={found}");
        }
    }
}

/// What git says, on one line; none when it is missing or fails.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| said.trim().to_owned())
}
