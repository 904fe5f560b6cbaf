//! Power off.

use super::Context;
use model::code::Refusal;
use model::phone::Phone;
use runtime::Want;
use store::Claimed;

pub(super) async fn run(context: &Context, job: &Claimed, phone: &Phone) -> Result<(), Refusal> {
    let spec = context.specs.phone(phone, job.epoch, true).await?;
    context.apply(&spec, &Want::Stopped).await
}
