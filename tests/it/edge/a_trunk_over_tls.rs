//! A trunk by TLS must show a certificate of its name that an authority we believe has signed; one that connects to us as well, where that is
//! set.

use std::{net::Ipv4Addr, sync::Arc};

use carillon_sip_core::message::Method;
use rcgen::{CertificateParams, KeyPair};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use super::{
    carrier::{Carrier, account, trunk},
    certificates::Authority,
};
use crate::{client::eventually, site::Site};

fn config(certificate: CertificateDer<'static>, key: PrivateKeyDer<'static>) -> Arc<ServerConfig> {
    Arc::new(ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key).expect("a configuration"))
}

async fn site(authority: &Authority, carrier: &Carrier) -> Site {
    let account = account(", register = true");
    let trunk = trunk("localhost", &carrier.port(), &format!("transport = \"tls\"\n{account}"));
    Site::start_with(|config, setup| {
        config.tls = authority.tls();
        config.sip.tls = config.sip.tcp.clone();
        setup.push_str(&trunk);
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_whose_certificate_is_believed_is_registered_with() {
    let authority = Authority::new();
    let certificate = CertificateDer::from_pem_file(authority.path("certificate.pem")).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(authority.path("key.pem")).expect("a key");
    let mut carrier = Carrier::by_tls(config(certificate, key)).await;
    let site = site(&authority, &carrier).await;
    let granted = carrier.grants(600).await;
    assert_eq!(granted.method, Method::Register);
    assert_eq!(granted.uri.to_string(), "sip:localhost");
    let admin = site.signed_in("admin").await;
    eventually("the registration", async || {
        let (_, page) = admin.get("/trunks").await;
        let registered = page["items"].as_array()?.iter().any(|row| row["status"]["registration"] == "registered");
        registered.then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_whose_certificate_is_its_own_hears_nothing() {
    let (authority, key) = (Authority::new(), KeyPair::generate().expect("a key"));
    let own = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).expect("parameters").self_signed(&key);
    let own = own.expect("a certificate").der().clone();
    let carrier = Carrier::by_tls(config(own, PrivateKeyDer::try_from(key.serialize_der()).expect("a key"))).await;
    let site = site(&authority, &carrier).await;
    let admin = site.signed_in("admin").await;
    let error = eventually("the failure", async || {
        let (_, page) = admin.get("/trunks").await;
        let row = page["items"].as_array()?.iter().find(|row| row["status"]["registration"] == "failed")?.clone();
        Some(row["status"]["errors"].clone())
    })
    .await;
    assert_eq!(error, serde_json::json!([{ "code": "registrar_silent" }]));
    assert!(carrier.heard_nothing());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_connects_shows_a_certificate_where_that_is_asked_and_phones_need_none() {
    let (authority, others) = (Authority::new(), Authority::new());
    let listen = vec!["127.0.0.1:0".parse().expect("an address")];
    let site = Site::start_with(|config, setup| {
        config.tls = authority.tls();
        config.tls.trunk_authorities = authority.path("authorities.pem");
        config.sip.tls = listen;
        setup.push_str("\n[[trunk]]\nname = \"carrier\"\nhost = \"127.0.0.9\"\ntransport = \"tls\"\n");
    })
    .await;
    let server = site.server.bound().sip_tls[0];
    let options = format!(
        "OPTIONS sip:{server} SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.9;branch=z9hG4bKshown\r\nMax-Forwards: 70\r\nFrom: <sip:c@127.0.0.9>;tag=c\r\n\
         To: <sip:{server}>\r\nCall-ID: shown\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    );
    for (from, shown, is_heard) in [
        (Ipv4Addr::new(127, 0, 0, 9), Some(&authority), true),
        (Ipv4Addr::new(127, 0, 0, 9), Some(&others), false),
        (Ipv4Addr::new(127, 0, 0, 9), None, false),
        (Ipv4Addr::new(127, 0, 0, 8), None, true),
    ] {
        let answered = authority.asks(server, from, shown, &options).await;
        assert_eq!(answered.is_some_and(|answer| answer.starts_with("SIP/2.0 200")), is_heard, "{from} {}", shown.is_some());
    }
}
