//! `phoneyard servers`.

use super::report;
use crate::api;
use crate::arguments::{Common, ServersVerb, Waiting};
use crate::context::Context;
use crate::failure::Failure;
use crate::follow::{Followed, Target, command, follow, unless_interrupted};
use crate::http::{Call, Patience};
use crate::out::Row;
use crate::outcome::{Answered, Names, Outcome};
use crate::select::Chosen;
use crate::status;
use crate::table::Column;
use serde_json::json;
use std::time::Instant;
use wire::server::{RestartCloudPhoneServerBody, SERVERS_MAX, Server, ServerJobs};

const COLUMNS: [Column; 5] = [
    Column { name: "SERVER ID", spare: 0 },
    Column { name: "NAME", spare: 1 },
    Column { name: "STATUS", spare: 2 },
    Column { name: "PHONE MODEL", spare: 3 },
    Column { name: "SERVER MODEL", spare: 4 },
];

/// Runs `phoneyard servers`.
///
/// # Errors
/// The service refuses or is not reached.
pub async fn run(verb: ServersVerb) -> Result<u8, Failure> {
    match verb {
        ServersVerb::List { common } => {
            let context = Context::open(&common).await?;
            context.out.list(&COLUMNS, &api::servers(&context.session).await?, row)?;
            Ok(0)
        }
        ServersVerb::Show { server, common } => {
            let context = Context::open(&common).await?;
            let chosen = context.server(&server).await?;
            context.out.show(&api::server(&context.session, &chosen.id).await?, &chosen.id)?;
            Ok(0)
        }
        ServersVerb::Restart { servers, waiting, common } => restart(&servers, &waiting, &common).await,
    }
}

async fn restart(texts: &[String], waiting: &Waiting, common: &Common) -> Result<u8, Failure> {
    let started = Instant::now();
    let deadline = started + waiting.timeout;
    let context = Context::open(common).await?;
    let servers = context.servers(texts).await?;
    let followed = Followed::default();
    let work = async {
        let mut outcome = send(&context, &servers, deadline, &followed).await?;
        if waiting.wait {
            outcome.expect_jobs();
            let targets: Vec<Target> = outcome.request_ids().into_iter().map(Target::Request).collect();
            let result =
                follow(&context.session, &context.screen, &targets, &mut outcome.jobs, deadline).await;
            outcome.failure = outcome.failure.take().or(result.err());
        }
        Ok(outcome)
    };
    let outcome = unless_interrupted(&context.screen, &followed, work).await?;
    let took = waiting.wait.then(|| started.elapsed());
    let code = report(&context, "servers restart", &outcome, &Names::of(&servers), took)?;
    let targets: Vec<Target> = outcome.request_ids().into_iter().map(Target::Request).collect();
    if let (false, Some(command)) = (waiting.wait, command(&targets)) {
        context.screen.note(&format!("follow the jobs with: {command}"));
    }
    Ok(code)
}

/// This operation knows no client token: what may have arrived is not sent again.
async fn send(
    context: &Context,
    servers: &[Chosen],
    deadline: Instant,
    followed: &Followed,
) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::default();
    for (at, chunk) in servers.chunks(SERVERS_MAX).enumerate() {
        let server_ids = chunk.iter().map(|server| server.id.clone()).collect();
        let call = Call {
            method: "POST",
            path: context.session.path(&["servers", "batch-restart"]),
            query: vec![],
            body: Some(json!(RestartCloudPhoneServerBody { server_ids })),
            client_token: None,
            repeatable: false,
        };
        let patience = Patience { busy: deadline, ..crate::session::ordinary() };
        followed.sending(true);
        let answer = match context.session.send(&call, patience).await {
            Ok(answer) => answer.json::<ServerJobs>(),
            Err(trouble) => Err(trouble),
        };
        followed.sending(false);
        match answer {
            Ok(answer) => {
                let answered = Answered::servers(&answer);
                if answered.accepted() > 0 {
                    followed.add(&answered.request_id);
                }
                outcome.answers.push(answered);
            }
            Err(trouble) if outcome.answers.is_empty() => return Err(trouble.into()),
            Err(trouble) => {
                outcome.unsent = servers.len() - at * SERVERS_MAX;
                outcome.failure = Some(trouble.into());
                break;
            }
        }
    }
    Ok(outcome)
}

fn row(server: &Server) -> Row {
    /// The only status at which all is well, or on its way there.
    const WELL: [i64; 4] = [1, 5, 11, 13];
    let Server { server_id, server_name, phone_model_name, server_model_name, .. } = server;
    let cells = [server_id, server_name, &status::server(server.status), phone_model_name, server_model_name];
    let alarm = !WELL.contains(&server.status);
    Row { id: server_id.clone(), cells: cells.map(String::clone).to_vec(), alarm }
}
