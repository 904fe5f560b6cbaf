//! Lists, chains and pipelines.

use super::ast::{Body, Chain, Command, Item, Link, List, Pipeline};
use super::budget;
use super::descriptor::Descriptor;
use super::job::{Job, Task, prints_elsewhere};
use super::limits::JOBS_MAX;
use super::{Done, Flow, Shell};
use crate::pipe::pipe;
use futures::future::{BoxFuture, FutureExt, join_all};

impl Shell {
    /// Runs commands one after the other.
    pub(super) fn list<'a>(&'a mut self, list: &'a List) -> BoxFuture<'a, Done> {
        async move {
            self.descend().await?;
            let done = self.items(list).await;
            self.depth -= 1;
            done
        }
        .boxed()
    }

    async fn items(&mut self, list: &List) -> Done {
        let mut code = 0;
        for item in list {
            code =
                if item.background { self.background(item).await? } else { self.chain(&item.chain).await? };
            self.status = code;
        }
        Ok(code)
    }

    async fn background(&mut self, item: &Item) -> Done {
        self.jobs.retain(|job| !job.ended());
        if self.jobs.len() >= JOBS_MAX {
            self.complain("can't fork - try again").await;
            return Err(Flow::Abort(1));
        }
        let mut shell = self.forked().await?;
        shell.descriptors.set(0, Descriptor::Read { input: crate::pipe::Input::empty(), terminal: false });
        let apart = prints_elsewhere(&item.chain);
        if apart {
            // Who reads what the shell prints does not wait for it.
            shell.descriptors.set(1, Descriptor::Closed);
            shell.descriptors.set(2, Descriptor::Closed);
        }
        let (pid, chain) = (self.budget.pid(), item.chain.clone());
        let (depth, budget) = (self.depth, self.budget.clone());
        let work = async move {
            let done = shell.chain(&chain).await;
            shell.finish(done).await
        };
        let mut job = Job::new(pid, Task::start(budget::below(depth, budget, work)));
        job.apart = apart;
        self.jobs.push(job);
        self.last_job = Some(pid);
        Ok(0)
    }

    async fn chain(&mut self, chain: &Chain) -> Done {
        let (mut code, mut fatal) = (0, false);
        for at in 0..=chain.rest.len() {
            let (link, pipeline) = match at.checked_sub(1).and_then(|at| chain.rest.get(at)) {
                Some((link, pipeline)) => (*link, pipeline),
                None => (Link::And, &chain.first),
            };
            if (link == Link::And) != (code == 0) {
                fatal = false;
                continue;
            }
            let tested = at < chain.rest.len() || pipeline.negated;
            self.conditions += u32::from(tested);
            let done = self.pipeline(pipeline).await;
            self.conditions -= u32::from(tested);
            code = done?;
            self.status = code;
            fatal = !tested;
        }
        if fatal && code != 0 && self.options.errexit && self.conditions == 0 {
            return Err(Flow::Exit(code));
        }
        Ok(code)
    }

    fn pipeline<'a>(&'a mut self, pipeline: &'a Pipeline) -> BoxFuture<'a, Done> {
        async move {
            let code = match pipeline.commands.as_slice() {
                [command] => self.command(command).await?,
                commands => self.stages(commands).await?,
            };
            Ok(if pipeline.negated { u8::from(code == 0) } else { code })
        }
        .boxed()
    }

    /// Runs the stages of a pipeline at the same time.
    fn stages<'a>(&'a mut self, commands: &'a [Command]) -> BoxFuture<'a, Done> {
        // In a box of its own: it would make the stack frame of every caller as large as itself.
        self.stages_now(commands).boxed()
    }

    async fn stages_now(&mut self, commands: &[Command]) -> Done {
        let mut stages = Vec::new();
        let mut input = None;
        for (at, command) in commands.iter().enumerate() {
            let mut shell = self.forked().await?;
            if let Some(input) = input.take() {
                shell.descriptors.set(0, Descriptor::Read { input, terminal: false });
            }
            if at + 1 < commands.len() {
                let (output, next) = pipe();
                shell.descriptors.set(1, Descriptor::Write { output, terminal: false });
                input = Some(next);
            }
            stages.push(async move {
                let done = shell.command(command).await;
                shell.finish(done).await
            });
        }
        let mut codes = Vec::new();
        for (code, jobs) in join_all(stages).await {
            codes.push(code);
            self.adopt(jobs);
        }
        let last = codes.last().copied().unwrap_or(0);
        let failed = codes.iter().rev().copied().find(|code| *code != 0);
        Ok(if self.options.pipefail { failed.unwrap_or(0) } else { last })
    }

    /// Runs a list in a shell of its own.
    pub(super) fn subshell<'a>(&'a mut self, list: &'a List) -> BoxFuture<'a, Done> {
        // In a box of its own: it would make the stack frame of every caller as large as itself.
        self.subshell_now(list).boxed()
    }

    async fn subshell_now(&mut self, list: &List) -> Done {
        let mut shell = self.forked().await?;
        let done = shell.list(list).await;
        let (code, jobs) = shell.finish(done).await;
        self.adopt(jobs);
        Ok(code)
    }

    /// The text that a list prints.
    pub(super) fn substitution<'a>(&'a mut self, list: &'a List) -> BoxFuture<'a, Result<String, Flow>> {
        // In a box of its own: it would make the stack frame of every caller as large as itself.
        self.substitution_now(list).boxed()
    }

    async fn substitution_now(&mut self, list: &List) -> Result<String, Flow> {
        let (output, input) = pipe();
        let mut shell = self.forked().await?;
        shell.descriptors.set(1, Descriptor::Write { output, terminal: false });
        let file = file_alone(list);
        let running = async move {
            let done = match file {
                Some(word) => shell.print_file(word).await,
                None => shell.list(list).await,
            };
            shell.finish(done).await
        };
        let ((code, jobs), bytes) =
            futures::join!(running, async move { input.all(super::limits::SUBSTITUTION_BYTES_MAX).await });
        self.adopt(jobs);
        self.status = code;
        self.substituted = Some(code);
        let Some(mut bytes) = bytes else {
            self.complain("Cannot allocate memory").await;
            return Err(Flow::Abort(1));
        };
        bytes.retain(|byte| *byte != 0);
        let text = String::from_utf8_lossy(&bytes);
        Ok(text.trim_end_matches('\n').to_owned())
    }
}

/// The file of `$(<file)`.
fn file_alone(list: &List) -> Option<&super::ast::Word> {
    let [item] = list.as_slice() else { return None };
    let [Command { body: Body::Simple { assignments, words }, redirects }] =
        item.chain.first.commands.as_slice()
    else {
        return None;
    };
    let [redirect] = redirects.as_slice() else { return None };
    let alone = assignments.is_empty() && words.is_empty() && item.chain.rest.is_empty();
    (alone && redirect.kind == super::ast::RedirectKind::Read).then_some(&redirect.target)
}
