//! A phone with two devices is told an address of each (GRUU, RFC 5627), and a call to one of them rings that one.

use carillon_kit::phone::{Invite, status};

use super::{
    certificates::Authority,
    handset::{By, Handset, header},
};
use crate::site::Site;

const DESK: &str = "urn:uuid:00000000-0000-1000-8000-00000000000a";
const PAGE: &str = "urn:uuid:00000000-0000-1000-8000-00000000000b";

async fn device(site: &Site, authority: &Authority, urn: &str) -> Handset {
    let mut device = Handset::connect("1001", By::Tcp, site.sip_tcp, authority).await;
    let registered = device.register_with(&format!(";+sip.instance=\"<{urn}>\""), "Supported: gruu\r\n").await;
    assert!(registered.starts_with("SIP/2.0 200"), "{registered}");
    let own = format!("pub-gruu=\"sip:1001@{};gr={urn}\"", site.sip_tcp);
    assert!(registered.contains(&own), "{registered}");
    device
}

#[tokio::test(flavor = "multi_thread")]
async fn rings_that_device_alone() {
    let authority = Authority::new();
    let site = Site::start().await;
    let mut desk = device(&site, &authority, DESK).await;
    let mut page = device(&site, &authority, PAGE).await;
    for (rung, urn) in [(&mut page, PAGE), (&mut desk, DESK)] {
        let mut call = site.trunk.invite(Invite::to("1001").device(urn)).await;
        let invite = rung.hears().await;
        assert!(invite.starts_with("INVITE sip:1001@"), "{invite}");
        rung.answer(&invite, "486 Busy Here").await;
        assert_eq!(status(&call.final_response().await), 486, "nobody else was asked");
        assert!(rung.hears().await.starts_with("ACK "));
    }
    let mut call = site.trunk.invite(Invite::to("1001").device("urn:uuid:gone")).await;
    assert_eq!(status(&call.final_response().await), 480);
    // Its number rings all of them.
    let mut call = site.trunk.dial("1001").await;
    for device in [&mut desk, &mut page] {
        let invite = device.hears().await;
        assert_eq!(header(&invite, "CSeq").as_deref(), Some("1 INVITE"), "{invite}");
        device.answer(&invite, "486 Busy Here").await;
    }
    assert_eq!(status(&call.final_response().await), 486);
}
