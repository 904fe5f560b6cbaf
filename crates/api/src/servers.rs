//! Servers: list, detail, restart; server models.

use crate::context::{Context, Done};
use crate::images::marker_page;
use crate::phone_batch::submit;
use model::code::{self, Refusal};
use model::server::{SERVER_MODELS, Server};
use store::{Page, ServerFilter, Work};
use wire::image::PageInfo;
use wire::server::{
    CloudPhoneServerDetail, CloudPhoneServers, ListCloudPhoneServers, RestartCloudPhoneServer, ServerJob,
    ServerJobs, ServerMetadata, ShowCloudPhoneServerDetail,
};
use wire::server_model::{
    CloudPhoneServerModels, ListCloudPhoneServerModels, ServerModel, ServerModelExtendSpec,
};
use wire::time::utc;

/// Servers belong to networks of the tenant's own (`contract/operations.md`).
const NETWORK_VERSION: &str = "v2";
/// Pay-per-use: nothing here is paid by the month.
const CHARGING_MODE: i64 = 1;

/// ListCloudPhoneServers.
pub async fn list(context: Context, request: ListCloudPhoneServers) -> Result<CloudPhoneServers, Refusal> {
    let request_id = context.request_text();
    if request.network_version.is_some_and(|v| v != NETWORK_VERSION) {
        return Ok(CloudPhoneServers { request_id, count: 0, servers: Vec::new() });
    }
    let filter = ServerFilter {
        server_id: request.server_id,
        name_part: request.server_name,
        phone_model: request.phone_model_name,
        status: request.status,
        create_since_ms: request.create_since_ms,
        create_until_ms: request.create_until_ms,
    };
    let page = Page { offset: request.page.offset, limit: request.page.limit };
    let (servers, count) = context.store().servers_list(context.project()?, &filter, page).await?;
    let zone = &context.state.config.region;
    Ok(CloudPhoneServers {
        request_id,
        count,
        servers: servers.into_iter().map(|s| listed(s, zone)).collect(),
    })
}

fn listed(server: Server, zone: &str) -> wire::server::Server {
    wire::server::Server {
        server_name: server.name,
        availability_zone: Some(zone.into()),
        server_id: server.id.into_string(),
        server_model_name: server.server_model,
        phone_model_name: server.phone_model,
        status: server.status.number(),
        addresses: Vec::new(),
        resource_project_id: Some(server.project_id.into_string()),
        metadata: ServerMetadata { charging_mode: Some(CHARGING_MODE), ..ServerMetadata::default() },
        network_version: NETWORK_VERSION.into(),
        create_time: utc(server.create_ms),
        update_time: utc(server.update_ms),
        ..wire::server::Server::default()
    }
}

/// ShowCloudPhoneServerDetail. An unknown server must be a 404: clients take that as gone
/// (`contract/clients.md`, T15).
pub async fn detail(
    context: Context,
    request: ShowCloudPhoneServerDetail,
) -> Result<CloudPhoneServerDetail, Refusal> {
    let server = context.store().server_get(context.project()?, request.server_id.as_str()).await?;
    let server = server.ok_or(code::SERVER_ID_NOT_FOUND)?;
    Ok(CloudPhoneServerDetail {
        request_id: context.request_text(),
        server: listed(server, &context.state.config.region),
        ..CloudPhoneServerDetail::default()
    })
}

/// RestartCloudPhoneServer.
pub async fn restart(
    context: Context,
    request: RestartCloudPhoneServer,
) -> Result<Done<ServerJobs>, Refusal> {
    let work = Work::ServerRestart { asked: request.server_ids };
    let answer = submit(&context, "RestartCloudPhoneServer", work).await?;
    let job = |entry: store::Entry| {
        let (error_code, error_msg) = entry.error.unzip();
        ServerJob {
            server_id: entry.target,
            job_id: entry.job_id.map(|id| id.into_string()),
            error_code,
            error_msg,
        }
    };
    let jobs = answer.entries.into_iter().map(job).collect();
    let reply = ServerJobs { request_id: answer.request_id.to_string(), jobs };
    Ok(Done { reply, headers: Vec::new(), request_id: Some(answer.request_id) })
}

/// ListCloudPhoneServerModels.
pub async fn models(
    context: Context,
    request: ListCloudPhoneServerModels,
) -> Result<CloudPhoneServerModels, Refusal> {
    let wanted = SERVER_MODELS.iter().filter(|m| request.product_type.is_none_or(|t| t == m.product_type));
    let models: Vec<ServerModel> = wanted
        .map(|model| ServerModel {
            server_model_name: model.name.into(),
            server_type: "physical".into(),
            cpu: model.cpu,
            memory: model.memory_gb,
            extend_spec: ServerModelExtendSpec::default(),
            product_type: model.product_type,
            ..ServerModel::default()
        })
        .collect();
    let (server_models, next_marker) = marker_page(models, &request.page, |m| &m.server_model_name);
    Ok(CloudPhoneServerModels {
        request_id: context.request_text(),
        server_models,
        page_info: PageInfo { next_marker },
    })
}
