//! Reset: the user data is wiped, then the phone boots as after a restart.

use super::{Context, phone_restart};
use model::code::Refusal;
use model::phone::Phone;
use store::Claimed;

pub(super) async fn run(context: &Context, job: &Claimed, phone: &Phone) -> Result<(), Refusal> {
    let before = if job.spec.factory_reset { "{}" } else { &phone.property };
    phone_restart::boot(context, job, phone, before, true).await
}
