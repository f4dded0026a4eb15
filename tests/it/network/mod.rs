//! A call with audio through each kind of network: either IP version, both, and routers that translate addresses.

mod a_bad_line;
mod behind_routers;
mod both_ip_versions;
mod namespaces;
