//! Media that only the two ends can read, without sockets: who may send (ICE-lite, RFC 8445), with which keys (DTLS-SRTP,
//! RFC 5763 and 5764, or SDES, RFC 4568) and how each packet is sealed (SRTP, RFC 3711 and 7714).
//!
//! - `stun` the few messages of RFC 8489 that a lite agent reads and writes
//! - `ice` one lite agent: which address its peer proved to hold, and when the peer's consent (RFC 7675) ends
//! - `dtls` one handshake, held to the fingerprint that the SDP named
//! - `srtp` packets sealed and opened in place; replays and forgeries never get through
//! - `peer` all of them for one leg: sorts datagrams (RFC 7983), and opens nothing that has not been proved
//!
//! Everything takes the time as an argument. Sealing and opening a packet allocate nothing.

mod dtls;
mod ice;
mod identity;
mod peer;
mod srtp;
mod stun;
#[cfg(test)]
mod testing;

pub use dtls::{Dtls, DtlsError, Role};
pub use ice::{CONSENT_LASTS, Credentials, IceLite};
pub use identity::{Fingerprint, Identity, IdentityError};
pub use peer::{Keying, Peer, PeerEvent, Received, is_rtcp};
pub use srtp::{MasterKey, Profile, SrtpError, SrtpReceiver, SrtpSender, TAG_ROOM};
pub use stun::{StunError, binding_response, is_stun};
