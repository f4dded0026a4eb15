//! Phones register over TCP, TLS and WebSocket, on listeners of their own and on the port of the page, are called down the connection they
//! came by, and are out of reach the moment it is gone (RFC 5626, RFC 7118).

use std::net::{Ipv4Addr, SocketAddr};

use carillon_kit::phone::status;

use super::{
    certificates::Authority,
    handset::{By, Handset, header},
};
use crate::{client::Client, client::eventually, site::Site};

async fn site(authority: &Authority, https: bool) -> Site {
    let any = vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))];
    Site::start_with(|config, _| {
        config.tls = authority.tls();
        config.http.https = https;
        (config.sip.tls, config.sip.ws, config.sip.wss) = (any.clone(), any.clone(), any.clone());
    })
    .await
}

async fn is_registered(api: &Client, name: &str, registered: bool) {
    eventually(&format!("{name} being registered: {registered}"), async || {
        let (_, phones) = api.get("/phones").await;
        let phone = phones.as_array()?.iter().find(|phone| phone["name"] == name)?.clone();
        (phone["registered"] == registered).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn and_are_called_down_their_connection_until_it_closes() {
    let authority = Authority::new();
    let site = site(&authority, false).await;
    let api = site.signed_in("admin").await;
    let bound = site.server.bound().clone();
    let ways = [
        (By::Tcp, bound.sip_tcp[0]),
        (By::Tls, bound.sip_tls[0]),
        (By::Ws, bound.sip_ws[0]),
        (By::Wss, bound.sip_wss[0]),
        (By::Ws, bound.http),
    ];
    for (by, server) in ways {
        let mut phone = Handset::connect("1001", by, server, &authority).await;
        let registered = phone.register("").await;
        assert!(registered.starts_with("SIP/2.0 200"), "{by:?}: {registered}");
        is_registered(&api, "1001", true).await;

        let mut call = site.trunk.dial("1001").await;
        let invite = phone.hears().await;
        assert!(invite.starts_with("INVITE sip:1001@df7jal23ls0d.invalid;transport="), "{by:?}: {invite}");
        let contact = header(&invite, "Contact").unwrap_or_default();
        let port = server.port();
        assert!(contact.starts_with(&format!("<sip:127.0.0.1:{port};transport=")), "{by:?}: our Contact is where it came to: {contact}");
        phone.answer(&invite, "486 Busy Here").await;
        assert_eq!(status(&call.final_response().await), 486, "{by:?}");
        assert!(phone.hears().await.starts_with("ACK "), "{by:?}");

        drop(phone);
        is_registered(&api, "1001", false).await;
        assert_eq!(status(&site.trunk.dial("1001").await.final_response().await), 480, "{by:?}: nobody is called by the host in Contact");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_s_own_port_takes_them_over_https_too() {
    let authority = Authority::new();
    let site = site(&authority, true).await;
    let mut phone = Handset::connect("1001", By::Wss, site.server.bound().http, &authority).await;
    assert!(phone.register("").await.starts_with("SIP/2.0 200"));
    let mut call = site.trunk.dial("1001").await;
    let invite = phone.hears().await;
    assert!(invite.contains("\r\nVia: SIP/2.0/WSS 127.0.0.1:"), "{invite}");
    phone.answer(&invite, "486 Busy Here").await;
    assert_eq!(status(&call.final_response().await), 486);
}
