use std::fmt;
use std::str::FromStr;

use bytes::Bytes;

use super::lex;
use crate::limits;

macro_rules! methods {
    ($($variant:ident $text:literal $doc:literal),* $(,)?) => {
        /// A request's method. Case-sensitive (RFC 3261 7.1): `invite` is an extension, not INVITE.
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Method {
            $(#[doc = $doc] $variant,)*
            /// A method this stack has no name for.
            Other(ExtensionMethod),
        }

        impl Method {
            /// The method as it stands in a start line.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other(other) => other.as_str(),
                }
            }

            fn known(bytes: &[u8]) -> Option<Self> {
                $(if bytes == $text.as_bytes() { return Some(Self::$variant); })*
                None
            }
        }
    };
}

methods! {
    Invite "INVITE" "RFC 3261",
    Ack "ACK" "RFC 3261",
    Bye "BYE" "RFC 3261",
    Cancel "CANCEL" "RFC 3261",
    Options "OPTIONS" "RFC 3261",
    Register "REGISTER" "RFC 3261",
    Info "INFO" "RFC 6086",
    Prack "PRACK" "RFC 3262",
    Update "UPDATE" "RFC 3311",
    Subscribe "SUBSCRIBE" "RFC 6665",
    Notify "NOTIFY" "RFC 6665",
    Refer "REFER" "RFC 3515",
    Message "MESSAGE" "RFC 3428",
    Publish "PUBLISH" "RFC 3903",
}

impl Method {
    /// Reads a method; `None` when it is no token or longer than [`limits::METHOD`].
    pub fn from_bytes(bytes: &Bytes) -> Option<Self> {
        Self::known(bytes).or_else(|| ExtensionMethod::new(bytes.clone()).map(Self::Other))
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is no method: not a token, or too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a method")]
pub struct NotAMethod;

impl FromStr for Method {
    type Err = NotAMethod;

    fn from_str(text: &str) -> Result<Self, NotAMethod> {
        Self::from_bytes(&Bytes::copy_from_slice(text.as_bytes())).ok_or(NotAMethod)
    }
}

/// A method that is a token and none of the known ones.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExtensionMethod(Bytes);

impl ExtensionMethod {
    fn new(bytes: Bytes) -> Option<Self> {
        (bytes.len() <= limits::METHOD && lex::is_token(&bytes)).then_some(Self(bytes))
    }

    /// The method as written.
    pub fn as_str(&self) -> &str {
        // A token is ASCII; the fallback is never seen.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}
