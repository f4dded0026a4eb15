//! Every message that goes by, for counters and for the ladder of a call: whose it is, and its text without what nobody may read.

use crate::LegId;
use carillon_sip_core::Hop;
use std::{
    collections::{BTreeMap, VecDeque},
    net::IpAddr,
    time::{Duration, Instant},
};

/// What follows a leg's end (the 200 to its BYE, copies of it) still belongs to it for as long as a transaction lives.
const AFTERWARDS: Duration = Duration::from_secs(40);
/// Bytes kept of one message; more is cut off.
const LONGEST: usize = 8 * 1024;
/// Calls watched at most; the oldest are forgotten first.
const MOST: usize = 65_536;

/// Messages about calls that are no leg's yet which are remembered, and for how long: a first INVITE is challenged before there is a leg.
const WAITING: usize = 256;
const WAITS: Duration = Duration::from_secs(32);

/// One message that was received or sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traced {
    /// Whether we sent it.
    pub sent: bool,
    /// Its path.
    pub hop: Hop,
    /// Its method, `other` for methods this stack does not know.
    pub method: &'static str,
    /// Its status, if it is a response.
    pub status: Option<u16>,
    /// The leg it belongs to and its text; `None` for what is no call's.
    pub of: Option<(LegId, String)>,
    /// Set if it went by that long ago, and was told of then as no call's.
    pub ago: Option<Duration>,
}

/// A message that may turn out to be a leg's.
struct Waiting {
    at: Instant,
    call_id: Vec<u8>,
    message: Vec<u8>,
    traced: Traced,
}

#[derive(Default)]
pub(crate) struct Trace {
    is_on: bool,
    leg_by_call_id: BTreeMap<Vec<u8>, LegId>,
    call_ids_by_leg: BTreeMap<LegId, Vec<Vec<u8>>>,
    over: Vec<LegId>,
    forgotten_at: VecDeque<(Instant, LegId)>,
    /// The oldest first; where there are too many it goes.
    waiting: VecDeque<Waiting>,
    claimed: Vec<Waiting>,
}

impl Trace {
    pub(crate) fn new(is_on: bool) -> Self {
        Trace { is_on, ..Trace::default() }
    }

    pub(crate) fn is_on(&self) -> bool {
        self.is_on
    }

    /// From now on messages with this Call-ID are the leg's.
    pub(crate) fn watch(&mut self, call_id: &[u8], leg: LegId) {
        if self.is_on && self.leg_by_call_id.len() < MOST {
            self.leg_by_call_id.insert(call_id.to_vec(), leg);
            self.call_ids_by_leg.entry(leg).or_default().push(call_id.to_vec());
        }
    }

    /// The same for a leg that a peer begins: what it said before under this Call-ID, and was told, is the leg's as well.
    pub(crate) fn watch_from(&mut self, peer: IpAddr, call_id: &[u8], leg: LegId) {
        self.watch(call_id, leg);
        let (claimed, waiting) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|waiting| waiting.call_id == call_id && waiting.traced.hop.remote.ip() == peer);
        (self.claimed, self.waiting) = (Vec::from(claimed), waiting);
        for claimed in &mut self.claimed {
            claimed.traced.of = Some((leg, masked(&claimed.message)));
        }
    }

    /// What went by before the leg was known that began with the last message.
    pub(crate) fn claimed(&mut self, now: Instant) -> Vec<Traced> {
        let ago = |waiting: Waiting| Traced { ago: Some(now.saturating_duration_since(waiting.at)), ..waiting.traced };
        self.claimed.drain(..).map(ago).collect()
    }

    /// The leg is over; its last messages are still to come.
    pub(crate) fn over(&mut self, leg: LegId) {
        if self.is_on {
            self.over.push(leg);
        }
    }

    /// Looks at a message that went by; `None` for what is no SIP.
    pub(crate) fn look(&mut self, now: Instant, sent: bool, hop: Hop, message: &[u8]) -> Option<Traced> {
        self.forget(now);
        let (start, rest) = split_line(message);
        let head = Head::read(rest);
        let (method, status) = match start.strip_prefix(b"SIP/2.0 ") {
            Some(answer) => {
                (head.cseq_method, Some(std::str::from_utf8(answer.get(..3)?).ok()?.parse().ok().filter(|s| (100..700).contains(s))?))
            }
            None => (start.split(|b| *b == b' ').next()?, None),
        };
        let leg = self.leg_by_call_id.get(head.call_id).copied();
        let method = method_name(method);
        let traced = Traced { sent, hop, method, status, of: leg.map(|leg| (leg, masked(message))), ago: None };
        if leg.is_none() && matches!(method, "INVITE" | "ACK") {
            self.wait(now, head.call_id, message, &traced);
        }
        Some(traced)
    }

    fn wait(&mut self, now: Instant, call_id: &[u8], message: &[u8], traced: &Traced) {
        if self.waiting.len() >= WAITING {
            self.waiting.pop_front();
        }
        let message = message.get(..LONGEST).unwrap_or(message).to_vec();
        self.waiting.push_back(Waiting { at: now, call_id: call_id.to_vec(), message, traced: traced.clone() });
    }

    fn forget(&mut self, now: Instant) {
        while self.waiting.pop_front_if(|waiting| waiting.at + WAITS <= now).is_some() {}
        let over = std::mem::take(&mut self.over);
        self.forgotten_at.extend(over.into_iter().map(|leg| (now + AFTERWARDS, leg)));
        while let Some((_, leg)) = self.forgotten_at.pop_front_if(|(at, _)| *at <= now) {
            for call_id in self.call_ids_by_leg.remove(&leg).unwrap_or_default() {
                self.leg_by_call_id.remove(&call_id);
            }
        }
    }
}

/// The two headers that say where a message belongs.
struct Head<'a> {
    call_id: &'a [u8],
    cseq_method: &'a [u8],
}

impl<'a> Head<'a> {
    fn read(mut rest: &'a [u8]) -> Self {
        let mut head = Head { call_id: b"", cseq_method: b"" };
        loop {
            let (line, after) = split_line(rest);
            if line.is_empty() {
                return head;
            }
            if let Some(colon) = line.iter().position(|b| *b == b':') {
                let (name, value) = (line[..colon].trim_ascii(), line[colon + 1..].trim_ascii());
                if name.eq_ignore_ascii_case(b"call-id") || name.eq_ignore_ascii_case(b"i") {
                    head.call_id = value;
                } else if name.eq_ignore_ascii_case(b"cseq") {
                    head.cseq_method = value.rsplit(|b| b.is_ascii_whitespace()).next().unwrap_or_default();
                }
            }
            rest = after;
        }
    }
}

fn split_line(text: &[u8]) -> (&[u8], &[u8]) {
    match text.iter().position(|b| *b == b'\n') {
        Some(end) => (text[..end].strip_suffix(b"\r").unwrap_or(&text[..end]), &text[end + 1..]),
        None => (text, b""),
    }
}

fn method_name(method: &[u8]) -> &'static str {
    const KNOWN: [&str; 14] = [
        "INVITE",
        "ACK",
        "BYE",
        "CANCEL",
        "OPTIONS",
        "REGISTER",
        "INFO",
        "PRACK",
        "UPDATE",
        "SUBSCRIBE",
        "NOTIFY",
        "REFER",
        "MESSAGE",
        "PUBLISH",
    ];
    KNOWN.into_iter().find(|known| known.as_bytes() == method).unwrap_or("other")
}

/// The text of a message without proofs of passwords, keys of media, keys pressed and what people write to each other.
fn masked(message: &[u8]) -> String {
    let text = String::from_utf8_lossy(message.get(..LONGEST).unwrap_or(message));
    let (head, body) = text.split_once("\r\n\r\n").or_else(|| text.split_once("\n\n")).unwrap_or((&text, ""));
    let mut lines = Vec::new();
    let (mut content_type, mut is_masking) = (String::new(), false);
    for line in head.lines() {
        // A folded line goes on with the header above it.
        if line.starts_with([' ', '\t']) {
            if !is_masking {
                lines.push(line.to_owned());
            }
            continue;
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let name = name.trim().to_ascii_lowercase();
        is_masking = matches!(name.as_str(), "authorization" | "proxy-authorization");
        if matches!(name.as_str(), "content-type" | "c") {
            content_type = value.trim().to_ascii_lowercase();
        }
        lines.push(if is_masking {
            format!("{}: (not shown)", line.split(':').next().unwrap_or_default().trim())
        } else {
            line.to_owned()
        });
    }
    let is_message = head.starts_with("MESSAGE ");
    let body = match content_type.split(';').next().unwrap_or_default().trim() {
        _ if body.is_empty() => String::new(),
        _ if is_message => "(not shown)".to_owned(),
        "application/dtmf" | "application/dtmf-relay" | "application/vnd.nortelnetworks.digits" => "(not shown)".to_owned(),
        _ => body.lines().map(mask_line).collect::<Vec<_>>().join("\r\n") + "\r\n",
    };
    format!("{}\r\n\r\n{body}", lines.join("\r\n"))
}

/// Keys of encrypted media stand in the SDP (RFC 4568), and a browser's in `ice-pwd`.
fn mask_line(line: &str) -> String {
    match line.trim_start() {
        key if key.starts_with("a=crypto:") => "a=crypto:(not shown)".to_owned(),
        key if key.starts_with("a=ice-pwd:") => "a=ice-pwd:(not shown)".to_owned(),
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_may_read_is_not_shown() {
        let info = "INFO sip:a@b SIP/2.0\r\nCall-ID: 1\r\nAuthorization: Digest username=\"1001\",\r\n response=\"secret\"\r\n\
                    c: application/dtmf-relay\r\n\r\nSignal=5\r\nDuration=160\r\n";
        let shown = masked(info.as_bytes());
        assert!(!shown.contains("secret") && !shown.contains("Signal=5"), "{shown}");
        assert!(shown.contains("Authorization: (not shown)\r\nc: application/dtmf-relay"), "{shown}");
        let sdp = "INVITE sip:a@b SIP/2.0\r\nContent-Type: application/sdp\r\n\r\nv=0\r\na=crypto:1 AES inline:key\r\na=sendrecv\r\n";
        let shown = masked(sdp.as_bytes());
        assert!(!shown.contains("inline:key") && shown.contains("v=0") && shown.contains("a=sendrecv"), "{shown}");
        assert!(!masked(b"MESSAGE sip:a@b SIP/2.0\r\nContent-Type: text/plain\r\n\r\nhello").contains("hello"));
        assert!(masked(&[b'a'; 100_000]).len() <= LONGEST + 4);
    }

    #[test]
    fn an_invite_that_was_challenged_is_the_legs_all_the_same() {
        let hop = |port| Hop::udp(([192, 0, 2, 1], 5060).into(), ([192, 0, 2, port], 5060).into());
        let (mut trace, start, leg) = (Trace::new(true), epoch(), LegId(7));
        let [invite, challenge] =
            [&b"INVITE sip:a@b SIP/2.0\r\nCall-ID: x\r\n\r\n"[..], b"SIP/2.0 401 No\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n\r\n"];
        for (sent, port, message) in [(false, 2, invite), (true, 2, challenge), (false, 66, invite)] {
            assert!(trace.look(start, sent, hop(port), message).is_some_and(|traced| traced.of.is_none()));
        }
        trace.watch_from([192, 0, 2, 2].into(), b"x", leg);
        let claimed = trace.claimed(start + Duration::from_secs(1));
        let told: Vec<_> = claimed.iter().map(|traced| (traced.sent, traced.of.as_ref().map(|(of, _)| *of), traced.ago)).collect();
        let ago = Some(Duration::from_secs(1));
        assert_eq!(told, [(false, Some(leg), ago), (true, Some(leg), ago)], "and nobody else's with that Call-ID");
        assert!(trace.claimed(start).is_empty());
        for number in 0..WAITING * 2 {
            let other = format!("INVITE sip:a@b SIP/2.0\r\nCall-ID: {number}\r\n\r\n");
            let _ = trace.look(start, false, hop(66), other.as_bytes());
        }
        assert_eq!(trace.waiting.len(), WAITING, "a flood fills nothing");
        let _ = trace.look(start + WAITS, false, hop(66), challenge);
        assert!(trace.waiting.is_empty(), "nor is any of it kept");
    }

    #[test]
    fn any_bytes_are_looked_at() {
        let hop = Hop::udp(([192, 0, 2, 1], 5060).into(), ([192, 0, 2, 2], 5060).into());
        let mut trace = Trace::new(true);
        for bytes in [&b""[..], b"\r\n\r\n", b"SIP/2.0 ", b"SIP/2.0 99", b"SIP/2.0 \xff\xff\xff x\r\n", b"\xff\xfe", b"INVITE"] {
            let _ = trace.look(epoch(), false, hop, bytes);
        }
        let ok = b"SIP/2.0 200 OK\r\ni: x\r\nCSeq: 1 BYE\r\n\r\n";
        let seen = trace.look(epoch(), true, hop, ok).expect("SIP");
        assert_eq!((seen.method, seen.status, seen.of), ("BYE", Some(200), None));
    }

    #[expect(clippy::disallowed_methods, reason = "a test needs one Instant to begin from")]
    fn epoch() -> Instant {
        Instant::now()
    }
}
