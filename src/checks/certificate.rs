//! The certificate and the authorities of `[tls]`.

use super::Finding;
use crate::{
    config::Config,
    tls::{self, Certificates},
};

pub(super) fn check(config: &Config) -> Vec<Finding> {
    let tls = &config.tls;
    let of_trunks = |own| tls.asks_trunks().map_or(Ok(()), |authorities| tls::server_of_trunks(&own, authorities).map(drop));
    let own = tls.is_set().then(|| Certificates::load(&tls.certificate, &tls.key).and_then(of_trunks)).and_then(Result::err);
    let authorities = tls::client(&tls.authorities, None).err();
    [own, authorities].into_iter().flatten().map(|error| Finding::grave(format!("{error:#}"))).collect()
}
