//! Commands that hold others: conditions, loops, cases, groups.

use super::ast::{Body, List, Word};
use super::field::Shape;
use super::pattern::Pattern;
use super::{Done, Flow, Shell};
use std::ops::ControlFlow;

use futures::future::{BoxFuture, FutureExt};

impl Shell {
    pub(super) fn compound<'a>(&'a mut self, body: &'a Body) -> BoxFuture<'a, Done> {
        // In a box of its own: it would make the stack frame of every caller as large as itself.
        self.compound_now(body).boxed()
    }

    async fn compound_now(&mut self, body: &Body) -> Done {
        match body {
            Body::Simple { .. } => Ok(0),
            Body::If { branches, otherwise } => {
                for (condition, list) in branches {
                    if self.condition(condition).await? {
                        return self.list(list).await;
                    }
                }
                self.list(otherwise).await
            }
            Body::While { until, condition, body } => self.looped(*until, condition, body).await,
            Body::For { name, words, body } => self.each(name, words.as_deref(), body).await,
            Body::Case { word, arms } => self.case(word, arms).await,
            Body::Group(list) => self.list(list).await,
            Body::Subshell(list) => self.subshell(list).await,
            Body::Arithmetic(parts) => {
                let value = self.arithmetic(parts).await?;
                Ok(u8::from(value == 0))
            }
            Body::Test(test) => match self.double_brackets(test).await? {
                Ok(holds) => Ok(u8::from(!holds)),
                Err(why) => {
                    self.complain(&why).await;
                    Ok(2)
                }
            },
            Body::Function { name, body } => self.define(name, body).await,
        }
    }

    async fn condition(&mut self, list: &List) -> Result<bool, Flow> {
        self.conditions += 1;
        let done = self.list(list).await;
        self.conditions -= 1;
        Ok(done? == 0)
    }

    async fn looped(&mut self, until: bool, condition: &List, body: &List) -> Done {
        self.loops += 1;
        let mut code = 0;
        let done = loop {
            let holds = match self.condition(condition).await {
                Ok(holds) => Ok(u8::from(holds)),
                Err(flow) => Err(flow),
            };
            match around(holds) {
                ControlFlow::Continue(Some(holds)) if (holds == 1) == until => break Ok(code),
                ControlFlow::Continue(_) => {}
                ControlFlow::Break(done) => break done,
            }
            match around(self.list(body).await) {
                ControlFlow::Continue(last) => code = last.unwrap_or(0),
                ControlFlow::Break(done) => break done,
            }
            // A loop with nothing in it runs no command that would let others run.
            self.budget.command().await;
        };
        self.loops -= 1;
        done
    }

    async fn each(&mut self, name: &str, words: Option<&[Word]>, body: &List) -> Done {
        let values = match words {
            Some(words) => self.fields(words).await?,
            None => self.arguments.to_vec(),
        };
        self.loops += 1;
        let mut code = 0;
        let mut ended = None;
        for value in values {
            if let Err(flow) = self.assign(name, &value).await {
                ended = Some(Err(flow));
                break;
            }
            match around(self.list(body).await) {
                ControlFlow::Continue(last) => code = last.unwrap_or(0),
                ControlFlow::Break(done) => {
                    ended = Some(done);
                    break;
                }
            }
        }
        self.loops -= 1;
        ended.unwrap_or(Ok(code))
    }

    async fn case(&mut self, word: &Word, arms: &[(Vec<Word>, List)]) -> Done {
        let value = self.text(word, Shape::Plain).await?;
        for (patterns, list) in arms {
            for pattern in patterns {
                let pattern = self.text(pattern, Shape::Pattern).await?;
                let (holds, work) = Pattern::new(&pattern).matches_counting(&value);
                self.budget.work(work).await;
                if holds {
                    return self.list(list).await;
                }
            }
        }
        Ok(0)
    }
}

/// What the end of a loop's body means for the loop: another turn, after a body that gave this code, or the end.
fn around(done: Done) -> ControlFlow<Done, Option<u8>> {
    match done {
        Ok(code) => ControlFlow::Continue(Some(code)),
        Err(Flow::Continue(0 | 1)) => ControlFlow::Continue(None),
        Err(Flow::Continue(levels)) => ControlFlow::Break(Err(Flow::Continue(levels - 1))),
        Err(Flow::Break(0 | 1)) => ControlFlow::Break(Ok(0)),
        Err(Flow::Break(levels)) => ControlFlow::Break(Err(Flow::Break(levels - 1))),
        Err(flow @ (Flow::Return(_) | Flow::Exit(_) | Flow::Abort(_))) => ControlFlow::Break(Err(flow)),
    }
}
