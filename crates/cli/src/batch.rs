//! Carries an order for any number of phones to the service, in requests as large as it allows.

use crate::failure::{Failure, Kind};
use crate::follow::Followed;
use crate::http::{Call, Patience, Trouble};
use crate::outcome::{Answered, Outcome};
use crate::select::Chosen;
use crate::session::Session;
use serde_json::{Value, json};
use std::ops::Range;
use std::time::{Duration, Instant};
use wire::phone_batch::{
    PhoneJobs, PhoneProperty, PropertyToUpdate, ResetCloudPhoneBody, ResetPhoneProperty,
    RestartCloudPhoneBody, StopCloudPhoneBody, UpdateCloudPhonePropertyBody,
};

/// Phones in one request, until the service says that it takes fewer.
const PHONES_PER_REQUEST: usize = 1000;
/// The service says so with this code.
const TOO_MANY: &str = "CPS.0190";
/// How long a broken request is sent again. With its client token it is carried out once.
const AWAY: Duration = Duration::from_secs(30);

/// What is to be done with phones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Restart or power on.
    Restart,
    /// Power off.
    Stop,
    /// Wipe and boot; also forget all properties.
    Reset {
        /// Forget the stored properties too.
        forget: bool,
    },
    /// Set properties.
    Property,
}

impl Act {
    /// The verb.
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::Stop => "stop",
            Self::Reset { .. } => "reset",
            Self::Property => "property set",
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Restart => "batch-restart",
            Self::Stop => "batch-stop",
            Self::Reset { .. } => "batch-reset",
            Self::Property => "batch-update-property",
        }
    }
}

/// An order.
#[derive(Debug, Clone)]
pub struct Order {
    /// What is to be done.
    pub act: Act,
    /// A new image.
    pub image_id: Option<String>,
    /// Properties to set: a JSON object in a string.
    pub property: Option<String>,
}

/// The body of a request for some of the phones.
fn body(order: &Order, phones: &[Chosen]) -> Value {
    let ids = phones.iter().map(|phone| phone.id.clone());
    let (image_id, property) = (order.image_id.clone(), order.property.clone());
    match order.act {
        Act::Restart => {
            let phones = ids.map(|phone_id| PhoneProperty { phone_id, property: property.clone() });
            json!(RestartCloudPhoneBody { image_id, phones: phones.collect() })
        }
        Act::Reset { forget } => {
            let phones = ids.map(|phone_id| ResetPhoneProperty {
                phone_id,
                property: property.clone(),
                factory_reset_enabled: forget.then_some(true),
            });
            json!(ResetCloudPhoneBody { image_id, phones: phones.collect() })
        }
        Act::Stop => json!(StopCloudPhoneBody { phone_ids: ids.collect() }),
        Act::Property => {
            let property = property.unwrap_or_default();
            let phones = ids.map(|phone_id| PropertyToUpdate {
                phone_id,
                property: property.clone(),
                custom_property: None,
            });
            json!(UpdateCloudPhonePropertyBody { phones: phones.collect() })
        }
    }
}

/// Which phones go into which request.
#[derive(Debug)]
struct Split {
    total: usize,
    sent: usize,
    size: usize,
}

impl Split {
    fn new(total: usize) -> Self {
        Self { total, sent: 0, size: PHONES_PER_REQUEST }
    }

    /// The next request's phones; none when all are sent.
    fn next(&self) -> Option<Range<usize>> {
        let end = self.total.min(self.sent + self.size);
        (self.sent < end).then_some(self.sent..end)
    }

    fn accepted(&mut self, range: &Range<usize>) {
        self.sent = range.end;
    }

    /// The service takes fewer: half as many from now on. False when there is no half.
    fn halve(&mut self, range: &Range<usize>) -> bool {
        let half = range.len() / 2;
        self.size = half.max(1);
        half > 0
    }
}

/// Sends an order. Each request carries a client token, so sending it again after a broken connection does
/// nothing twice. A request that fails ends the order; what was accepted before stays in the outcome.
///
/// # Errors
/// The first request failed, so nothing was accepted.
pub async fn send(
    session: &Session,
    order: &Order,
    phones: &[Chosen],
    deadline: Instant,
    followed: &Followed,
) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::default();
    let mut split = Split::new(phones.len());
    while let Some(range) = split.next() {
        let call = Call {
            method: "POST",
            path: session.path(&["phones", order.act.path()]),
            query: vec![],
            body: Some(body(order, phones.get(range.clone()).unwrap_or_default())),
            client_token: Some(client_token()?),
            repeatable: true,
        };
        let patience = Patience { away: deadline.min(Instant::now() + AWAY), busy: deadline };
        followed.sending(true);
        let answer = match session.send(&call, patience).await {
            Ok(answer) => answer.json::<PhoneJobs>(),
            Err(trouble) => Err(trouble),
        };
        followed.sending(false);
        match answer {
            Ok(answer) => {
                let answered = Answered::phones(&answer);
                if answered.accepted() > 0 {
                    followed.add(&answered.request_id);
                }
                outcome.answers.push(answered);
                split.accepted(&range);
            }
            Err(Trouble::Refused(refused)) if refused.code == TOO_MANY && split.halve(&range) => {}
            Err(trouble) if outcome.answers.is_empty() => return Err(explain(trouble, deadline)),
            Err(trouble) => {
                outcome.unsent = phones.len() - range.start;
                outcome.failure = Some(explain(trouble, deadline));
                break;
            }
        }
    }
    Ok(outcome)
}

/// A request without an answer may still have been accepted.
fn explain(trouble: Trouble, deadline: Instant) -> Failure {
    let unknown = matches!(trouble, Trouble::Away(_));
    let mut failure = Failure::from(trouble);
    if failure.kind == Kind::Unreachable && Instant::now() >= deadline {
        failure = Failure { kind: Kind::TimedOut, message: format!("time is up: {failure}") };
    }
    if unknown {
        failure.message.push_str("; if the last request arrived, its phones show it: phoneyard phones list");
    }
    failure
}

/// A token that no other request has.
fn client_token() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|e| Failure::usage(format!("no random numbers from the system: {e}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn chosen(count: usize) -> Vec<Chosen> {
        (0..count).map(|number| Chosen::nameless(&number.to_string())).collect()
    }

    /// The requests' sizes when the service takes `most` phones.
    fn sizes(total: usize, most: usize) -> Option<Vec<usize>> {
        let mut split = Split::new(total);
        let mut sizes = Vec::new();
        while let Some(range) = split.next() {
            if range.len() > most {
                if !split.halve(&range) {
                    return None;
                }
            } else {
                sizes.push(range.len());
                split.accepted(&range);
            }
        }
        Some(sizes)
    }

    #[test]
    fn any_number_of_phones_is_split_into_requests() {
        assert_eq!(sizes(0, 1000).unwrap(), [0; 0]);
        assert_eq!(sizes(1000, 1000).unwrap(), [1000]);
        assert_eq!(sizes(2500, 1000).unwrap(), [1000, 1000, 500]);
    }

    #[test]
    fn a_service_that_takes_fewer_gets_halves() {
        assert_eq!(sizes(1001, 300).unwrap(), [250, 250, 250, 250, 1]);
        assert_eq!(sizes(5, 1).unwrap(), [1; 5]);
        assert_eq!(sizes(5, 0), None);
    }

    #[test]
    fn no_phone_is_sent_twice_or_forgotten() {
        for most in 1..20 {
            assert_eq!(sizes(2345, most).unwrap().iter().sum::<usize>(), 2345, "{most}");
        }
    }

    #[test]
    fn bodies_are_the_wires() {
        let order =
            |act, property: Option<&str>| Order { act, image_id: None, property: property.map(Into::into) };
        let body = |order: &Order| super::body(order, &chosen(1)).to_string();
        assert_eq!(body(&order(Act::Restart, None)), r#"{"phones":[{"phone_id":"0"}]}"#);
        assert_eq!(body(&order(Act::Stop, None)), r#"{"phone_ids":["0"]}"#);
        assert_eq!(
            body(&order(Act::Reset { forget: true }, None)),
            r#"{"phones":[{"phone_id":"0","factory_reset_enabled":true}]}"#
        );
        assert_eq!(
            body(&order(Act::Property, Some("{}"))),
            r#"{"phones":[{"phone_id":"0","property":"{}"}]}"#
        );
        let with_image = Order { image_id: Some("i".into()), ..order(Act::Restart, Some("{}")) };
        assert_eq!(body(&with_image), r#"{"image_id":"i","phones":[{"phone_id":"0","property":"{}"}]}"#);
    }

    #[test]
    fn client_tokens_differ() {
        assert_ne!(client_token().unwrap(), client_token().unwrap());
        assert_eq!(client_token().unwrap().len(), 32);
    }
}
