//! `GET /calls/{id}/sip` and `GET /calls/{id}/sip.pcap`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::header,
    response::{IntoResponse, Response},
};
use carillon_model::{CallId, LegId};
use carillon_store::{
    call,
    sip_message::{self, SipMessage},
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{Api, Problem, SignedIn},
    ladder::pcap,
};

/// The SIP messages of a call, in their order.
#[derive(Serialize, ToSchema)]
pub struct SipLadder {
    /// At most 2,000. Empty where none were kept, or not any more.
    items: Vec<SipLadderMessage>,
}

/// One SIP message of a call.
#[derive(Serialize, ToSchema)]
pub struct SipLadderMessage {
    /// When it went by.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The leg it belongs to.
    #[schema(value_type = String)]
    leg: LegId,
    /// Whether this server sent it; else it was received.
    sent: bool,
    /// `udp`, `tcp` and so on.
    transport: String,
    /// This server's address and port.
    local: String,
    /// The peer's address and port.
    remote: String,
    /// What it is in a word: the method of a request, status and phrase of a response.
    title: String,
    /// The whole message. Proofs of passwords, keys of media, digits pressed and the text of messages are not shown.
    message: String,
}

impl SipLadderMessage {
    fn of(row: SipMessage) -> Self {
        let start = row.message.lines().next().unwrap_or_default();
        let title = match start.strip_prefix("SIP/2.0 ") {
            Some(status) => status.to_owned(),
            None => start.split(' ').next().unwrap_or_default().to_owned(),
        };
        let SipMessage { at, leg, sent, transport, local, remote, message, .. } = row;
        Self { at, leg, sent, transport, local, remote, title, message }
    }
}

/// Every SIP message of a call, as long as it is kept. For supervisors and administrators.
#[utoipa::path(
    get,
    path = "/calls/{id}/sip",
    operation_id = "read_call_sip",
    tag = "calls",
    params(("id" = String, Path, description = "Id of the call.")),
    responses(
        (status = 200, description = "The messages.", body = SipLadder),
        (status = 403, description = "Not for agents.", body = Problem),
        (status = 404, description = "No such call.", body = Problem),
    )
)]
pub(in crate::api) async fn sip(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<Json<SipLadder>, Problem> {
    let items = messages(&api, &signed_in, CallId::new(id?.0)).await?;
    Ok(Json(SipLadder { items: items.into_iter().map(SipLadderMessage::of).collect() }))
}

/// The same as a capture file for Wireshark and its kin: each message as a UDP datagram.
#[utoipa::path(
    get,
    path = "/calls/{id}/sip.pcap",
    operation_id = "read_call_sip_pcap",
    tag = "calls",
    params(("id" = String, Path, description = "Id of the call.")),
    responses(
        (status = 200, description = "The file.", content_type = "application/vnd.tcpdump.pcap"),
        (status = 403, description = "Not for agents.", body = Problem),
        (status = 404, description = "No such call.", body = Problem),
    )
)]
pub(in crate::api) async fn sip_pcap(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    id: Result<Path<uuid::Uuid>, PathRejection>,
) -> Result<Response, Problem> {
    let id = CallId::new(id?.0);
    let file = pcap::file(&messages(&api, &signed_in, id).await?);
    let disposition = format!("attachment; filename=\"{id}.pcap\"");
    let headers = [(header::CONTENT_TYPE, "application/vnd.tcpdump.pcap"), (header::CONTENT_DISPOSITION, disposition.as_str())];
    Ok((headers, file).into_response())
}

async fn messages(api: &Api, signed_in: &SignedIn, id: CallId) -> Result<Vec<SipMessage>, Problem> {
    signed_in.supervises()?;
    let rows = sip_message::of_call(&api.db, id).await?;
    if rows.is_empty() && call::get(&api.db, id).await?.is_none() {
        return Err(Problem::not_found("call"));
    }
    Ok(rows)
}
