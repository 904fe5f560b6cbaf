//! The numbers of phones, servers and jobs in words.

use model::server_state::ServerStatus;

/// A phone's statuses (`contract/statuses.md`).
const PHONE: [(i64, &str); 13] = [
    (0, "creating"),
    (1, "creating"),
    (2, "running"),
    (3, "resetting"),
    (4, "restarting"),
    (6, "frozen"),
    (7, "stopping"),
    (8, "stopped"),
    (-5, "reset-failed"),
    (-6, "restart-failed"),
    (-7, "abnormal"),
    (-8, "creation-failed"),
    (-9, "stop-failed"),
];

/// A phone's status for people: `2 running`.
pub fn phone(number: i64) -> String {
    words(number, PHONE.iter().find(|(known, _)| *known == number).map(|(_, word)| *word))
}

/// A server's status for people: `5 normal`.
pub fn server(number: i64) -> String {
    let word = ServerStatus::from_number(number).map(|status| match status {
        ServerStatus::Creating => "creating",
        ServerStatus::Abnormal => "abnormal",
        ServerStatus::Normal => "normal",
        ServerStatus::Frozen => "frozen",
        ServerStatus::Off => "off",
        ServerStatus::ShuttingDown => "shutting-down",
        ServerStatus::ShutdownFailed => "shutdown-failed",
        ServerStatus::Starting => "starting",
    });
    words(number, word)
}

/// A job's status for people: `2 succeeded`.
pub fn job(number: i64) -> String {
    let word = match number {
        1 => Some("running"),
        2 => Some("succeeded"),
        -1 => Some("failed"),
        _ => None,
    };
    words(number, word)
}

fn words(number: i64, word: Option<&str>) -> String {
    word.map_or_else(|| number.to_string(), |word| format!("{number} {word}"))
}

/// Reads a phone's status from a number or a word.
///
/// # Errors
/// The words that there are.
pub fn parse_phone(text: &str) -> Result<i64, String> {
    let by_word = PHONE.iter().rev().find(|(_, word)| *word == text).map(|(number, _)| *number);
    by_word.or_else(|| text.parse().ok()).ok_or_else(|| {
        let mut known: Vec<&str> = PHONE.iter().map(|(_, word)| *word).collect();
        known.dedup();
        format!("give a number or one of: {}", known.join(", "))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_a_number_or_a_word() {
        assert_eq!(parse_phone("2"), Ok(2));
        assert_eq!(parse_phone("-6"), Ok(-6));
        assert_eq!(parse_phone("restart-failed"), Ok(-6));
        assert!(parse_phone("up").unwrap_err().contains("creating, running, resetting"));
    }

    #[test]
    fn every_status_of_the_model_has_a_word() {
        for status in model::phone_state::PhoneStatus::ALL {
            assert!(phone(status.number()).contains(' '), "{status:?}");
        }
        assert_eq!([phone(99), server(5), job(-1)], ["99", "5 normal", "-1 failed"]);
    }
}
