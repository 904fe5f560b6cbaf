//! Scripts and what they give.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::pipe::pipe;
use crate::program::{Process, Running};
use bytes::Bytes;
use std::sync::Mutex;

/// Content and mode of files, by path.
type Files = Arc<Mutex<BTreeMap<String, (Vec<u8>, u32)>>>;

/// A machine with a few files and programs.
#[derive(Default)]
pub(super) struct Machine {
    files: Files,
}

struct Written {
    files: Files,
    path: String,
}

impl Sink for Written {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        if self.path == "/data/full" {
            return Err(Refusal("No space left on device".into()));
        }
        self.files
            .lock()
            .unwrap()
            .entry(self.path.clone())
            .or_insert((vec![], 0o600))
            .0
            .extend_from_slice(bytes);
        Ok(())
    }

    fn close(self: Box<Self>) -> Result<(), Refusal> {
        Ok(())
    }
}

struct Reading(Vec<u8>);

impl Source for Reading {
    fn next(&mut self) -> Result<Option<Bytes>, Refusal> {
        let bytes: Vec<u8> = self.0.drain(..self.0.len().min(7)).collect();
        Ok((!bytes.is_empty()).then(|| bytes.into()))
    }
}

impl Machine {
    pub(super) fn new() -> Arc<Self> {
        let machine = Self::default();
        for (path, text, mode) in [
            ("/data/a.txt", "one\ntwo\nthree\n", 0o600),
            ("/data/b.txt", "bee\n", 0o600),
            ("/data/.hidden", "h\n", 0o600),
            ("/data/dir/c d.txt", "see\n", 0o600),
            ("/data/script", "#!/system/bin/sh\necho script $0 $# $1\nexit 4\n", 0o755),
            ("/data/again", "/data/again\n", 0o755),
            ("/data/source", "x=sourced\nf() { echo in f; }\nreturn 3\n", 0o600),
            ("/system/bin/placed", "echo placed\n", 0o755),
        ] {
            machine.files.lock().unwrap().insert(path.into(), (text.into(), mode));
        }
        Arc::new(machine)
    }

    fn is_dir(&self, path: &str) -> bool {
        let files = self.files.lock().unwrap();
        let below = format!("{}/", path.trim_end_matches('/'));
        files.keys().any(|key| key.starts_with(&below))
    }
}

async fn cat(process: Process) -> u8 {
    if process.argv.len() > 1 {
        return process.complain("only stdin").await;
    }
    while let Some(bytes) = process.stdin.next().await {
        if process.stdout.write(bytes).await.is_err() {
            return 141;
        }
    }
    0
}

async fn run_program(process: Process) -> u8 {
    match process.argv[0].rsplit('/').next().unwrap() {
        "cat" => cat(process).await,
        "args" => {
            for argument in process.arguments() {
                process.say(format!("<{argument}>")).await;
            }
            0
        }
        "env" => {
            for (name, value) in process.env.iter() {
                process.say(format!("{name}={value}")).await;
            }
            0
        }
        "yes" => loop {
            if process.stdout.write("y\n").await.is_err() {
                return 141;
            }
        },
        "head1" => {
            let line = process.stdin.line(1000).await.unwrap_or_default();
            process.say(String::from_utf8(line).unwrap()).await;
            0
        }
        "code" => process.argv[1].parse().unwrap(),
        "err" => process.complain(process.arguments().join(" ")).await,
        "term" => {
            process.say(process.terminal.to_string()).await;
            0
        }
        "sleep" => {
            tokio::time::sleep(std::time::Duration::from_millis(process.argv[1].parse().unwrap())).await;
            0
        }
        _ => unreachable!(),
    }
}

const PROGRAMS: [&str; 9] = ["cat", "args", "env", "yes", "head1", "code", "err", "term", "sleep"];

impl System for Machine {
    fn program(&self, process: Process) -> Result<Running, Process> {
        let name = process.argv[0].strip_prefix("/system/bin/").unwrap_or(&process.argv[0]);
        if PROGRAMS.contains(&name) { Ok(Box::pin(run_program(process))) } else { Err(process) }
    }

    fn which(&self, name: &str) -> Option<String> {
        PROGRAMS.contains(&name).then(|| format!("/system/bin/{name}"))
    }

    fn open(&self, path: &str) -> Result<Box<dyn Source>, Refusal> {
        if self.is_dir(path) {
            return Err(Refusal("Is a directory".into()));
        }
        match self.files.lock().unwrap().get(path) {
            Some((bytes, _)) => Ok(Box::new(Reading(bytes.clone()))),
            None => Err(Refusal("No such file or directory".into())),
        }
    }

    fn create(&self, path: &str, append: bool) -> Result<Box<dyn Sink>, Refusal> {
        if path.starts_with("/system") {
            return Err(Refusal("Read-only file system".into()));
        }
        let mut files = self.files.lock().unwrap();
        let file = files.entry(path.into()).or_insert((vec![], 0o600));
        if !append {
            file.0.clear();
        }
        Ok(Box::new(Written { files: self.files.clone(), path: path.into() }))
    }

    fn stat(&self, path: &str, _follow: bool) -> Result<FileInfo, Refusal> {
        if self.is_dir(path) {
            return Ok(FileInfo { kind: FileKind::Directory, mode: 0o755, size: 0, mtime_s: 0, inode: 1 });
        }
        match self.files.lock().unwrap().get(path) {
            Some((bytes, mode)) => Ok(FileInfo {
                kind: FileKind::File,
                mode: *mode,
                size: bytes.len() as u64,
                mtime_s: 5,
                inode: 2,
            }),
            None => Err(Refusal("No such file or directory".into())),
        }
    }

    fn list(&self, path: &str) -> Result<Vec<String>, Refusal> {
        let below = format!("{}/", path.trim_end_matches('/'));
        let files = self.files.lock().unwrap();
        let names = files.keys().filter_map(|key| key.strip_prefix(&below)?.split('/').next());
        let mut names: Vec<String> = names.map(String::from).collect();
        names.dedup();
        Ok(names)
    }
}

/// What a script gives: standard output, standard error, exit code.
pub(super) async fn run(script: &str) -> (String, String, u8) {
    run_with(script, "").await
}

async fn run_with(script: &str, stdin: &'static str) -> (String, String, u8) {
    let env: BTreeMap<String, String> = [("PATH", "/system/bin"), ("HOME", "/data"), ("USER", "shell")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    let mut shell = Shell::new(Machine::new(), &env, "/".into());
    let ((output, out), (error, err), (typed, input)) = (pipe(), pipe(), pipe());
    let io = Io { stdin: input, stdout: output, stderr: error, terminal: false };
    let (code, out, err, ()) =
        tokio::join!(shell.run(script, io), out.all(1 << 24), err.all(1 << 24), async move {
            let _ = typed.write(stdin).await;
        });
    (String::from_utf8(out.unwrap()).unwrap(), String::from_utf8(err.unwrap()).unwrap(), code)
}

mod both_sides;
mod bounds;
mod language;
mod terminal;
