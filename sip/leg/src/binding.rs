//! A registration as it is kept over a restart.

use carillon_sip_core::Hop;
use std::time::Duration;

/// One registered contact of a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedBinding {
    /// The phone's user name.
    pub phone: String,
    /// The Contact URI as registered.
    pub contact: String,
    /// The path to the phone: where its REGISTER came from.
    pub hop: Hop,
    /// `+sip.instance`, which names the device (RFC 5626).
    pub instance: Option<String>,
    /// The proxies between us and the phone (RFC 3327): the value of the Route header of requests to it.
    pub path: Option<String>,
    /// Its preference among the phone's places (`q` of the Contact), in thousandths.
    pub preference: u16,
    /// The Call-ID of its registrations.
    pub call_id: String,
    /// The last CSeq number seen.
    pub cseq: u32,
    /// How long it is still valid. The flow of a stream's hop means nothing after a restart.
    pub expires_in: Duration,
    /// What the phone calls itself.
    pub user_agent: Option<String>,
    /// Whether it can be called now.
    pub reachable: bool,
}
