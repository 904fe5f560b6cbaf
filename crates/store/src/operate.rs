//! What operators put in: servers with their phones.

use crate::Store;
use crate::db::args;
use crate::error::StoreError;
use crate::phones::PHONES_INSERT;
use crate::servers::SERVER_INSERT;
use model::id::{ImageId, PhoneId, ProjectId, ServerId};
use model::server::Server;
use model::server_state::ServerStatus;

/// Phones inserted by one statement.
const PHONES_PER_INSERT: usize = 10_000;

/// A server that an operator declares.
#[derive(Debug, Clone)]
pub struct NewServer {
    /// Whose it is.
    pub project_id: ProjectId,
    /// Its name; phones are named after it with a number.
    pub name: String,
    /// Name of its server model.
    pub server_model: String,
    /// Name of its phones' model.
    pub phone_model: String,
    /// The image that its phones start with.
    pub image_id: ImageId,
    /// How many phones it gets.
    pub phones: usize,
}

impl Store {
    /// Stores a server and its phones, all running, in one commit.
    ///
    /// # Errors
    /// What the database says.
    pub async fn server_create(&self, new: &NewServer) -> Result<(Server, Vec<PhoneId>), StoreError> {
        let now_ms = self.clock.now_ms();
        let id = ServerId::generate();
        let project_id = new.project_id.as_str();
        let mut tx = self.db.begin().await?;
        let server = args![
            id.as_str(),
            project_id,
            new.name.as_str(),
            new.server_model.as_str(),
            new.phone_model.as_str(),
            now_ms
        ];
        tx.run(SERVER_INSERT, server).await?;
        let phones: Vec<(PhoneId, String, usize)> =
            (1..=new.phones).map(|n| (PhoneId::generate(), format!("{}-{n:05}", new.name), n)).collect();
        for chunk in phones.chunks(PHONES_PER_INSERT) {
            let image_id = new.image_id.as_str();
            let rows = crate::json(&chunk);
            let phones = args![rows, project_id, id.as_str(), new.phone_model.as_str(), image_id, now_ms];
            tx.run(PHONES_INSERT, phones).await?;
        }
        tx.commit().await?;
        let server = Server {
            id,
            project_id: new.project_id.clone(),
            name: new.name.clone(),
            server_model: new.server_model.clone(),
            phone_model: new.phone_model.clone(),
            status: ServerStatus::Normal,
            create_ms: now_ms,
            update_ms: now_ms,
        };
        Ok((server, phones.into_iter().map(|(id, ..)| id).collect()))
    }
}
