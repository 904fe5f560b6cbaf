//! Restart or power on: the phone boots with the wanted image and properties, and that is proven.

use super::Context;
use crate::specs::properties;
use model::code::Refusal;
use model::phone::Phone;
use model::property;
use runtime::{Generation, Want};
use store::Claimed;

pub(super) async fn run(context: &Context, job: &Claimed, phone: &Phone) -> Result<(), Refusal> {
    boot(context, job, phone, &phone.property, false).await
}

/// Boots the phone with the job's image, and the job's properties merged over `before`.
pub(super) async fn boot(
    context: &Context,
    job: &Claimed,
    phone: &Phone,
    before: &str,
    wipe: bool,
) -> Result<(), Refusal> {
    let spec = context.specs.phone(phone, job.epoch, !job.spec.was_off).await?;
    let image = match &job.spec.image_id {
        Some(image_id) => context.specs.image(image_id).await?,
        None => spec.was.image.clone(),
    };
    // The very merge that the job's end stores: what it refuses is refused before the phone is touched.
    let wanted = properties(&property::merge(before, &job.spec.property)?)?;
    let generation = Generation { image, properties: wanted };
    context.apply(&spec, &Want::Running { generation, wipe }).await
}
