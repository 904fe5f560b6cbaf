//! Error bodies: CPH's own and those of IAM (`contract/README.md`, "Error body" and "IAM subset").

use model::code::Refusal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which body an operation's refusals have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorForm {
    /// [`ErrorBody`].
    Cph,
    /// [`IamErrorBody`].
    Iam,
}

/// The body of a refusal. Clients need all three fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorBody {
    /// The request's id, as in the header `X-Request-Id`.
    pub request_id: String,
    /// A code of the error catalogue, for example `CPS.0005`.
    pub error_code: String,
    /// What is wrong.
    pub error_msg: String,
}

impl ErrorBody {
    /// The body of a refusal.
    pub fn new(request_id: &str, refusal: &Refusal) -> Self {
        Self {
            request_id: request_id.into(),
            error_code: refusal.code.text().into(),
            error_msg: refusal.message.to_string(),
        }
    }
}

/// The body of a refusal of an IAM operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IamErrorBody {
    /// The error.
    pub error: IamError,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IamError {
    /// The HTTP status.
    pub code: u16,
    /// What is wrong.
    pub message: String,
    /// The HTTP status in words.
    pub title: String,
}

impl IamErrorBody {
    /// The body of a refusal.
    pub fn new(refusal: &Refusal) -> Self {
        let code = refusal.http();
        let message = refusal.message.to_string();
        Self { error: IamError { code, message, title: title(code).into() } }
    }
}

/// The HTTP statuses of the error catalogue in words.
pub(crate) fn title(http: u16) -> &'static str {
    match http {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        414 => "URI Too Long",
        429 => "Too Many Requests",
        494 => "Request Header Too Large",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Error",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use model::code::{self, Code};

    #[test]
    fn bodies() {
        let refusal = Refusal::new(code::PHONE_NOT_FOUND);
        assert_eq!(
            serde_json::to_string(&ErrorBody::new("r", &refusal)).unwrap(),
            r#"{"request_id":"r","error_code":"CPS.0005","error_msg":"Phone is not found."}"#
        );
        let refusal = Refusal::unauthenticated("x-auth-token not found");
        assert_eq!(
            serde_json::to_string(&IamErrorBody::new(&refusal)).unwrap(),
            r#"{"error":{"code":401,"message":"Incorrect IAM authentication information: x-auth-token not found","title":"Unauthorized"}}"#
        );
    }

    #[test]
    fn every_status_of_the_catalogue_has_a_title() {
        for code in Code::ALL {
            assert_ne!(title(code.http()), "Error", "{code}");
        }
        assert_ne!(title(Refusal::busy(1).http()), "Error");
    }
}
