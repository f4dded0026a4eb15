//! Session timers (RFC 4028): how long a call may stand without a sign of life, and whose turn it is to give one.

use carillon_sip_core::message::{HeaderName, Headers, Request, Response};
use std::time::Duration;

/// The extension's option tag.
const TIMER: &str = "timer";

/// Which side of a request refreshes, as the `refresher` parameter names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refresher {
    /// Who sent the request.
    Uac,
    /// Who answered it.
    Uas,
}

/// What both sides agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) seconds: u32,
    pub(crate) refresher: Refresher,
}

/// The bounds of our own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// What we ask for.
    pub(crate) usual: u32,
    /// Less is refused with 422.
    pub(crate) least: u32,
}

impl Bounds {
    pub(crate) fn of(usual: Duration, least: Duration) -> Self {
        let seconds = |time: Duration| u32::try_from(time.as_secs()).unwrap_or(u32::MAX);
        // RFC 4028 4: never below 90 seconds.
        let least = seconds(least).max(90);
        Bounds { usual: seconds(usual).max(least), least }
    }

    /// What a request is answered whose interval is too brief (RFC 4028 9). A peer that does not know of intervals cannot be told.
    pub(crate) fn refuse(&self, headers: &Headers) -> Option<Response> {
        let asked = session_expires(headers).filter(|(seconds, _)| *seconds < self.least && knows_timers(headers));
        asked.map(|_| Response::new(422).with(HeaderName::MinSe, self.least))
    }

    /// What we grant a request of the peer's (RFC 4028 9). `refreshing` is who does it so far, seen from this request.
    pub(crate) fn grant(&self, headers: &Headers, refreshing: Option<Refresher>) -> Terms {
        let (asked, named) = session_expires(headers).unzip();
        let floor = min_se(headers).max(self.least);
        let ours = self.usual.max(floor);
        let seconds = asked.map_or(ours, |asked| asked.min(ours)).max(self.least);
        let refresher = match knows_timers(headers) {
            true => named.flatten().or(refreshing).unwrap_or(Refresher::Uac),
            false => Refresher::Uas,
        };
        Terms { seconds, refresher }
    }
}

impl Terms {
    /// Writes them into our 2xx.
    pub(crate) fn in_response(self, response: Response) -> Response {
        let response = response.with(HeaderName::SessionExpires, self.value());
        match self.refresher {
            Refresher::Uac => response.with(HeaderName::Require, TIMER),
            Refresher::Uas => response,
        }
    }

    /// Asks for them in a request of ours, `least` being the shortest we take.
    pub(crate) fn in_request(self, request: Request, least: u32) -> Request {
        request.with(HeaderName::SessionExpires, self.value()).with(HeaderName::MinSe, least)
    }

    /// What the peer's 2xx to a request of ours says; `None` where it wants no timer.
    pub(crate) fn of_response(response: &Response, least: u32) -> Option<Terms> {
        let (seconds, refresher) = session_expires(&response.headers)?;
        // One who names nobody can only mean the one who asked.
        Some(Terms { seconds: seconds.max(least), refresher: refresher.unwrap_or(Refresher::Uac) })
    }

    fn value(self) -> String {
        let refresher = match self.refresher {
            Refresher::Uac => "uac",
            Refresher::Uas => "uas",
        };
        format!("{};refresher={refresher}", self.seconds)
    }
}

/// What a 422 wants at least (RFC 4028 7.4); beyond a day it is nonsense.
pub(crate) fn wanted_by_422(response: &Response) -> Option<u32> {
    response.headers.number::<u32>(HeaderName::MinSe).ok().flatten().filter(|seconds| (90..=86_400).contains(seconds))
}

/// Whether a peer lists a method in Allow.
pub(crate) fn allows(headers: &Headers, method: &str) -> bool {
    headers.tokens(&HeaderName::Allow).iter().any(|allowed| allowed == method)
}

/// Whether a peer names an extension in one of these headers.
pub(crate) fn names_tag(headers: &Headers, header: &HeaderName, tag: &str) -> bool {
    headers.tokens(header).iter().any(|named| named.eq_ignore_ascii_case(tag))
}

fn knows_timers(headers: &Headers) -> bool {
    [HeaderName::Supported, HeaderName::Require].iter().any(|header| names_tag(headers, header, TIMER))
}

fn min_se(headers: &Headers) -> u32 {
    let value = headers.text(&HeaderName::MinSe).unwrap_or_default();
    value.split(';').next().and_then(|seconds| seconds.trim().parse().ok()).filter(|seconds| *seconds <= 86_400).unwrap_or(0)
}

/// Session-Expires: seconds, and who refreshes if it says so.
fn session_expires(headers: &Headers) -> Option<(u32, Option<Refresher>)> {
    let value = headers.text(&HeaderName::SessionExpires)?;
    let mut parts = value.split(';').map(str::trim);
    let seconds = parts.next()?.parse().ok()?;
    let refresher = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        match (name.trim().eq_ignore_ascii_case("refresher"), value.trim().to_ascii_lowercase().as_str()) {
            (true, "uac") => Some(Refresher::Uac),
            (true, "uas") => Some(Refresher::Uas),
            _ => None,
        }
    });
    Some((seconds, refresher))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { usual: 1800, least: 90 };

    fn headers(fields: &[(HeaderName, &str)]) -> Headers {
        let mut headers = Headers::default();
        fields.iter().for_each(|(name, value)| headers.push(name.clone(), *value));
        headers
    }

    fn grant(fields: &[(HeaderName, &str)]) -> (u32, Refresher) {
        let terms = BOUNDS.grant(&headers(fields), None);
        (terms.seconds, terms.refresher)
    }

    #[test]
    fn what_is_granted_follows_the_table_of_rfc_4028() {
        use HeaderName::{MinSe, SessionExpires, Supported};
        let timer = (Supported, "timer");
        assert_eq!(grant(&[]), (1800, Refresher::Uas));
        assert_eq!(grant(std::slice::from_ref(&timer)), (1800, Refresher::Uac));
        assert_eq!(grant(&[timer.clone(), (SessionExpires, "600")]), (600, Refresher::Uac));
        assert_eq!(grant(&[timer.clone(), (SessionExpires, "600;refresher=uas")]), (600, Refresher::Uas));
        assert_eq!(grant(&[timer.clone(), (SessionExpires, "600 ; Refresher=UAC")]), (600, Refresher::Uac));
        assert_eq!(grant(&[timer.clone(), (SessionExpires, "7200"), (MinSe, "3600")]), (3600, Refresher::Uac));
        assert_eq!(grant(&[timer, (SessionExpires, "7200")]), (1800, Refresher::Uac));
        // A proxy asked for it on behalf of a caller that knows nothing of it.
        assert_eq!(grant(&[(SessionExpires, "600;refresher=uac")]), (600, Refresher::Uas));
    }

    #[test]
    fn too_brief_an_interval_is_refused_to_those_who_understand() {
        let brief = (HeaderName::SessionExpires, "60");
        let refusal = BOUNDS.refuse(&headers(&[brief.clone(), (HeaderName::Supported, "timer")])).expect("refused");
        assert_eq!((refusal.status, refusal.headers.text(&HeaderName::MinSe).as_deref()), (422, Some("90")));
        assert_eq!(BOUNDS.refuse(&headers(std::slice::from_ref(&brief))), None);
        assert_eq!(BOUNDS.grant(&headers(&[brief]), None).seconds, 90);
    }
}
