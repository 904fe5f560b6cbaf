//! The shell service: a command, or a shell to type at, over the shell protocol or plain bytes.

use crate::guest::Guest;
use crate::pipe::{Input, Output, pipe};
use crate::shell::{Io, Prompt, guest_shell};
use adb::shell::{ShellDecoder, ShellId, WindowSize, frame, window_size};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// A terminal's size is the first thing that a client sends, if it has one; a program is not held up for
/// longer than this.
const WINDOW_WAIT: Duration = Duration::from_millis(100);

/// What is to be run, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    /// The shell protocol: standard error and the exit code apart.
    protocol: bool,
    /// The program sees a terminal.
    terminal: bool,
    /// The kind of terminal; may be empty.
    term: String,
    /// Empty for a shell to type at.
    command: String,
}

impl Call {
    /// Reads `shell,v2,TERM=xterm,raw` or `exec`, and the command behind it.
    pub(super) fn parse(kind: &str, command: &str) -> Option<Self> {
        let mut words = kind.split(',');
        let exec = match words.next()? {
            "shell" => false,
            "exec" => true,
            _ => return None,
        };
        // Without a word on it, a terminal is for typing.
        let mut call = Self {
            protocol: false,
            terminal: !exec && command.is_empty(),
            term: String::new(),
            command: command.to_owned(),
        };
        for word in words {
            match word {
                "v2" => call.protocol = !exec,
                "raw" => call.terminal = false,
                "pty" => call.terminal = !exec,
                _ => {
                    if let Some(term) = word.strip_prefix("TERM=") {
                        term.clone_into(&mut call.term);
                    }
                }
            }
        }
        Some(call)
    }

    /// Whether the end of the stream is the end of its input, as for `exec:`.
    pub(super) fn takes_input(&self) -> bool {
        !self.protocol && !self.terminal && !self.command.is_empty()
    }

    /// Runs it to its end.
    pub(super) async fn run(self, guest: Guest, input: Input, output: Output) {
        if self.protocol {
            return self.run_framed(guest, input, output).await;
        }
        let io = Io { stdin: input, stdout: output.clone(), stderr: output, terminal: self.terminal };
        self.program(guest, io, None).await;
    }

    async fn program(&self, guest: Guest, io: Io, window: Option<WindowSize>) -> u8 {
        let mut env = BTreeMap::new();
        if !self.term.is_empty() {
            env.insert("TERM".to_owned(), self.term.clone());
        }
        if let Some(window) = window {
            env.insert("COLUMNS".to_owned(), window.columns.to_string());
            env.insert("LINES".to_owned(), window.rows.to_string());
        }
        let prompt = Prompt {
            hostname: guest.getprop("ro.product.device").unwrap_or_default(),
            root: is_root(&guest),
        };
        let mut shell = guest_shell(guest, &env);
        if self.command.is_empty() {
            shell.interact(io, &prompt).await
        } else {
            shell.run(&self.command, io).await
        }
    }

    async fn run_framed(self, guest: Guest, input: Input, output: Output) {
        let (keys, stdin) = pipe();
        let (stdout, printed) = pipe();
        let (stderr, complained) = pipe();
        let mut frames = Frames { input, decoder: ShellDecoder::new(), keys: Some(keys), first: None };
        let window =
            if self.terminal { timeout(WINDOW_WAIT, frames.window()).await.ok().flatten() } else { None };
        let output = Mutex::new(output);
        let io = Io { stdin, stdout, stderr, terminal: self.terminal };
        let running = async {
            tokio::join!(
                self.program(guest, io, window),
                framed(ShellId::Stdout, printed, &output),
                framed(ShellId::Stderr, complained, &output),
            )
            .0
        };
        let exit = tokio::select! {
            exit = running => exit,
            () = frames.hand_on() => return,
        };
        let _ = output.lock().await.write(frame(ShellId::Exit, &[exit])).await;
    }
}

fn is_root(guest: &Guest) -> bool {
    guest.session(|session| session.root).unwrap_or(false)
}

/// Hands on what a program prints, in frames that are written whole.
async fn framed(id: ShellId, from: Input, to: &Mutex<Output>) {
    while let Some(bytes) = from.next().await {
        if to.lock().await.write(frame(id, &bytes)).await.is_err() {
            return;
        }
    }
}

/// What the client sends over the shell protocol.
struct Frames {
    input: Input,
    decoder: ShellDecoder,
    keys: Option<Output>,
    /// Came instead of the window's size.
    first: Option<(ShellId, Bytes)>,
}

impl Frames {
    /// The window's size, if that comes first.
    async fn window(&mut self) -> Option<WindowSize> {
        let (id, data) = self.next().await?;
        if id == ShellId::WindowSize {
            return window_size(&data);
        }
        self.first = Some((id, data));
        None
    }

    /// Hands everything on. Ends only when the client breaks the protocol: its program ends then.
    async fn hand_on(&mut self) {
        while let Some((id, data)) = self.next().await {
            self.take(id, data).await;
        }
    }

    async fn next(&mut self) -> Option<(ShellId, Bytes)> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        loop {
            match self.decoder.next() {
                Ok(Some(frame)) => return Some(frame),
                Ok(None) => {}
                Err(_) => return None,
            }
            match self.input.next().await {
                Some(bytes) => self.decoder.feed(&bytes),
                None => std::future::pending().await,
            }
        }
    }

    async fn take(&mut self, id: ShellId, data: Bytes) {
        match id {
            ShellId::Stdin => {
                if let Some(keys) = &self.keys
                    && keys.write(data).await.is_err()
                {
                    self.keys = None;
                }
            }
            ShellId::CloseStdin => self.keys = None,
            ShellId::WindowSize | ShellId::Stdout | ShellId::Stderr | ShellId::Exit => {}
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_as_clients_send_them() {
        let call = |kind, command| {
            let call = Call::parse(kind, command).unwrap();
            (call.protocol, call.terminal, call.term)
        };
        assert_eq!(call("shell", "ls"), (false, false, String::new()));
        assert_eq!(call("shell", ""), (false, true, String::new()));
        assert_eq!(call("shell,v2,TERM=xterm,raw", "ls"), (true, false, "xterm".into()));
        assert_eq!(call("shell,v2,TERM=xterm,pty", ""), (true, true, "xterm".into()));
        assert_eq!(call("shell,v2,raw", ""), (true, false, String::new()));
        assert_eq!(call("exec", "cmd package"), (false, false, String::new()));
        assert_eq!(Call::parse("jdwp", "1"), None);
        assert_eq!(Call::parse("localabstract", "scrcpy"), None);
    }
}
