//! Programs and scripts that the shell starts.

use super::limits::SCRIPT_BYTES_MAX;
use super::system::FileKind;
use super::{Done, Flow, Shell, budget};
use crate::program::Process;
use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt};

impl Shell {
    /// Runs a program, or a script from a file.
    pub(super) fn external<'a>(&'a mut self, argv: &'a [String]) -> BoxFuture<'a, Done> {
        // In a box of its own: it would make the stack frame of every caller as large as itself.
        self.external_now(argv).boxed()
    }

    async fn external_now(&mut self, argv: &[String]) -> Done {
        let Some(name) = argv.first() else { return Ok(0) };
        if name.is_empty() {
            return self.not_found(name).await;
        }
        let mut argv = argv.to_vec();
        if name.contains('/')
            && let Some(first) = argv.first_mut()
        {
            *first = self.absolute(name);
        }
        let process = Process {
            argv,
            env: Arc::new(self.variables.environment()),
            cwd: self.cwd.clone(),
            stdin: self.descriptors.input(0),
            stdout: self.descriptors.output(1),
            stderr: self.descriptors.output(2),
            terminal: self.descriptors.terminal(1),
        };
        let _share = match self.budget.share(&process) {
            Ok(share) => share,
            Err(why) => {
                self.complain(&format!("{name}: {why}")).await;
                return Ok(126);
            }
        };
        match self.system.clone().program(process) {
            Ok(running) => Ok(budget::below(self.depth, self.budget.clone(), running).await),
            Err(process) => self.script_file(name, &process.argv).await,
        }
    }

    async fn not_found(&mut self, name: &str) -> Done {
        self.complain(&format!("{name}: inaccessible or not found")).await;
        Ok(127)
    }

    /// Where the command of this name is, if it is a file that can be run.
    pub(super) fn path_of(&self, name: &str) -> Option<String> {
        if name.contains('/') {
            return Some(self.absolute(name));
        }
        let path = self.variables.get("PATH").unwrap_or_default();
        path.split(':').filter(|directory| directory.starts_with('/')).find_map(|directory| {
            let path = format!("{}/{name}", directory.trim_end_matches('/'));
            let file = self.system.stat(&path, true).ok()?;
            (file.kind == FileKind::File && file.mode & 0o111 != 0).then_some(path)
        })
    }

    async fn script_file(&mut self, name: &str, argv: &[String]) -> Done {
        let Some(path) = self.path_of(name) else { return self.not_found(name).await };
        let Ok(file) = self.system.stat(&path, true) else { return self.not_found(name).await };
        let refused = match file.kind {
            FileKind::Directory => Some("Is a directory"),
            _ if file.mode & 0o111 == 0 => Some("Permission denied"),
            FileKind::File | FileKind::Link => None,
        };
        if let Some(why) = refused {
            self.complain(&format!("{name}: can't execute: {why}")).await;
            return Ok(126);
        }
        let text = match self.file_text(&path) {
            Ok(text) => text,
            Err(why) => {
                self.complain(&format!("{name}: can't execute: {why}")).await;
                return Ok(126);
            }
        };
        let mut shell = self.forked().await?;
        shell.functions.clear();
        shell.options = super::Options::default();
        shell.name = if name.contains('/') { name.to_owned() } else { path };
        shell.arguments = argv.get(1..).unwrap_or_default().into();
        shell.calls = 0;
        let done = shell.nested_script(&text).await;
        let (code, jobs) = shell.finish(done).await;
        self.adopt(jobs);
        Ok(code)
    }

    /// The text of a script; what is not text cannot be run.
    pub(super) fn file_text(&self, path: &str) -> Result<String, String> {
        let mut file = self.system.open(path).map_err(|why| why.to_string())?;
        let mut bytes = Vec::new();
        while let Some(piece) = file.next().map_err(|why| why.to_string())? {
            if bytes.len() + piece.len() > SCRIPT_BYTES_MAX {
                return Err("File too large".to_owned());
            }
            bytes.extend_from_slice(&piece);
        }
        if bytes.contains(&0) {
            return Err("Exec format error".to_owned());
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Runs a script inside of a list of this shell.
    pub(super) fn nested_script<'a>(&'a mut self, text: &'a str) -> BoxFuture<'a, Done> {
        // In a box of its own: it would make the stack frame of every caller as large as itself.
        self.nested_script_now(text).boxed()
    }

    async fn nested_script_now(&mut self, text: &str) -> Done {
        self.descend().await?;
        let done = Box::pin(self.script(text)).await;
        self.depth -= 1;
        match done {
            Err(Flow::Return(code)) if self.calls == 0 => Ok(code),
            done => done,
        }
    }
}
