//! The edge of the server: every transport, its certificate, who is behind a proxy or a router.

mod a_call_for_one_device;
mod a_page_s_phone_needs_no_password;
mod a_trunk_over_tls;
mod a_trunk_that_has_a_name;
mod a_trunk_that_knows_us_by_name;
mod carrier;
pub(crate) mod certificates;
pub(crate) mod handset;
mod https_and_proxies;
mod name_server;
mod phones_come_by_every_transport;
