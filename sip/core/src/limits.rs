//! Every bound on what the network may make this crate hold or read, in one table.
//!
//! A message over a bound is refused (the status is in the line) or, where it cannot be answered, dropped.

/// Bytes of one whole message, start line to end of body; 513 on a stream (a datagram cannot be larger).
pub const MESSAGE: usize = 64 * 1024;
/// Header fields of one message, before comma-separated lists are split; 400.
pub const HEADERS: usize = 256;
/// Bytes of one header field with its continuation lines; 400.
pub const HEADER_FIELD: usize = 8 * 1024;
/// Bytes of a header field's name; 400.
pub const HEADER_NAME: usize = 128;
/// Bytes of the start line; 414 where it is a request's.
pub const START_LINE: usize = 4 * 1024;
/// Bytes of one URI; 400 (414 is for the whole start line).
pub const URI: usize = 2 * 1024;
/// Bytes of a method; what is longer is no SIP and dropped.
pub const METHOD: usize = 64;
/// Via values of one message: as many as Max-Forwards starts with (RFC 3261 8.1.1.6); 400.
pub const VIAS: usize = 70;
/// Values of one comma-separated header (Contact, Route, Supported); 400.
pub const LIST_VALUES: usize = 128;
/// Parameters of one value or URI; 400.
pub const PARAMS: usize = 64;
/// Bytes of a Call-ID; 400.
pub const CALL_ID: usize = 512;
/// Nonces whose count is remembered; the oldest become stale when there are more.
pub const NONCES: usize = 16 * 1024;
/// Seconds for which a nonce is fresh.
pub const NONCE_SECONDS: u64 = 300;
