//! What must hold for any bytes that stand for a URI, an address or a Replaces.

use carillon_sip_core::message::{HeaderName, Headers, NameAddr, Replaces, Uri};

/// Reads the bytes as each of them; what was read prints so that it reads the same again.
pub(crate) fn any(bytes: &[u8]) {
    if let Ok(uri) = Uri::parse(bytes) {
        let printed = uri.to_string();
        assert_eq!(Uri::parse(printed.as_bytes()).expect("what we print, we read"), uri);
        let _ = uri.user();
        if let Some(sip) = uri.sip() {
            assert!(sip.same_as(sip), "{printed} is itself");
            let _ = (sip.header("Replaces"), sip.transport());
        }
        // Between brackets it is the same, whatever stands in it.
        let mut headers = Headers::default();
        headers.push(HeaderName::ReferTo, NameAddr::new(uri.clone()));
        assert_eq!(headers.address(HeaderName::ReferTo).map(|address| address.uri), Ok(uri));
    }
    if let Ok(replaces) = Replaces::parse(bytes) {
        assert_eq!(Replaces::parse(replaces.to_string().as_bytes()), Ok(replaces));
    }
    let mut headers = Headers::default();
    headers.push(HeaderName::RAck, bytes);
    headers.push(HeaderName::Contact, bytes);
    let _ = (headers.rack(), headers.contacts(), headers.tokens(&HeaderName::Contact));
}
