//! What a failure of an outgoing call means.

use crate::EndCause;

/// The meaning of a final status of 300 or more (RFC 3261 section 21).
pub(crate) fn cause_of(status: u16) -> EndCause {
    match status {
        300..=399 => EndCause::Redirected,
        401 | 403 | 407 => EndCause::Forbidden,
        404 | 410 | 484 | 604 => EndCause::NumberUnknown,
        408 | 480 | 487 => EndCause::NoAnswer,
        415 | 488 | 606 => EndCause::MediaNotAcceptable,
        486 | 600 => EndCause::Busy,
        601..=699 => EndCause::Rejected,
        _ => EndCause::Unreachable,
    }
}

/// Of the answers of several devices, which one speaks for the phone: what a person decided before what a device lacks,
/// and silence last. The higher counts.
pub(crate) fn weight(cause: EndCause) -> u8 {
    match cause {
        EndCause::Rejected => 6,
        EndCause::Busy => 5,
        EndCause::NoAnswer => 4,
        EndCause::Redirected => 3,
        EndCause::MediaNotAcceptable | EndCause::Forbidden | EndCause::NumberUnknown => 2,
        EndCause::Unreachable => 1,
        EndCause::HungUp
        | EndCause::Cancelled
        | EndCause::AnsweredElsewhere
        | EndCause::PeerLost
        | EndCause::SessionExpired
        | EndCause::ProtocolError => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_means_what_the_call_is_told() {
        let meanings = [
            (EndCause::Busy, &[486, 600][..]),
            (EndCause::NoAnswer, &[480, 408]),
            (EndCause::Rejected, &[603, 607]),
            (EndCause::Unreachable, &[500, 502, 503, 504, 430, 481, 483]),
            (EndCause::Redirected, &[300, 301, 302, 305]),
            (EndCause::MediaNotAcceptable, &[488, 606, 415]),
            (EndCause::Forbidden, &[401, 403, 407]),
            (EndCause::NumberUnknown, &[404, 484, 604]),
        ];
        for (cause, statuses) in meanings {
            assert!(statuses.iter().all(|status| cause_of(*status) == cause), "{cause:?}");
        }
    }
}
