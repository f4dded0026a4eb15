//! One call as a phone sees it.

use std::{net::SocketAddr, sync::Arc};

use rsip::{Method, Request, Response, SipMessage};
use tokio::sync::mpsc;

use super::{
    Audio, Invite, PATIENCE, call_id, header,
    line::{Line, RequestText, branch, is_for, token},
    status,
};

/// One call.
pub struct Call {
    line: Arc<Line>,
    id: String,
    /// Our identity and theirs, as they stand in From and To of what we send.
    us: String,
    them: String,
    target: String,
    contact: String,
    cseq: u32,
    inbox: mpsc::UnboundedReceiver<SipMessage>,
    kept: Option<SipMessage>,
    invite: Invitation,
    /// What is said and heard.
    pub audio: Audio,
}

enum Invitation {
    Sent { body: Option<String>, branch: String, headers: Vec<String> },
    Received { request: Box<Request>, tag: String },
}

impl Call {
    pub(super) async fn outgoing(line: &Arc<Line>, name: &str, invite: &Invite) -> Self {
        let server = line.server();
        let audio = Audio::open_by(line.address().ip(), line.namespace(), line.quality()).await;
        let id = token();
        let from_host = invite.from_host.clone().unwrap_or_else(|| server.to_string());
        let offer = || if invite.telephone_events { audio.description("sendrecv") } else { audio.description_of_speech("sendrecv") };
        let display_name = invite.display_name.as_ref().map(|name| format!("\"{name}\" ")).unwrap_or_default();
        let body = invite.sdp.clone().or_else(|| invite.offer.then(offer));
        let mut call = Self {
            inbox: line.join(&id),
            line: Arc::clone(line),
            id,
            us: format!("{display_name}<sip:{}@{from_host}>;tag={}", invite.from.as_deref().unwrap_or(name), token()),
            them: format!("<sip:{}@{server}>", invite.to),
            target: format!("sip:{}@{server}{}", invite.to, invite.device.as_ref().map(|gr| format!(";gr={gr}")).unwrap_or_default()),
            contact: format!("<sip:{name}@{}>", line.address()),
            cseq: 1,
            kept: None,
            invite: Invitation::Sent { body, branch: branch(), headers: invite.headers.clone() },
            audio,
        };
        call.send_invite(&[]).await;
        call
    }

    pub(super) async fn incoming(line: &Arc<Line>, name: &str, invite: Request) -> Self {
        let id = call_id(&invite);
        let audio = Audio::open_by(line.address().ip(), line.namespace(), line.quality()).await;
        audio.send_to(media_address(invite.body()));
        let tag = token();
        line.note_ringing(&invite, &tag);
        Self {
            inbox: line.join(&id),
            line: Arc::clone(line),
            id,
            us: format!("{};tag={tag}", header(&invite, "To").unwrap_or_default()),
            them: header(&invite, "From").unwrap_or_default(),
            target: in_brackets(&header(&invite, "Contact").unwrap_or_default()),
            contact: format!("<sip:{name}@{}>", line.address()),
            cseq: 1,
            kept: None,
            invite: Invitation::Received { request: Box::new(invite), tag },
            audio,
        }
    }

    /// Where requests of this call go.
    pub(super) fn uri(&self) -> &str {
        &self.target
    }

    pub(super) fn put_back(&mut self, message: SipMessage) {
        self.kept = Some(message);
    }

    /// The same INVITE with an answer to its challenge.
    pub(super) async fn invite_again(&mut self, authorization: &str) {
        self.cseq += 1;
        if let Invitation::Sent { branch: old, .. } = &mut self.invite {
            *old = branch();
        }
        self.send_invite(&[authorization]).await;
    }

    async fn send_invite(&mut self, more: &[&str]) {
        let Invitation::Sent { body, branch, headers } = &self.invite else { return };
        let body = body.as_deref().map(|body| ("application/sdp", body));
        let more: Vec<&str> = headers.iter().map(String::as_str).chain(more.iter().copied()).collect();
        let text = self.request("INVITE", &more, body).write(self.line.address(), branch);
        self.line.send_invite(&self.id, self.cseq, text).await;
    }

    fn request<'a>(&'a self, method: &'a str, more: &'a [&'a str], body: Option<(&'a str, &'a str)>) -> RequestText<'a> {
        let contact = Some(self.contact.as_str());
        RequestText { method, uri: &self.target, from: &self.us, to: &self.them, call_id: &self.id, cseq: self.cseq, contact, more, body }
    }

    /// The next message of this call that `wanted` makes something of; the others are dropped.
    async fn next<T>(&mut self, what: &str, mut wanted: impl FnMut(SipMessage) -> Option<T>) -> T {
        let found = async {
            loop {
                let message = match self.kept.take() {
                    Some(message) => message,
                    None => self.inbox.recv().await.expect("the line is up"),
                };
                if let Some(found) = wanted(message) {
                    return found;
                }
            }
        };
        tokio::time::timeout(PATIENCE, found).await.unwrap_or_else(|_| panic!("{what} did not come"))
    }

    /// The first answer to the INVITE beyond 100. A refusal is acknowledged.
    pub async fn first_response(&mut self) -> Response {
        let response = self.next("an answer to the INVITE", |message| match message {
            SipMessage::Response(response) if status(&response) > 100 => Some(response),
            _ => None,
        });
        let response = response.await;
        if status(&response) >= 300 {
            self.acknowledge_refusal(&response).await;
        }
        response
    }

    /// The final answer to the INVITE, acknowledged.
    pub async fn final_response(&mut self) -> Response {
        let cseq = self.cseq;
        let response = self.next("a final answer to the INVITE", |message| match message {
            SipMessage::Response(response) if is_for(&response, "INVITE", cseq) => Some(response),
            _ => None,
        });
        let response = response.await;
        if status(&response) >= 300 {
            self.acknowledge_refusal(&response).await;
            return response;
        }
        self.them = header(&response, "To").unwrap_or_default();
        self.target = in_brackets(&header(&response, "Contact").unwrap_or_default());
        self.audio.send_to(media_address(response.body()));
        // An INVITE without an offer is answered with one, and the ACK brings the answer (RFC 3264 4).
        let answer = matches!(&self.invite, Invitation::Sent { body: None, .. }).then(|| self.audio.description("sendrecv"));
        let body = answer.as_deref().map(|body| ("application/sdp", body));
        let ack = self.request("ACK", &[], body).write(self.line.address(), &branch());
        self.line.acknowledge(&self.id, self.cseq, ack).await;
        response
    }

    async fn acknowledge_refusal(&self, response: &Response) {
        let Invitation::Sent { branch, .. } = &self.invite else { return };
        let to = header(response, "To").unwrap_or_default();
        let mut ack = self.request("ACK", &[], None);
        ack.to = &to;
        ack.contact = None;
        let ack = ack.write(self.line.address(), branch);
        self.line.send(&ack).await;
    }

    /// Waits for audio before the answer (183), and takes it.
    pub async fn hears_early(&mut self) -> Response {
        let progress = self.next("a 183", |message| match message {
            SipMessage::Response(response) if status(&response) == 183 => Some(response),
            _ => None,
        });
        let progress = progress.await;
        self.audio.send_to(media_address(progress.body()));
        progress
    }

    /// Waits until the call is answered.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn is_answered(&mut self) -> &mut Self {
        let response = self.final_response().await;
        assert_eq!(status(&response), 200, "{response}");
        self
    }

    /// The INVITE that came.
    pub fn invitation(&self) -> Option<&Request> {
        match &self.invite {
            Invitation::Received { request, .. } => Some(request),
            Invitation::Sent { .. } => None,
        }
    }

    async fn respond(&self, status: &str, body: Option<&str>) {
        if let Invitation::Received { request, tag } = &self.invite {
            self.line.answer(request, tag, status, &[], body.map(|body| ("application/sdp", body))).await;
        }
    }

    /// 180.
    pub async fn ring(&self) {
        self.respond("180 Ringing", None).await;
    }

    /// 183 with a session description: what is said from now on is heard before the answer.
    pub async fn is_heard_early(&self) {
        self.respond("183 Session Progress", Some(&self.audio.description("sendrecv"))).await;
    }

    /// 200 with a session description that fits.
    pub async fn answer(&mut self) {
        let description = self.audio.description("sendrecv");
        self.respond("200 OK", Some(&description)).await;
    }

    /// 200 with this in place of a session description.
    pub async fn answer_with(&mut self, body: &str) {
        self.respond("200 OK", Some(body)).await;
    }

    /// A refusal: status and phrase.
    pub async fn refuse(&self, status: &str) {
        self.respond(status, None).await;
    }

    /// The same with header lines.
    pub async fn refuse_with(&self, status: &str, more: &[&str]) {
        if let Invitation::Received { request, tag } = &self.invite {
            self.line.answer(request, tag, status, more, None).await;
        }
    }

    /// Hangs up: BYE, and waits for its answer.
    pub async fn hang_up(&mut self) {
        let response = self.transact("BYE", &[], None).await;
        assert_eq!(status(&response), 200, "{response}");
        self.audio.stop();
    }

    /// Sends a request within the call and gives its final answer.
    pub async fn transact(&mut self, method: &str, more: &[&str], body: Option<(&str, &str)>) -> Response {
        self.cseq += 1;
        let contact = Some(self.contact.as_str());
        let request = RequestText {
            method,
            uri: &self.target,
            from: &self.us,
            to: &self.them,
            call_id: &self.id,
            cseq: self.cseq,
            contact,
            more,
            body,
        };
        self.line.transact_with(&request, &mut self.inbox).await
    }

    /// A request of this call as somebody else would forge it who knows all there is to know, in words, to be sent from `at`; it has the
    /// next number. `wrong_tag`: who guesses.
    pub fn forged(&self, method: &str, at: SocketAddr, wrong_tag: bool, body: Option<&str>) -> String {
        let us = if wrong_tag { format!("{}x", self.us) } else { self.us.clone() };
        let cseq = if method == "CANCEL" { 1 } else { self.cseq + 1 };
        let body = body.map(|body| ("application/sdp", body));
        let contact = format!("<sip:mallory@{at}>");
        let mut request = self.request(method, &[], body);
        request.from = &us;
        request.cseq = cseq;
        request.contact = Some(&contact);
        request.write(at, &branch())
    }

    /// Puts the other side on hold: a re-INVITE that only sends.
    pub async fn hold(&mut self) {
        let description = self.audio.description("sendonly");
        let response = self.transact("INVITE", &[], Some(("application/sdp", &description))).await;
        assert_eq!(status(&response), 200, "{response}");
        let ack = self.request("ACK", &[], None).write(self.line.address(), &branch());
        self.line.acknowledge(&self.id, self.cseq, ack).await;
    }

    /// Presses a key and tells it by SIP INFO.
    pub async fn press_by_info(&mut self, digit: char) {
        let body = format!("Signal={digit}\r\nDuration=160\r\n");
        let response = self.transact("INFO", &[], Some(("application/dtmf-relay", &body))).await;
        assert_eq!(status(&response), 200, "{response}");
    }

    /// Waits for a key told by SIP INFO.
    pub async fn is_pressed_by_info(&mut self) -> char {
        let key = self.next("an INFO", |message| match message {
            SipMessage::Request(request) if request.method == Method::Info => Some(String::from_utf8_lossy(&request.body).into_owned()),
            _ => None,
        });
        let body = key.await;
        body.strip_prefix("Signal=").and_then(|rest| rest.chars().next()).unwrap_or_else(|| panic!("no key in {body}"))
    }

    /// Waits for the next NOTIFY of a transfer, and gives its first line.
    pub async fn is_told(&mut self) -> String {
        let told = self.next("a NOTIFY", |message| match message {
            SipMessage::Request(request) if request.method == Method::Notify => {
                Some(String::from_utf8_lossy(&request.body).trim().to_owned())
            }
            _ => None,
        });
        told.await
    }

    /// What names this call to somebody who is to take its place (RFC 3891), as Replaces is written.
    pub fn as_replaced(&self) -> String {
        let tag = |value: &str| value.rsplit_once(";tag=").map(|(_, tag)| tag.to_owned()).unwrap_or_default();
        format!("{};to-tag={};from-tag={}", self.id, tag(&self.them), tag(&self.us))
    }

    /// Waits until the other side ends the call, and gives its BYE or CANCEL.
    pub async fn is_ended(&mut self) -> Request {
        let ended = self.next("a BYE or CANCEL", |message| match message {
            SipMessage::Request(request) if matches!(request.method, Method::Bye | Method::Cancel) => Some(request),
            _ => None,
        });
        let ended = ended.await;
        self.audio.stop();
        ended
    }

    /// Whether the other side has ended the call by now.
    pub fn has_ended(&mut self) -> bool {
        std::iter::from_fn(|| self.inbox.try_recv().ok())
            .any(|message| matches!(&message, SipMessage::Request(request) if matches!(request.method, Method::Bye | Method::Cancel)))
    }

    /// Cancels a call that was not answered yet.
    pub async fn cancel(&mut self) {
        let Invitation::Sent { branch, .. } = &self.invite else { return };
        let mut cancel = self.request("CANCEL", &[], None);
        cancel.contact = None;
        let text = cancel.write(self.line.address(), branch);
        self.line.send(&text).await;
    }
}

fn in_brackets(value: &str) -> String {
    let inner = value.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(inner, _)| inner);
    inner.unwrap_or_else(|| value.split(';').next().unwrap_or_default()).to_owned()
}

/// Where a session description wants its audio.
fn media_address(body: &[u8]) -> Option<SocketAddr> {
    let text = std::str::from_utf8(body).ok()?;
    let value = |prefix: &str| text.lines().find_map(|line| line.strip_prefix(prefix));
    let port = value("m=audio ")?.split(' ').next()?.parse().ok()?;
    Some(SocketAddr::new(value("c=IN IP4 ")?.trim().parse().ok()?, port))
}
