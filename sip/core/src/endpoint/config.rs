//! What an endpoint is told at construction.

use crate::message::Method;
use crate::reach::Reach;
use crate::transaction::Timing;

/// Settings of an [`Endpoint`](super::Endpoint). All of them hold for its whole life.
#[derive(Debug, Clone)]
pub struct EndpointConfig {
    /// The name in Server and User-Agent. Keep it neutral: no version, no host.
    pub server_name: String,
    /// What stands in Via and Contact; where nothing is known, the socket's own address.
    pub reach: Reach,
    /// The methods the application handles. Others get 405, unknown ones 501. ACK and CANCEL are always handled here.
    pub methods: Vec<Method>,
    /// The option tags the application understands in Require. Others get 420.
    pub supported: Vec<String>,
    /// Lengths of timers.
    pub timing: Timing,
    /// Bounds of the tables.
    pub limits: EndpointLimits,
    /// Seeds tags, branches and Call-IDs. Must be secret and differ from start to start.
    pub seed: [u8; 32],
}

impl EndpointConfig {
    /// Settings of a user agent server for calls and registration, with the timers of RFC 3261.
    pub fn new(seed: [u8; 32]) -> Self {
        Self {
            server_name: "Carillon".into(),
            reach: Reach::new(),
            methods: vec![Method::Invite, Method::Ack, Method::Bye, Method::Cancel, Method::Options, Method::Register, Method::Info],
            supported: Vec::new(),
            timing: Timing::default(),
            limits: EndpointLimits::default(),
            seed,
        }
    }
}

/// Bounds of an endpoint's tables. What would pass them is answered 503 without any state, or refused to the caller of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndpointLimits {
    /// Requests being answered, or answered and remembered for their retransmissions.
    pub server_transactions: usize,
    /// Of these, those kept free for trusted peers and for requests inside a dialog.
    pub reserved_server_transactions: usize,
    /// Of these, those one IP address may hold unless it is trusted.
    pub server_transactions_per_source: usize,
    /// Bytes held by all of these together.
    pub server_transaction_bytes: usize,
    /// Requests of ours being answered.
    pub client_transactions: usize,
    /// Dialogs, early and confirmed.
    pub dialogs: usize,
    /// Dialogs that one forked INVITE of ours may make.
    pub dialogs_per_invite: usize,
}

impl Default for EndpointLimits {
    fn default() -> Self {
        Self {
            server_transactions: 32_768,
            reserved_server_transactions: 8_192,
            server_transactions_per_source: 8_192,
            server_transaction_bytes: 48 << 20,
            client_transactions: 32_768,
            dialogs: 16_384,
            dialogs_per_invite: 16,
        }
    }
}
