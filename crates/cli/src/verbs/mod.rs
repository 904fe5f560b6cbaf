//! The verbs, one file for each kind of thing.

pub mod adb;
pub mod images;
pub mod jobs;
pub mod pages;
pub mod phones;
pub mod power;
pub mod servers;
pub mod token;

use crate::context::Context;
use crate::failure::Failure;
use crate::out::Shape;
use crate::outcome::{Names, Outcome};
use std::time::Duration;

/// Prints what became of an order and returns the exit code. `took`: how long was waited, if it was.
///
/// # Errors
/// Standard output cannot be written.
fn report(
    context: &Context,
    verb: &str,
    outcome: &Outcome,
    names: &Names,
    took: Option<Duration>,
) -> Result<u8, Failure> {
    match context.out.shape {
        Shape::Json => context.out.line(&outcome.json().to_string())?,
        Shape::Quiet if took.is_none() => {
            for id in outcome.request_ids() {
                context.out.line(&id)?;
            }
        }
        Shape::Quiet => {}
        Shape::Human => {
            for answer in &outcome.answers {
                let (all, accepted) = (answer.entries.len(), answer.accepted());
                context.out.line(&format!("request {}  {accepted} of {all} accepted", answer.request_id))?;
            }
            for line in outcome.bad(names) {
                context.out.bad(&line)?;
            }
            context.out.line(&outcome.total(verb, took))?;
        }
    }
    if let Some(failure) = &outcome.failure {
        context.screen.error(&failure.message);
    }
    Ok(outcome.exit_code())
}
