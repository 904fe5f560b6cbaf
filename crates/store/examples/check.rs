//! Judges a database that no service uses at the moment: prints what does not hold, and fails if there is any.
//!
//! `check URL` wants every job ended. `check URL SNAPSHOT` does not, and also judges against the snapshot that
//! an earlier call left in that file, if any; the file then gets the present one.

use phoneyard_store::Db;
use phoneyard_store::check::Snapshot;
use std::path::Path;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let judged = match arguments.as_slice() {
        [url] => judge(url, None).await,
        [url, file] => judge(url, Some(Path::new(file))).await,
        _ => Err("usage: check URL [SNAPSHOT]".into()),
    };
    match judged {
        Ok(complaints) if complaints.is_empty() => ExitCode::SUCCESS,
        Ok(complaints) => {
            println!("{}", complaints.join("\n"));
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

async fn judge(url: &str, file: Option<&Path>) -> Result<Vec<String>, String> {
    let db = Db::open(url).await.map_err(|e| e.to_string())?;
    let now = db.snapshot().await.map_err(|e| e.to_string())?;
    db.close().await;
    let Some(file) = file else { return Ok(now.at_rest()) };
    let mut complaints = now.at_any_moment();
    if let Some(earlier) = read(file)? {
        complaints.extend(now.since(&earlier));
        if [&earlier, &now].into_iter().all(|snapshot| snapshot.at_rest().is_empty()) {
            complaints.extend(now.outcomes_since(&earlier));
        }
    }
    let text = serde_json::to_string(&now).map_err(|e| e.to_string())?;
    std::fs::write(file, text).map_err(|e| format!("{}: {e}", file.display()))?;
    Ok(complaints)
}

fn read(file: &Path) -> Result<Option<Snapshot>, String> {
    match std::fs::read_to_string(file) {
        Ok(text) => serde_json::from_str(&text).map(Some).map_err(|e| format!("{}: {e}", file.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{}: {error}", file.display())),
    }
}
