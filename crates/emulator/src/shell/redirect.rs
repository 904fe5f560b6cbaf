//! Redirections: descriptors that are other ones for as long as a command runs.

use super::ast::{Redirect, RedirectKind, Word};
use super::descriptor::Descriptor;
use super::field::Shape;
use super::job::{self, Job, Task};
use super::limits::REDIRECTS_MAX;
use super::system::{Refusal, Source};
use super::{Done, Flow, Shell};
use crate::pipe::{Input, Output, pipe};
use bytes::Bytes;

/// What has been redirected, to be undone.
#[derive(Debug, Default)]
pub(super) struct Redirected {
    before: Vec<(u8, Descriptor)>,
    readers: Vec<Task<Result<(), Refusal>>>,
    writers: Vec<Task<Result<(), Refusal>>>,
    jobs: usize,
}

impl Redirected {
    /// The redirections stay.
    pub(super) fn forget_before(&mut self) {
        self.before.clear();
    }
}

use futures::future::{BoxFuture, FutureExt};

impl Shell {
    /// Redirects; gives an exit code when that fails, everything as it was.
    pub(super) fn redirect<'a>(
        &'a mut self,
        redirects: &'a [Redirect],
    ) -> BoxFuture<'a, Result<Result<Redirected, u8>, Flow>> {
        // In a box of its own: it would make the stack frame of every caller as large as itself.
        self.redirect_now(redirects).boxed()
    }

    async fn redirect_now(&mut self, redirects: &[Redirect]) -> Result<Result<Redirected, u8>, Flow> {
        let mut redirected = Redirected { jobs: self.jobs.len(), ..Redirected::default() };
        if redirects.len() > REDIRECTS_MAX {
            self.complain("too many redirections").await;
            return Ok(Err(1));
        }
        for redirect in redirects {
            let target = match self.text(&redirect.target, Shape::Plain).await {
                Ok(target) => target,
                Err(flow) => {
                    self.undo(&mut redirected);
                    return Err(flow);
                }
            };
            if let Err(why) = self.redirect_one(redirect, &target, &mut redirected).await {
                self.undo(&mut redirected);
                self.complain(&why).await;
                return Ok(Err(1));
            }
        }
        Ok(Ok(redirected))
    }

    async fn redirect_one(
        &mut self,
        redirect: &Redirect,
        target: &str,
        all: &mut Redirected,
    ) -> Result<(), String> {
        let descriptor = match redirect.kind {
            RedirectKind::Read => self.open(target, all)?,
            RedirectKind::Write | RedirectKind::Both => self.create(target, false, all)?,
            RedirectKind::Append => self.create(target, true, all)?,
            RedirectKind::Duplicate => match target {
                "-" => Descriptor::Closed,
                _ => match target.parse::<u8>().map(|number| self.descriptors.get(number)) {
                    Ok(descriptor) if !matches!(descriptor, Descriptor::Closed) => descriptor,
                    Ok(_) => return Err(format!("{target}: bad file descriptor")),
                    // `>&file`: both, as `&>file`.
                    Err(_) if redirect.fd == 1 => {
                        let both = self.create(target, false, all)?;
                        all.before.push((2, self.descriptors.set(2, both.clone())));
                        both
                    }
                    Err(_) => return Err(format!("{target}: illegal file descriptor name")),
                },
            },
            RedirectKind::Here => text_input(target.to_owned()).await,
            RedirectKind::HereString => text_input(format!("{target}\n")).await,
        };
        if redirect.kind == RedirectKind::Both {
            all.before.push((2, self.descriptors.set(2, descriptor.clone())));
        }
        all.before.push((redirect.fd, self.descriptors.set(redirect.fd, descriptor)));
        Ok(())
    }

    fn open(&self, target: &str, all: &mut Redirected) -> Result<Descriptor, String> {
        let file = match target {
            "/dev/null" => return Ok(Descriptor::Read { input: Input::empty(), terminal: false }),
            "/dev/stdin" | "/dev/tty" | "/dev/fd/0" => return Ok(self.descriptors.get(0)),
            _ => self.source(target).map_err(|why| format!("can't open {target}: {why}"))?,
        };
        let (output, input) = pipe();
        all.readers.push(Task::start(job::load(file, output)));
        Ok(Descriptor::Read { input, terminal: false })
    }

    fn source(&self, target: &str) -> Result<Box<dyn Source>, Refusal> {
        if target.is_empty() {
            return Err(Refusal("No such file or directory".to_owned()));
        }
        self.system.open(&self.absolute(target))
    }

    fn create(&self, target: &str, append: bool, all: &mut Redirected) -> Result<Descriptor, String> {
        let file = match target {
            "/dev/null" => return Ok(Descriptor::Write { output: Output::null(), terminal: false }),
            "/dev/stdout" | "/dev/tty" | "/dev/fd/1" => return Ok(self.descriptors.get(1)),
            "/dev/stderr" | "/dev/fd/2" => return Ok(self.descriptors.get(2)),
            "" => Err(Refusal("No such file or directory".to_owned())),
            _ => self.system.create(&self.absolute(target), append),
        };
        let file = file.map_err(|why| format!("can't create {target}: {why}"))?;
        let (output, input) = pipe();
        all.writers.push(Task::start(job::store(input, file)));
        Ok(Descriptor::Write { output, terminal: false })
    }

    fn undo(&mut self, redirected: &mut Redirected) {
        for (number, descriptor) in redirected.before.drain(..).rev() {
            self.descriptors.set(number, descriptor);
        }
    }

    /// Puts the descriptors back, and waits until files are written.
    pub(super) async fn restore(&mut self, mut redirected: Redirected, done: Done) -> Done {
        self.undo(&mut redirected);
        let background = self.jobs.len() > redirected.jobs;
        let mut done = done;
        for writer in redirected.writers {
            if background {
                // A job may still write to the file.
                let pid = self.budget.pid();
                let work = async move { (u8::from(writer.wait().await.is_none()), Vec::new()) };
                self.jobs.push(Job::new(pid, Task::start(work)));
            } else if let Some(Err(why)) = writer.wait().await {
                self.complain(&format!("write error: {why}")).await;
                done = done.map(|_| 1);
            }
        }
        done
    }

    /// Closes what `exec` redirected, and waits until it is written.
    pub(super) async fn close_kept(&mut self) {
        for redirected in std::mem::take(&mut self.kept) {
            let _ = self.restore(redirected, Ok(0)).await;
        }
    }

    /// Prints a file: `$(<file)`.
    pub(super) async fn print_file(&mut self, word: &Word) -> Done {
        let target = self.text(word, Shape::Plain).await?;
        match self.source(&target) {
            Ok(file) => {
                let output = self.descriptors.output(1);
                Ok(u8::from(job::load(file, output).await.is_err()))
            }
            Err(why) => {
                self.complain(&format!("can't open {target}: {why}")).await;
                Ok(1)
            }
        }
    }
}

/// A descriptor from which this text is read.
async fn text_input(text: String) -> Descriptor {
    let (_, input) = pipe();
    if !text.is_empty() {
        input.unread(Bytes::from(text)).await;
    }
    Descriptor::Read { input, terminal: false }
}
