//! New properties without a restart: set at once where the phone runs and the key allows it, otherwise they
//! take effect when it next boots.

use super::Context;
use model::code::Refusal;
use model::phone::Phone;
use model::phone_state::PhoneStatus;
use runtime::Want;
use store::Claimed;

pub(super) async fn run(context: &Context, job: &Claimed, phone: &Phone) -> Result<(), Refusal> {
    if phone.status != PhoneStatus::Running {
        return Ok(());
    }
    let spec = context.specs.phone(phone, job.epoch, true).await?;
    let properties =
        job.spec.property.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    context.apply(&spec, &Want::Live { properties }).await
}
