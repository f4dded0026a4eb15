use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Range;

use bytes::Bytes;

use super::lex;
use crate::limits;

macro_rules! names {
    ($($variant:ident $text:literal $lower:literal $($compact:literal)?),* $(,)?) => {
        /// The name of a header field. Compact forms (RFC 3261 7.3.3) and any case fold to one variant.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum HeaderName {
            $(#[doc = concat!("`", $text, "`")] $variant,)*
            /// A name this stack does not know, kept as written; compared without case.
            Other(ExtensionName),
        }

        impl HeaderName {
            /// The name in full, as it is printed.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other(other) => other.as_str(),
                }
            }

            fn known(lower: &[u8]) -> Option<Self> {
                $(const _: () = assert!($lower.len() == $text.len());)*
                Some(match lower {
                    $($lower $(| $compact)? => Self::$variant,)*
                    _ => return None,
                })
            }
        }
    };
}

names! {
    Accept "Accept" b"accept",
    AcceptEncoding "Accept-Encoding" b"accept-encoding",
    AcceptLanguage "Accept-Language" b"accept-language",
    AlertInfo "Alert-Info" b"alert-info",
    Allow "Allow" b"allow",
    AllowEvents "Allow-Events" b"allow-events" b"u",
    AuthenticationInfo "Authentication-Info" b"authentication-info",
    Authorization "Authorization" b"authorization",
    CallId "Call-ID" b"call-id" b"i",
    CallInfo "Call-Info" b"call-info",
    Contact "Contact" b"contact" b"m",
    ContentDisposition "Content-Disposition" b"content-disposition",
    ContentEncoding "Content-Encoding" b"content-encoding" b"e",
    ContentLength "Content-Length" b"content-length" b"l",
    ContentType "Content-Type" b"content-type" b"c",
    CSeq "CSeq" b"cseq",
    Date "Date" b"date",
    Diversion "Diversion" b"diversion",
    Event "Event" b"event" b"o",
    Expires "Expires" b"expires",
    From "From" b"from" b"f",
    HistoryInfo "History-Info" b"history-info",
    Identity "Identity" b"identity" b"y",
    InfoPackage "Info-Package" b"info-package",
    MaxForwards "Max-Forwards" b"max-forwards",
    MinExpires "Min-Expires" b"min-expires",
    MinSe "Min-SE" b"min-se",
    PAssertedIdentity "P-Asserted-Identity" b"p-asserted-identity",
    PPreferredIdentity "P-Preferred-Identity" b"p-preferred-identity",
    Path "Path" b"path",
    Privacy "Privacy" b"privacy",
    ProxyAuthenticate "Proxy-Authenticate" b"proxy-authenticate",
    ProxyAuthorization "Proxy-Authorization" b"proxy-authorization",
    ProxyRequire "Proxy-Require" b"proxy-require",
    RAck "RAck" b"rack",
    Reason "Reason" b"reason",
    RecordRoute "Record-Route" b"record-route",
    ReferSub "Refer-Sub" b"refer-sub",
    ReferTo "Refer-To" b"refer-to" b"r",
    ReferredBy "Referred-By" b"referred-by" b"b",
    RemotePartyId "Remote-Party-ID" b"remote-party-id",
    Replaces "Replaces" b"replaces",
    Require "Require" b"require",
    RetryAfter "Retry-After" b"retry-after",
    Route "Route" b"route",
    RSeq "RSeq" b"rseq",
    Server "Server" b"server",
    ServiceRoute "Service-Route" b"service-route",
    SessionExpires "Session-Expires" b"session-expires" b"x",
    SipEtag "SIP-ETag" b"sip-etag",
    SipIfMatch "SIP-If-Match" b"sip-if-match",
    Subject "Subject" b"subject" b"s",
    SubscriptionState "Subscription-State" b"subscription-state",
    Supported "Supported" b"supported" b"k",
    Timestamp "Timestamp" b"timestamp",
    To "To" b"to" b"t",
    Unsupported "Unsupported" b"unsupported",
    UserAgent "User-Agent" b"user-agent",
    Via "Via" b"via" b"v",
    Warning "Warning" b"warning",
    WwwAuthenticate "WWW-Authenticate" b"www-authenticate",
}

impl HeaderName {
    /// Reads a name from text: `HeaderName::new("X-Queue")`. `None` when it is no token or longer than [`limits::HEADER_NAME`].
    pub fn new(text: &str) -> Option<Self> {
        Self::read(&Bytes::copy_from_slice(text.as_bytes()), 0..text.len())
    }

    /// Reads a name out of a packet; `None` as for [`HeaderName::new`].
    pub(super) fn read(packet: &Bytes, range: Range<usize>) -> Option<Self> {
        let bytes = &packet[range.clone()];
        let mut lower = [0; 24];
        if let Some(lower) = lower.get_mut(..bytes.len()) {
            lower.copy_from_slice(bytes);
            lower.make_ascii_lowercase();
            if let Some(name) = Self::known(lower) {
                return Some(name);
            }
        }
        ExtensionName::new(packet.slice(range)).map(Self::Other)
    }
}

impl fmt::Display for HeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A header name that is a token and none of the known ones; equal without regard to case.
#[derive(Debug, Clone)]
pub struct ExtensionName(Bytes);

impl ExtensionName {
    fn new(bytes: Bytes) -> Option<Self> {
        (bytes.len() <= limits::HEADER_NAME && lex::is_token(&bytes)).then_some(Self(bytes))
    }

    /// The name as written.
    pub fn as_str(&self) -> &str {
        // A token is ASCII; the fallback is never seen.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl PartialEq for ExtensionName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for ExtensionName {}

impl Hash for ExtensionName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.iter().for_each(|b| state.write_u8(b.to_ascii_lowercase()));
    }
}
