//! Messages: a lazy parser on [`Bytes`](bytes::Bytes), typed views on demand, builders.
//!
//! Parsing splits the start line and the header fields and settles the framing; the values stay slices of the packet,
//! any bytes in them kept. A view ([`Headers::from`], [`Headers::vias`]) reads one header when somebody asks for it.
//! [`validate`] is the one place that holds a request against RFC 3261 as a whole.

mod address;
mod error;
mod framer;
mod headers;
mod host;
pub(crate) mod lex;
mod method;
mod name;
mod params;
mod parse;
mod replaces;
mod request;
mod response;
mod uri;
mod validate;
mod via;
mod views;

pub use address::{Contacts, NameAddr};
pub use error::{HeaderError, ParseError};
pub use framer::{FrameError, Framed, StreamFramer};
pub use headers::{HeaderValue, Headers};
pub use host::{Host, NotAHost};
pub use method::{ExtensionMethod, Method, NotAMethod};
pub use name::{ExtensionName, HeaderName};
pub use params::Params;
pub use parse::Message;
pub use replaces::Replaces;
pub use request::Request;
pub use response::{Response, reason_phrase};
pub use uri::{SipUri, TelUri, Uri, UriError};
pub use validate::{validate, validate_response};
pub use via::Via;
pub use views::{CSeq, ContentType, RAck};
