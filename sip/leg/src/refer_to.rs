//! Reading whom a REFER means (RFC 3515) and which dialog it replaces (RFC 3891): never more of the URI than its user part, so that
//! nothing of a phone's text can become a host, a header or a dial string of ours.

use crate::{LegId, called::number_of};
use carillon_sip_core::message::{HeaderName, Method, Replaces, Request, Response, Uri};

/// What a REFER asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReferTo {
    /// The number; empty where the dialog replaced says who is meant.
    pub(crate) number: String,
    pub(crate) replaces: Option<Replaces>,
    /// Whether the phone wants to hear how it goes (RFC 4488).
    pub(crate) is_tracked: bool,
}

/// A REFER whose dialog to replace, if any, is a leg of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) number: String,
    pub(crate) replaces: Option<LegId>,
    pub(crate) is_tracked: bool,
}

/// Reads a REFER.
///
/// # Errors
///
/// What it is answered when it names nobody we could call.
pub(crate) fn read(request: &Request) -> Result<ReferTo, Response> {
    let refuse = |status: u16, reason: &str| Err(Response::new(status).with_reason(reason));
    let Ok(refer_to) = request.headers.address(HeaderName::ReferTo) else { return refuse(400, "No Usable Refer-To") };
    if matches!(refer_to.uri, Uri::Other(_)) {
        return refuse(416, "Unsupported URI Scheme");
    }
    let sip = refer_to.uri.sip();
    if sip.and_then(|uri| uri.params.value("method")).is_some_and(|method| method != Method::Invite.as_str()) {
        return refuse(403, "Only INVITE Can Be Asked For");
    }
    let Ok(replaces) = sip.and_then(|uri| uri.header("Replaces")).map(|value| Replaces::parse(value.as_bytes())).transpose() else {
        return refuse(400, "Bad Replaces");
    };
    let number = number_of(&refer_to.uri);
    // Whoever is replaced is found by the dialog; phones then write whatever address they have of it.
    if number.is_none() && replaces.is_none() {
        return refuse(400, "Refer-To Names No Number");
    }
    let is_tracked = !request.headers.text(&HeaderName::ReferSub).is_some_and(|value| value.trim().eq_ignore_ascii_case("false"));
    Ok(ReferTo { number: number.unwrap_or_default(), replaces, is_tracked })
}

/// The refusal of a Replaces that names no dialog of ours.
pub(crate) fn no_such_dialog() -> Response {
    Response::new(603).with_reason("Replaces Names No Call Of Yours")
}

#[cfg(test)]
mod tests {
    use super::*;
    use carillon_sip_core::message::{Host, SipUri};

    fn refer(refer_to: &str) -> Result<ReferTo, u16> {
        let request = Request::new(Method::Refer, SipUri::new(Host::Name("example.net".to_owned()))).with(HeaderName::ReferTo, refer_to);
        read(&request).map_err(|response| response.status)
    }

    fn to(number: &str) -> Result<ReferTo, u16> {
        Ok(ReferTo { number: number.to_owned(), replaces: None, is_tracked: true })
    }

    #[test]
    fn every_spelling_of_a_number_is_read() {
        for (text, number) in [
            ("<sip:200@192.0.2.1>", "200"),
            ("sip:200@192.0.2.1", "200"),
            ("\"Anna\" <sip:anna.b@192.0.2.1;transport=tcp>", "anna.b"),
            ("<tel:+39-06(123).45>", "+390612345"),
            ("<sip:+39-0612345;phone-context=x@192.0.2.1;user=phone>", "+39-0612345"),
            ("<sip:*45%23@192.0.2.1>", "*45#"),
            ("<sips:200@192.0.2.1?Subject=x&Route=%3Csip:evil.example.net%3E>", "200"),
        ] {
            assert_eq!(refer(text), to(number), "{text}");
        }
    }

    #[test]
    fn nothing_but_a_number_is_taken() {
        for (text, status) in [
            ("<sip:192.0.2.1>", 400),
            ("<sip:@192.0.2.1>", 400),
            ("<sip:200%0d%0aVia:x@192.0.2.1>", 400),
            ("<sip:SIP%2Ftrunk%2F200@192.0.2.1>", 400),
            ("<sip:200%20300@192.0.2.1>", 400),
            ("<mailto:anna@example.net>", 416),
            ("<sip:200@192.0.2.1;method=BYE>", 403),
            ("sip:200@192.0.2.1?Replaces=x", 400),
            ("<sip:200@192.0.2.1?Replaces=x%3Bto-tag%3D1>", 400),
            ("", 400),
        ] {
            assert_eq!(refer(text), Err(status), "{text}");
        }
        assert_eq!(refer(&format!("<sip:{}@192.0.2.1>", "1".repeat(65))), Err(400));
    }

    #[test]
    fn the_dialog_to_replace_is_read_and_says_who_is_meant() {
        let read = refer("<sip:192.0.2.1:5060?Replaces=a%40b%3Bto-tag%3Dt%3Bfrom-tag%3Df>").expect("it reads");
        assert_eq!(read.number, "");
        let replaces = read.replaces.expect("Replaces");
        assert_eq!((replaces.call_id.as_str(), replaces.to_tag.as_str(), replaces.from_tag.as_str()), ("a@b", "t", "f"));
    }
}
