//! A certificate for trying things out: browsers and phones must be told to believe it.

use std::{
    fs,
    io::Write as _,
    net::IpAddr,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::Context;

use super::certificate::lasts;
use crate::config::Tls;

/// Makes a certificate for this machine in a folder, or takes the one that is there while it lasts.
///
/// # Errors
/// The folder cannot be written.
pub fn self_signed(folder: &Path, address: IpAddr) -> anyhow::Result<Tls> {
    let tls = Tls { certificate: folder.join("certificate.pem"), key: folder.join("key.pem"), ..Tls::default() };
    if lasts(&tls.certificate, &tls.key) {
        return Ok(tls);
    }
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned(), address.to_string()];
    let key = rcgen::KeyPair::generate()?;
    let mut parameters = rcgen::CertificateParams::new(names)?;
    parameters.distinguished_name.push(rcgen::DnType::CommonName, "Carillon");
    let now = jiff::Zoned::now();
    let year = |ahead: i16| i32::from(now.year() + ahead);
    parameters.not_before = rcgen::date_time_ymd(year(-1), 1, 1);
    parameters.not_after = rcgen::date_time_ymd(year(2), 1, 1);
    let certificate = parameters.self_signed(&key)?;
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    write(&tls.certificate, &certificate.pem(), 0o644)?;
    write(&tls.key, &key.serialize_pem(), 0o600)?;
    Ok(tls)
}

fn write(path: &PathBuf, text: &str, mode: u32) -> anyhow::Result<()> {
    let file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).with_context(|| format!("{} cannot be written", path.display()))
}
