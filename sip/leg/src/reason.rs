//! The Reason header (RFC 3326) and the status that go with an ending.

use crate::{EndCause, HangUpCause, outcome::cause_of};

/// A 200 that crossed our CANCEL, or a second device that answered.
pub(crate) const COMPLETED_ELSEWHERE: &str = r#"SIP;cause=200;text="Call completed elsewhere""#;
/// A 200 that came after the application had hung up.
pub(crate) const CANCELLED: &str = r#"SIP;cause=487;text="Request terminated""#;
/// An answer whose SDP cannot be used.
pub(crate) const NOT_ACCEPTABLE: &str = r#"SIP;cause=488;text="Not acceptable here""#;
/// A request in the dialog that has no answer, or one that says there is no such dialog.
pub(crate) const PEER_LOST: &str = r#"SIP;cause=408;text="No answer in the dialog""#;
/// Whose turn it was to refresh the session did not (RFC 4028 10).
pub(crate) const SESSION_EXPIRED: &str = r#"SIP;cause=408;text="Session timer expired""#;
/// A 2xx of ours that was never acknowledged.
pub(crate) const NO_ACK: &str = r#"SIP;cause=408;text="No ACK""#;

impl HangUpCause {
    /// The value of the Reason header.
    pub(crate) fn header(&self) -> String {
        match self {
            HangUpCause::Normal => r#"Q.850;cause=16;text="Normal call clearing""#.to_owned(),
            HangUpCause::AnsweredElsewhere => COMPLETED_ELSEWHERE.to_owned(),
            HangUpCause::Status { status, text } => {
                let text: String = text.chars().filter(|c| !c.is_control() && !matches!(c, '"' | '\\')).take(128).collect();
                format!("SIP;cause={status};text=\"{text}\"")
            }
        }
    }

    /// What an incoming leg is refused with that was not answered yet.
    pub(crate) fn refusal(&self) -> u16 {
        match self {
            HangUpCause::Normal => 480,
            HangUpCause::AnsweredElsewhere => 486,
            HangUpCause::Status { status, .. } => (*status).clamp(300, 699),
        }
    }

    /// How the leg ended before it was answered.
    pub(crate) fn unanswered(&self) -> EndCause {
        match self {
            HangUpCause::Normal => EndCause::Cancelled,
            HangUpCause::AnsweredElsewhere => EndCause::AnsweredElsewhere,
            HangUpCause::Status { status: 300..=699, .. } => cause_of(self.refusal()),
            HangUpCause::Status { .. } => EndCause::Cancelled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_breaks_the_header() {
        let cause = HangUpCause::Status { status: 480, text: "gone\"\r\nVia: x\\".to_owned() };
        assert_eq!(cause.header(), r#"SIP;cause=480;text="goneVia: x""#);
    }
}
