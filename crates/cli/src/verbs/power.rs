//! `phoneyard restart`, `stop`, `reset` and `property set`: an order for many phones, and the wait for it.

use super::report;
use crate::arguments::{
    Common, PowerArguments, Properties, PropertyArguments, ResetArguments, RestartArguments, Selection,
    Waiting,
};
use crate::batch::{self, Act, Order};
use crate::context::{self, Context};
use crate::failure::Failure;
use crate::follow::{Followed, Target, command, follow, unless_interrupted};
use crate::outcome::{Names, Outcome};
use crate::select::Chosen;
use serde_json::{Map, Value};
use std::io::{BufRead, IsTerminal, Read, Write};
use std::time::Instant;

/// The answer to a question is short.
const ANSWER_BYTES_MAX: u64 = 1024;

/// What is asked for, before names are looked up.
struct Wish<'a> {
    act: Act,
    selection: &'a Selection,
    image: Option<&'a str>,
    property: Option<String>,
    waiting: &'a Waiting,
    common: &'a Common,
    /// Ask the user first.
    ask: bool,
}

/// Runs `phoneyard restart`.
///
/// # Errors
/// Nothing was accepted, or Ctrl-C.
pub async fn restart(arguments: &RestartArguments) -> Result<u8, Failure> {
    carry_out(Act::Restart, arguments, false).await
}

/// Runs `phoneyard reset`.
///
/// # Errors
/// As [`restart`], or nobody is there to say yes.
pub async fn reset(arguments: &ResetArguments) -> Result<u8, Failure> {
    if !arguments.yes && !can_ask() {
        return Err(Failure::usage("reset wipes user data: without a terminal to ask on, say --yes"));
    }
    let act = Act::Reset { forget: arguments.forget_properties };
    carry_out(act, &arguments.restart, !arguments.yes).await
}

async fn carry_out(act: Act, arguments: &RestartArguments, ask: bool) -> Result<u8, Failure> {
    let RestartArguments { selection, image, properties, waiting, common } = arguments;
    let property = property(properties)?;
    run(Wish { act, selection, image: image.as_deref(), property, waiting, common, ask }).await
}

/// Runs `phoneyard stop`.
///
/// # Errors
/// As [`restart`].
pub async fn stop(arguments: &PowerArguments) -> Result<u8, Failure> {
    let PowerArguments { selection, waiting, common } = arguments;
    run(Wish { act: Act::Stop, selection, image: None, property: None, waiting, common, ask: false }).await
}

/// Runs `phoneyard property set`.
///
/// # Errors
/// As [`restart`].
pub async fn property_set(arguments: &PropertyArguments) -> Result<u8, Failure> {
    let PropertyArguments { selection, properties, waiting, common } = arguments;
    let Some(property) = property(properties)? else {
        return Err(Failure::usage("which properties? Give --prop KEY=VALUE or --props-file FILE"));
    };
    let (act, property) = (Act::Property, Some(property));
    run(Wish { act, selection, image: None, property, waiting, common, ask: false }).await
}

async fn run(wish: Wish<'_>) -> Result<u8, Failure> {
    let started = Instant::now();
    let deadline = started + wish.waiting.timeout;
    let texts = context::texts(wish.selection)?;
    let context = Context::open(wish.common).await?;
    let phones = context.phones(wish.selection, &texts).await?;
    let image_id = match wish.image {
        Some(image) => Some(context.image_id(image).await?),
        None => None,
    };
    if wish.ask && !confirmed(phones.len())? {
        return Err(Failure::refused("nothing was reset"));
    }
    if phones.is_empty() {
        context.screen.note("no phone is selected; there is nothing to do");
    }
    let order = Order { act: wish.act, image_id, property: wish.property };
    let followed = Followed::default();
    let wait = wish.waiting.wait;
    let work = send_and_wait(&context, &order, &phones, wait, deadline, &followed);
    let outcome = unless_interrupted(&context.screen, &followed, work).await?;
    let took = wait.then(|| started.elapsed());
    let code = report(&context, wish.act.verb(), &outcome, &Names::of(&phones), took)?;
    let targets: Vec<Target> = outcome.request_ids().into_iter().map(Target::Request).collect();
    if let (false, Some(command)) = (wait, command(&targets)) {
        context.screen.note(&format!("follow the jobs with: {command}"));
    }
    Ok(code)
}

async fn send_and_wait(
    context: &Context,
    order: &Order,
    phones: &[Chosen],
    wait: bool,
    deadline: Instant,
    followed: &Followed,
) -> Result<Outcome, Failure> {
    let mut outcome = batch::send(&context.session, order, phones, deadline, followed).await?;
    if wait {
        outcome.expect_jobs();
        let targets: Vec<Target> = outcome.request_ids().into_iter().map(Target::Request).collect();
        let followed = follow(&context.session, &context.screen, &targets, &mut outcome.jobs, deadline).await;
        outcome.failure = outcome.failure.take().or(followed.err());
    }
    Ok(outcome)
}

/// The properties as the wire has them: a JSON object in a string. None when there are none.
fn property(properties: &Properties) -> Result<Option<String>, Failure> {
    let mut object = match &properties.props_file {
        None => Map::new(),
        Some(path) => from_file(&context::read(path)?)
            .map_err(|error| Failure::usage(format!("--props-file {}: {error}", path.display())))?,
    };
    for (key, value) in &properties.properties {
        object.insert(key.clone(), Value::String(value.clone()));
    }
    Ok((!object.is_empty()).then(|| Value::Object(object).to_string()))
}

fn from_file(text: &str) -> Result<Map<String, Value>, String> {
    let object: Map<String, Value> = serde_json::from_str(text).map_err(|error| {
        format!("it must hold one JSON object such as {{\"com.cph.mainkeys\": \"1\"}}: {error}")
    })?;
    match object.iter().find(|(_, value)| !value.is_string() && !value.is_number()) {
        Some((key, _)) => Err(format!("the value of {key} must be a text or a number")),
        None => Ok(object),
    }
}

fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

fn confirmed(count: usize) -> Result<bool, Failure> {
    let phones = if count == 1 { "1 phone".to_string() } else { format!("{count} phones") };
    let mut stderr = std::io::stderr().lock();
    let asked = write!(stderr, "Wipe the user data of {phones}? [y/N] ").and_then(|()| stderr.flush());
    asked.map_err(|e| Failure::usage(format!("standard error: {e}")))?;
    let mut answer = String::new();
    let mut stdin = std::io::stdin().lock().take(ANSWER_BYTES_MAX);
    stdin.read_line(&mut answer).map_err(|e| Failure::usage(format!("standard input: {e}")))?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn given(pairs: &[(&str, &str)]) -> Properties {
        let properties = pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        Properties { properties, props_file: None }
    }

    #[test]
    fn properties_become_a_json_object_in_a_string() {
        assert_eq!(property(&given(&[])).unwrap(), None);
        let text = property(&given(&[("a", "1"), ("b", "x\"y"), ("a", "2")])).unwrap();
        assert_eq!(text.as_deref(), Some(r#"{"a":"2","b":"x\"y"}"#));
    }

    #[test]
    fn a_file_holds_texts_and_numbers() {
        assert_eq!(from_file(r#"{"a": "x", "b": 1}"#).unwrap().len(), 2);
        assert!(from_file(r#"{"a": {"b": 1}}"#).unwrap_err().contains("the value of a"));
        for text in ["", "[]", "{\"a\": 1,}", "a=1"] {
            assert!(from_file(text).unwrap_err().contains("one JSON object"), "{text}");
        }
    }
}
