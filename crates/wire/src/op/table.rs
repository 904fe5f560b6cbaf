//! The rows of the table.

use super::{Access, Method, Op, OpInfo, Tag};
use crate::iam::{AuthCatalog, AuthDomains, CreateToken, ListProjects, Projects, TokenReply};
use crate::image::{CloudPhoneImages, ListCloudPhoneImages};
use crate::job::{JobDetail, Jobs, ListJobs, ShowJob};
use crate::phone::{CloudPhoneDetail, CloudPhones, Done};
use crate::phone::{ListCloudPhones, ShowCloudPhoneDetail, UpdatePhoneName};
use crate::phone_batch::{PhoneJobs, ResetCloudPhone, RestartCloudPhone};
use crate::phone_batch::{StopCloudPhone, UpdateCloudPhoneProperty};
use crate::phone_model::{CloudPhoneModels, ListCloudPhoneModels};
use crate::request::Nothing;
use crate::server::{CloudPhoneServerDetail, CloudPhoneServers, ServerJobs};
use crate::server::{ListCloudPhoneServers, RestartCloudPhoneServer, ShowCloudPhoneServerDetail};
use crate::server_model::{CloudPhoneServerModels, ListCloudPhoneServerModels};
use crate::version::Versions;

/// Every operation, in the order of the OpenAPI document.
pub const OPERATIONS: &[OpInfo] = &[
    LIST_CLOUD_PHONES.info,
    SHOW_CLOUD_PHONE_DETAIL.info,
    UPDATE_PHONE_NAME.info,
    RESTART_CLOUD_PHONE.info,
    RESET_CLOUD_PHONE.info,
    STOP_CLOUD_PHONE.info,
    UPDATE_CLOUD_PHONE_PROPERTY.info,
    SHOW_JOB.info,
    LIST_JOBS.info,
    LIST_CLOUD_PHONE_SERVERS.info,
    SHOW_CLOUD_PHONE_SERVER_DETAIL.info,
    RESTART_CLOUD_PHONE_SERVER.info,
    LIST_CLOUD_PHONE_IMAGES.info,
    LIST_CLOUD_PHONE_MODELS.info,
    LIST_CLOUD_PHONE_SERVER_MODELS.info,
    CREATE_TOKEN.info,
    VALIDATE_TOKEN.info,
    LIST_PROJECTS.info,
    LIST_AUTH_DOMAINS.info,
    LIST_AUTH_CATALOG.info,
    LIST_VERSIONS.info,
    SHOW_VERSION.info,
];

/// Lists phones.
pub const LIST_CLOUD_PHONES: Op<ListCloudPhones, CloudPhones> = Op::cph(
    "ListCloudPhones",
    Method::Get,
    "/v1/{project_id}/cloud-phone/phones",
    "cph:phones:list",
    Tag::Phones,
    "List phones, newest first",
);

/// Shows a phone.
pub const SHOW_CLOUD_PHONE_DETAIL: Op<ShowCloudPhoneDetail, CloudPhoneDetail> = Op::cph(
    "ShowCloudPhoneDetail",
    Method::Get,
    "/v1/{project_id}/cloud-phone/phones/{phone_id}",
    "cph:phones:get",
    Tag::Phones,
    "Show a phone with its properties and ports",
);

/// Renames a phone.
pub const UPDATE_PHONE_NAME: Op<UpdatePhoneName, Done> = Op::cph(
    "UpdatePhoneName",
    Method::Put,
    "/v1/{project_id}/cloud-phone/phones/{phone_id}",
    "cph:phones:updateName",
    Tag::Phones,
    "Rename a phone",
);

/// Restarts phones.
pub const RESTART_CLOUD_PHONE: Op<RestartCloudPhone, PhoneJobs> = Op::cph(
    "RestartCloudPhone",
    Method::Post,
    "/v1/{project_id}/cloud-phone/phones/batch-restart",
    "cph:phones:restart",
    Tag::Phones,
    "Restart running phones and power on stopped ones, with a new image or properties if asked for",
);

/// Resets phones.
pub const RESET_CLOUD_PHONE: Op<ResetCloudPhone, PhoneJobs> = Op::cph(
    "ResetCloudPhone",
    Method::Post,
    "/v1/{project_id}/cloud-phone/phones/batch-reset",
    "cph:phones:reset",
    Tag::Phones,
    "Wipe the user data of phones and boot them",
);

/// Stops phones.
pub const STOP_CLOUD_PHONE: Op<StopCloudPhone, PhoneJobs> = Op::cph(
    "StopCloudPhone",
    Method::Post,
    "/v1/{project_id}/cloud-phone/phones/batch-stop",
    "cph:phones:stop",
    Tag::Phones,
    "Power phones off",
);

/// Changes the properties of phones.
pub const UPDATE_CLOUD_PHONE_PROPERTY: Op<UpdateCloudPhoneProperty, PhoneJobs> = Op::cph(
    "UpdateCloudPhoneProperty",
    Method::Post,
    "/v1/{project_id}/cloud-phone/phones/batch-update-property",
    "cph:phones:updateProperty",
    Tag::Phones,
    "Change the properties of phones; some keys take effect at the next restart",
);

/// Shows a job.
pub const SHOW_JOB: Op<ShowJob, JobDetail> = Op::cph(
    "ShowJob",
    Method::Get,
    "/v1/{project_id}/cloud-phone/jobs/{job_id}",
    "cph:jobs:get",
    Tag::Jobs,
    "Show a job",
);

/// Lists the jobs of requests.
pub const LIST_JOBS: Op<ListJobs, Jobs> = Op::cph(
    "ListJobs",
    Method::Get,
    "/v1/{project_id}/cloud-phone/jobs",
    "cph:jobs:list",
    Tag::Jobs,
    "List the jobs of requests, running ones first",
);

/// Lists servers.
pub const LIST_CLOUD_PHONE_SERVERS: Op<ListCloudPhoneServers, CloudPhoneServers> = Op::cph(
    "ListCloudPhoneServers",
    Method::Get,
    "/v1/{project_id}/cloud-phone/servers",
    "cph:servers:list",
    Tag::Servers,
    "List servers, newest first",
);

/// Shows a server.
pub const SHOW_CLOUD_PHONE_SERVER_DETAIL: Op<ShowCloudPhoneServerDetail, CloudPhoneServerDetail> = Op::cph(
    "ShowCloudPhoneServerDetail",
    Method::Get,
    "/v1/{project_id}/cloud-phone/servers/{server_id}",
    "cph:servers:get",
    Tag::Servers,
    "Show a server",
);

/// Restarts servers.
pub const RESTART_CLOUD_PHONE_SERVER: Op<RestartCloudPhoneServer, ServerJobs> = Op::cph(
    "RestartCloudPhoneServer",
    Method::Post,
    "/v1/{project_id}/cloud-phone/servers/batch-restart",
    "cph:servers:restart",
    Tag::Servers,
    "Restart servers with the phones that run on them",
);

/// Lists images.
pub const LIST_CLOUD_PHONE_IMAGES: Op<ListCloudPhoneImages, CloudPhoneImages> = Op::cph(
    "ListCloudPhoneImages",
    Method::Get,
    "/v1/{project_id}/cloud-phone/phone-images",
    "cph:phoneImages:list",
    Tag::Images,
    "List the images that the project can see",
);

/// Lists phone models.
pub const LIST_CLOUD_PHONE_MODELS: Op<ListCloudPhoneModels, CloudPhoneModels> = Op::cph(
    "ListCloudPhoneModels",
    Method::Get,
    "/v1/{project_id}/cloud-phone/phone-models",
    "cph:phoneModels:list",
    Tag::Models,
    "List phone models",
);

/// Lists server models.
pub const LIST_CLOUD_PHONE_SERVER_MODELS: Op<ListCloudPhoneServerModels, CloudPhoneServerModels> = Op::cph(
    "ListCloudPhoneServerModels",
    Method::Get,
    "/v1/{project_id}/cloud-phone/server-models",
    "cph:serverModels:list",
    Tag::Models,
    "List server models",
);

/// Makes a token.
pub const CREATE_TOKEN: Op<CreateToken, TokenReply> = Op::iam(
    "CreateToken",
    Method::Post,
    "/v3/auth/tokens",
    Access::Open,
    201,
    "Log in; the token is in the header X-Subject-Token",
);

/// Shows what a token is good for.
pub const VALIDATE_TOKEN: Op<Nothing, TokenReply> = Op::iam(
    "ValidateToken",
    Method::Get,
    "/v3/auth/tokens",
    Access::Login,
    200,
    "Show what the token in the header X-Subject-Token is good for",
);

/// Lists projects.
pub const LIST_PROJECTS: Op<ListProjects, Projects> =
    Op::iam("ListProjects", Method::Get, "/v3/projects", Access::Login, 200, "List one's projects");

/// Lists domains.
pub const LIST_AUTH_DOMAINS: Op<Nothing, AuthDomains> =
    Op::iam("ListAuthDomains", Method::Get, "/v3/auth/domains", Access::Login, 200, "List one's domains");

/// Lists the services.
pub const LIST_AUTH_CATALOG: Op<Nothing, AuthCatalog> =
    Op::iam("ListAuthCatalog", Method::Get, "/v3/auth/catalog", Access::Login, 200, "List the services");

/// Lists IAM's versions.
pub const LIST_VERSIONS: Op<Nothing, Versions> =
    Op::iam("ListVersions", Method::Get, "/", Access::Open, 300, "List the versions of IAM");

/// Shows IAM's version.
pub const SHOW_VERSION: Op<Nothing, Versions> =
    Op::iam("ShowVersion", Method::Get, "/v3", Access::Open, 200, "Show the version of IAM");
