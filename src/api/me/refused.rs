//! Why an agent's command was not carried out.

use axum::http::StatusCode;
use carillon_acd::CommandRefused;

use crate::api::Problem;

pub(in crate::api) fn refused(refused: CommandRefused) -> Problem {
    let code = match refused {
        CommandRefused::NotLoggedIn => "not_logged_in",
        CommandRefused::NotPaused => "not_paused",
        CommandRefused::NotInQueue => "not_in_queue",
        CommandRefused::NotInWrapUp => "not_in_wrapup",
        CommandRefused::NoSuchOffer => "no_such_offer",
    };
    // What is another's is no different from what is not there.
    let status = if refused == CommandRefused::NoSuchOffer { StatusCode::NOT_FOUND } else { StatusCode::CONFLICT };
    Problem::new(status, code, refused.to_string())
}
