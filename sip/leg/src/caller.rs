//! What an INVITE tells of its caller beyond From: who a trunk vouches for, and whom the call was meant for before.

use crate::called::shown;
use carillon_sip_core::message::{HeaderName, Headers, NameAddr, SipUri, Uri};

/// As many earlier callees of a call are read; a call diverted more often is a loop.
const MOST: usize = 10;
/// Characters kept of any text of a stranger's.
const TEXT: usize = 128;

/// Who calls, in the word of a trunk that is believed (RFC 3325).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The number of P-Asserted-Identity.
    pub number: String,
    /// The name beside it.
    pub name: Option<String>,
}

/// One earlier callee, who sent the call on (RFC 5806 Diversion, RFC 7044 History-Info). A claim of whoever sent the INVITE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diverted {
    /// The number first called.
    pub number: String,
    /// The name beside it.
    pub name: Option<String>,
    /// Why it went on, as written (`unconditional`, `user-busy`), or the SIP status that made it (`302`).
    pub reason: Option<String>,
}

/// Text of a stranger, bounded and without control characters.
pub(crate) fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(TEXT).collect()
}

/// The number in an address.
pub(crate) fn number(uri: &Uri) -> String {
    plain(&shown(uri))
}

/// The display name of an address, if it says something.
pub(crate) fn name(address: &NameAddr) -> Option<String> {
    address.display.as_deref().map(plain).filter(|name| !name.trim().is_empty())
}

/// Whom P-Asserted-Identity names; of a SIP and a `tel:` address the telephone number.
pub(crate) fn identity(headers: &Headers) -> Option<Identity> {
    let addresses = headers.addresses(HeaderName::PAssertedIdentity).ok()?;
    let best = addresses.iter().find(|address| matches!(address.uri, Uri::Tel(_))).or(addresses.first())?;
    let name = name(best).or_else(|| addresses.iter().find_map(name));
    let number = number(&best.uri);
    (!number.is_empty()).then_some(Identity { number, name })
}

/// Whether the caller wants not to be shown (RFC 3323, RFC 3325 9.3).
pub(crate) fn wants_privacy(headers: &Headers) -> bool {
    let values = headers.get_all(&HeaderName::Privacy).map(|value| String::from_utf8_lossy(value).to_ascii_lowercase());
    values.into_iter().any(|value| value.split([';', ',']).any(|word| matches!(word.trim(), "id" | "user" | "header" | "full")))
}

/// Whom the call was for before, the last one first: Diversion where it stands, else History-Info.
pub(crate) fn diverted(headers: &Headers) -> Vec<Diverted> {
    let diversion = headers.addresses(HeaderName::Diversion).unwrap_or_default();
    if !diversion.is_empty() {
        let reason = |address: &NameAddr| address.params.text("reason").map(|reason| plain(&reason));
        return diversion.iter().filter_map(|address| one(address, reason(address))).take(MOST).collect();
    }
    let history = headers.addresses(HeaderName::HistoryInfo).unwrap_or_default();
    // Each entry says in the next one's cause why it was left; the last is where the call is now.
    let pairs = history.iter().zip(history.iter().skip(1)).rev();
    pairs.filter_map(|(left, next)| one(left, cause(left, next))).take(MOST).collect()
}

fn one(address: &NameAddr, reason: Option<String>) -> Option<Diverted> {
    let number = number(&address.uri);
    (!number.is_empty()).then(|| Diverted { number, name: name(address), reason })
}

/// RFC 4458 `cause` of the target that came instead, or the Reason that stands with the target that was left.
fn cause(left: &NameAddr, next: &NameAddr) -> Option<String> {
    let by_uri = next.uri.sip().and_then(|uri| uri.params.value("cause")).map(str::to_owned);
    let by_reason = left.uri.sip().and_then(|uri: &SipUri| uri.header("Reason")).and_then(|reason| {
        let (_, rest) = reason.split_once("cause=")?;
        Some(rest.chars().take_while(char::is_ascii_digit).collect::<String>())
    });
    by_uri.or(by_reason).map(|cause| plain(&cause)).filter(|cause| !cause.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(HeaderName, &str)]) -> Headers {
        let mut headers = Headers::default();
        fields.iter().for_each(|(name, value)| headers.push(name.clone(), *value));
        headers
    }

    fn who(fields: &[(HeaderName, &str)]) -> Vec<(String, Option<String>)> {
        diverted(&headers(fields)).into_iter().map(|diverted| (diverted.number, diverted.reason)).collect()
    }

    #[test]
    fn earlier_callees_are_read_in_both_spellings_the_last_first() {
        let diversion = "\"Anna\" <sip:1001@pbx.example.net>;reason=user-busy;counter=1, <tel:+39-06-1>;reason=\"unconditional\"";
        let expected = vec![("1001".to_owned(), Some("user-busy".to_owned())), ("+39061".to_owned(), Some("unconditional".to_owned()))];
        assert_eq!(who(&[(HeaderName::Diversion, diversion)]), expected);
        let history = "<sip:300@a.example.net>;index=1, <sip:301@a.example.net;cause=302?Reason=SIP%3Bcause%3D486>;index=1.1, \
                       <sip:302@a.example.net>;index=1.2";
        let expected = vec![("301".to_owned(), Some("486".to_owned())), ("300".to_owned(), Some("302".to_owned()))];
        assert_eq!(who(&[(HeaderName::HistoryInfo, history)]), expected);
        assert_eq!(who(&[(HeaderName::HistoryInfo, "<sip:300@a.example.net>;index=1")]), vec![]);
    }

    #[test]
    fn no_more_than_ten_are_read_and_nonsense_is_none() {
        let many = vec!["<sip:1@a.example.net>"; 40].join(", ");
        assert_eq!(who(&[(HeaderName::Diversion, &many)]).len(), 10);
        assert_eq!(who(&[(HeaderName::Diversion, "nonsense")]), vec![]);
    }

    #[test]
    fn a_telephone_number_speaks_before_an_address_and_either_name_will_do() {
        let both = "\"Rosa\" <sip:rosa@carrier.example.net>, <tel:+39-06-123>";
        let identity = identity(&headers(&[(HeaderName::PAssertedIdentity, both)])).expect("an identity");
        assert_eq!((identity.number.as_str(), identity.name.as_deref()), ("+3906123", Some("Rosa")));
        assert!(wants_privacy(&headers(&[(HeaderName::Privacy, "user; id")])));
        assert!(!wants_privacy(&headers(&[(HeaderName::Privacy, "none")])));
    }
}
