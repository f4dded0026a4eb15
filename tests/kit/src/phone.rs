//! A telephone that does as it is told: on rsip and rtp, which share no line with the server. One that does not register is a trunk.

mod audio;
mod bad_line;
mod call;
mod line;
mod socket;

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use rsip::{
    Header, Request, Response, SipMessage,
    headers::ToTypedHeader,
    message::HasHeaders,
    prelude::{HeadersExt, UntypedHeader},
    services::DigestGenerator,
};
use tokio::{sync::mpsc, task::JoinHandle};

use self::line::Line;
pub use self::{
    audio::{Audio, forged, share},
    bad_line::BadLine,
    call::Call,
};

/// What anything awaited may take. Generous: the machine may have a lot to do.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A telephone, or a trunk's far end.
pub struct Phone {
    line: Arc<Line>,
    name: String,
    password: Option<String>,
    incoming: mpsc::UnboundedReceiver<Request>,
    listener: JoinHandle<()>,
}

/// An INVITE to be sent.
pub struct Invite {
    /// Number dialled.
    pub to: String,
    /// The one device that is meant (`gr`, RFC 5627).
    pub device: Option<String>,
    /// User part of From; without it the phone's own name.
    pub from: Option<String>,
    /// Display name of From, in quotes as it stands here.
    pub display_name: Option<String>,
    /// Host of From; without it the server's, as phones write it.
    pub from_host: Option<String>,
    /// Session description; `None`: the offer is left to the server.
    pub sdp: Option<String>,
    /// Whether the phone sends an offer of its own where `sdp` is `None`.
    pub offer: bool,
    /// Whether that offer has telephone-event (RFC 4733) beside speech.
    pub telephone_events: bool,
    /// Header lines of its own.
    pub headers: Vec<String>,
}

impl Invite {
    /// As a phone calls.
    pub fn to(number: &str) -> Self {
        Self {
            to: number.to_owned(),
            device: None,
            from: None,
            display_name: None,
            from_host: None,
            sdp: None,
            offer: true,
            telephone_events: true,
            headers: vec![],
        }
    }

    /// To one device of that number.
    #[must_use]
    pub fn device(mut self, gr: &str) -> Self {
        self.device = Some(gr.to_owned());
        self
    }

    /// In the name of somebody.
    #[must_use]
    pub fn from(mut self, user: &str) -> Self {
        self.from = Some(user.to_owned());
        self
    }

    /// By a person's name, with what must be escaped in quotes escaped already.
    #[must_use]
    pub fn named(mut self, display_name: &str) -> Self {
        self.display_name = Some(display_name.to_owned());
        self
    }

    /// As if from another domain.
    #[must_use]
    pub fn from_host(mut self, host: &str) -> Self {
        self.from_host = Some(host.to_owned());
        self
    }

    /// As a phone that has its keys told by INFO.
    #[must_use]
    pub fn without_telephone_events(mut self) -> Self {
        self.telephone_events = false;
        self
    }

    /// To take the place of another call's leg: what `Call::as_replaced` names (RFC 3891).
    #[must_use]
    pub fn replacing(self, replaced: &str) -> Self {
        self.header(&format!("Replaces: {replaced}"))
    }

    /// With one more header line.
    #[must_use]
    pub fn header(mut self, line: &str) -> Self {
        self.headers.push(line.to_owned());
        self
    }

    /// With this in place of an offer.
    #[must_use]
    pub fn sdp(mut self, sdp: &str) -> Self {
        self.sdp = Some(sdp.to_owned());
        self
    }

    /// Without a body.
    #[must_use]
    pub fn without_offer(mut self) -> Self {
        self.offer = false;
        self
    }
}

impl Phone {
    /// The far end of a trunk: a socket that does not register. The server's address comes later, by [`Self::knows`].
    pub async fn trunk() -> Self {
        Self::at(Ipv4Addr::LOCALHOST.into(), "+390212345678", None).await
    }

    /// A phone at an address of its own, registered with nobody yet.
    pub async fn at(ip: IpAddr, name: &str, password: Option<&str>) -> Self {
        Self::in_namespace(None, ip, name, password).await
    }

    /// The same in another network namespace, its calls' audio too.
    pub async fn inside(namespace: &str, ip: IpAddr, name: &str, password: Option<&str>) -> Self {
        Self::in_namespace(Some(namespace), ip, name, password).await
    }

    async fn in_namespace(namespace: Option<&str>, ip: IpAddr, name: &str, password: Option<&str>) -> Self {
        let (line, incoming, listener) = Line::open(socket::bind(ip, namespace).await, namespace);
        Self { line, name: name.to_owned(), password: password.map(str::to_owned), incoming, listener }
    }

    /// A phone of the server, registered. Its password is `phone-NAME`.
    pub async fn registered(name: &str, server: SocketAddr) -> Self {
        let phone = Self::at(Ipv4Addr::LOCALHOST.into(), name, Some(&format!("phone-{name}"))).await;
        phone.knows(server);
        let response = phone.register(3600).await;
        assert_eq!(response.status_code.code(), 200, "{name} registers: {response}");
        phone
    }

    /// Where the server is.
    pub fn knows(&self, server: SocketAddr) {
        self.line.set_server(server);
    }

    /// The audio of its calls goes by such a line from now on.
    pub fn is_on(&self, line: BadLine) {
        self.line.set_quality(line);
    }

    /// Where this phone is.
    pub fn address(&self) -> SocketAddr {
        self.line.address()
    }

    /// Registers; answers a challenge once. Gives the last answer.
    pub async fn register(&self, expires_s: u32) -> Response {
        let server = self.line.server();
        let (uri, identity) = (format!("sip:{server}"), format!("<sip:{}@{server}>", self.name));
        let (call_id, tag) = (line::token(), line::token());
        let mut authorization = None;
        for cseq in 1..=2 {
            let text = line::RequestText {
                method: "REGISTER",
                uri: &uri,
                from: &format!("{identity};tag={tag}"),
                to: &identity,
                call_id: &call_id,
                cseq,
                contact: Some(&format!("<sip:{}@{}>", self.name, self.address())),
                more: &[&format!("Expires: {expires_s}"), authorization.as_deref().unwrap_or("X-Test: none")],
                body: None,
            };
            let response = self.line.transact(&text).await;
            match self.answer_to(&response, "REGISTER", &uri) {
                Some(answer) if cseq == 1 => authorization = Some(answer),
                _ => return response,
            }
        }
        unreachable!("the second answer is returned")
    }

    /// Sends a request outside of any call and gives its answer.
    pub async fn ask(&self, method: &str, more: &[&str]) -> Response {
        let server = self.line.server();
        let (uri, identity) = (format!("sip:{server}"), format!("<sip:{}@{server}>", self.name));
        let text = line::RequestText {
            method,
            uri: &uri,
            from: &format!("{identity};tag={}", line::token()),
            to: &identity,
            call_id: &line::token(),
            cseq: 1,
            contact: Some(&format!("<sip:{}@{}>", self.name, self.address())),
            more,
            body: None,
        };
        self.line.transact(&text).await
    }

    /// The Authorization line that answers the server's challenge to such a request. It is not sent.
    ///
    /// # Panics
    /// When the server does not challenge it, or the phone has no password.
    pub async fn proof(&self, method: &str) -> String {
        let challenged = self.ask(method, &[]).await;
        let uri = format!("sip:{}", self.line.server());
        self.answer_to(&challenged, method, &uri).unwrap_or_else(|| panic!("no challenge: {challenged}"))
    }

    /// The Authorization line that answers a challenge, if this is one and there is a password.
    fn answer_to(&self, response: &Response, method: &str, uri: &str) -> Option<String> {
        let password = self.password.as_deref()?;
        let challenge = response.headers().iter().find_map(|header| match header {
            Header::WwwAuthenticate(challenge) => Some(challenge.clone()),
            _ => None,
        })?;
        Some(answer_challenge(&challenge, &self.name, password, method, uri))
    }

    /// Dials a number as a phone does.
    pub async fn dial(&self, number: &str) -> Call {
        self.invite(Invite::to(number)).await
    }

    /// Sends an INVITE and, where it is challenged and the phone has a password, the answer.
    pub async fn invite(&self, invite: Invite) -> Call {
        let mut call = Call::outgoing(&self.line, &self.name, &invite).await;
        let Some(password) = &self.password else { return call };
        let first = call.first_response().await;
        if let Some(Header::WwwAuthenticate(challenge)) = first.headers().iter().find(|header| matches!(header, Header::WwwAuthenticate(_)))
        {
            let answer = answer_challenge(challenge, &self.name, password, "INVITE", call.uri());
            call.invite_again(&answer).await;
        } else {
            call.put_back(SipMessage::Response(first));
        }
        call
    }

    /// Waits for a call and lets it ring.
    ///
    /// # Panics
    /// When none comes.
    pub async fn rings(&mut self) -> Call {
        let call = self.incoming_call().await;
        call.ring().await;
        call
    }

    /// Waits for a call and says nothing yet.
    ///
    /// # Panics
    /// When none comes.
    pub async fn incoming_call(&mut self) -> Call {
        let invite = tokio::time::timeout(PATIENCE, self.incoming.recv()).await;
        let invite = invite.unwrap_or_else(|_| panic!("{} was not called", self.name)).expect("the line is up");
        Call::incoming(&self.line, &self.name, invite).await
    }

    /// The next call, however long it takes; nothing is said to it yet. `None`: the line is down.
    pub async fn next_call(&mut self) -> Option<Call> {
        let invite = self.incoming.recv().await?;
        Some(Call::incoming(&self.line, &self.name, invite).await)
    }

    /// Whether a call came that nobody took from [`Self::rings`].
    pub fn was_called(&mut self) -> bool {
        self.incoming.try_recv().is_ok()
    }

    /// Pulls the plug: from here on it neither hears nor answers. Its calls' audio is stopped by [`Audio::stop`].
    pub fn unplug(&self) {
        self.line.go_silent();
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

fn answer_challenge(challenge: &rsip::headers::WwwAuthenticate, user: &str, password: &str, method: &str, uri: &str) -> String {
    let challenge = challenge.typed().expect("a challenge");
    let method: rsip::Method = method.parse().expect("a method");
    let parsed = rsip::Uri::try_from(uri).expect("a URI");
    let cnonce = line::token();
    let qop = challenge.qop.as_ref().map(|_| rsip::headers::auth::AuthQop::Auth { cnonce: cnonce.clone(), nc: 1 });
    let algorithm = challenge.algorithm.unwrap_or(rsip::headers::auth::Algorithm::Md5);
    let digest = DigestGenerator {
        username: user,
        password,
        nonce: &challenge.nonce,
        uri: &parsed,
        realm: &challenge.realm,
        method: &method,
        qop: qop.as_ref(),
        algorithm,
    };
    let response = digest.compute();
    let qop = qop.map(|_| format!(", qop=auth, nc=00000001, cnonce=\"{cnonce}\"")).unwrap_or_default();
    let (realm, nonce) = (&challenge.realm, &challenge.nonce);
    format!(
        "Authorization: Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", response=\"{response}\", \
         algorithm={algorithm}{qop}"
    )
}

/// Status of a response.
pub fn status(response: &Response) -> u16 {
    response.status_code.code()
}

/// The value of the first header of a name, any case.
pub fn header(message: &impl HasHeaders, name: &str) -> Option<String> {
    message.headers().iter().map(ToString::to_string).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

/// The `Call-ID` of a message.
fn call_id(message: &impl HeadersExt) -> String {
    message.call_id_header().map(|id| id.value().to_owned()).unwrap_or_default()
}
