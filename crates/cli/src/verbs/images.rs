//! `phoneyard images`.

use crate::api;
use crate::arguments::ImagesVerb;
use crate::context::Context;
use crate::failure::Failure;
use crate::out::Row;
use crate::table::Column;

const COLUMNS: [Column; 5] = [
    Column { name: "IMAGE ID", spare: 0 },
    Column { name: "NAME", spare: 1 },
    Column { name: "SYSTEM", spare: 2 },
    Column { name: "LABEL", spare: 4 },
    Column { name: "OWNER", spare: 3 },
];

/// Runs `phoneyard images`.
///
/// # Errors
/// The service refuses or is not reached.
pub async fn run(verb: ImagesVerb) -> Result<u8, Failure> {
    let ImagesVerb::List { common } = verb;
    let context = Context::open(&common).await?;
    let images = api::images(&context.session).await?;
    context.out.list(&COLUMNS, &images, |image| {
        let owner = if image.is_public == 1 { "public" } else { "private" };
        let cells = [&image.image_id, &image.image_name, &image.os_name, &image.image_label, owner];
        Row { id: image.image_id.clone(), cells: cells.map(|cell| cell.to_string()).to_vec(), alarm: false }
    })?;
    Ok(0)
}
