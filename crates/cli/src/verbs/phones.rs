//! `phoneyard phones`.

use crate::api::{self, PhoneFilter};
use crate::arguments::PhonesVerb;
use crate::context::Context;
use crate::failure::Failure;
use crate::out::{Row, Shape};
use crate::status;
use crate::table::Column;
use wire::phone::Phone;

const COLUMNS: [Column; 5] = [
    Column { name: "PHONE ID", spare: 0 },
    Column { name: "NAME", spare: 1 },
    Column { name: "STATUS", spare: 2 },
    Column { name: "IMAGE", spare: 3 },
    Column { name: "SERVER ID", spare: 4 },
];

/// Runs `phoneyard phones`.
///
/// # Errors
/// The service refuses or is not reached.
pub async fn run(verb: PhonesVerb) -> Result<u8, Failure> {
    match verb {
        PhonesVerb::List { server, status, name, common } => {
            let context = Context::open(&common).await?;
            let server_id = match server {
                Some(server) => Some(context.server(&server).await?.id),
                None => None,
            };
            let phones = api::phones(&context.session, &PhoneFilter { server_id, status, name }).await?;
            context.out.list(&COLUMNS, &phones, row)?;
        }
        PhonesVerb::Show { phone, common } => {
            let context = Context::open(&common).await?;
            let chosen = context.phone(&phone).await?;
            let detail = api::phone(&context.session, &chosen.id).await?;
            context.out.show(&detail, &detail.phone_id)?;
        }
        PhonesVerb::Rename { phone, name, common } => {
            let context = Context::open(&common).await?;
            let chosen = context.phone(&phone).await?;
            let answer = api::rename(&context.session, &chosen.id, &name).await?;
            match context.out.shape {
                Shape::Json => context.out.line(&answer.to_string())?,
                Shape::Human => context.out.line(&format!("{} is now called {name}", chosen.id))?,
                Shape::Quiet => {}
            }
        }
    }
    Ok(0)
}

fn row(phone: &Phone) -> Row {
    let Phone { phone_id, phone_name, image_version, server_id, .. } = phone;
    let cells = [phone_id, phone_name, &status::phone(phone.status), image_version, server_id];
    Row { id: phone_id.clone(), cells: cells.map(String::clone).to_vec(), alarm: phone.status < 0 }
}
