//! The edge of the server: every transport, its certificate, who is behind a proxy or a router.

pub(crate) mod certificates;
pub(crate) mod handset;
mod https_and_proxies;
mod phones_come_by_every_transport;
