//! Audio that only the two ends can read, by the setting of each phone and trunk: real phones that seal it, and others that may not.

use std::time::Duration;

use carillon_kit::{
    Answering, Baresip, PhoneSetup,
    phone::{Invite, Phone, status},
};

use crate::{client::eventually, site::Site};

/// A server whose phones 1001 and 1002 have these settings.
async fn site(first: &str, second: &str) -> Site {
    Site::start_with(|_, setup| {
        for (phone, setting) in [("1001", first), ("1002", second)] {
            let password = format!("password = \"phone-{phone}\"");
            *setup = setup.replace(&password, &format!("{password}\nmedia_security = \"{setting}\""));
        }
    })
    .await
}

async fn baresip(site: &Site, name: &str, how: Option<&str>, hz: f64) -> Baresip {
    let setup = PhoneSetup::registered(name, &format!("phone-{name}"), &site.sip.to_string(), "udp").tone(hz).answering(Answering::Itself);
    Baresip::start(if let Some(how) = how { setup.encrypts(how) } else { setup }).await
}

/// 1001 seals as it says and calls 1002, which is in clear or sealed otherwise; each hears the other.
async fn talk(settings: (&str, &str), ways: (Option<&str>, Option<&str>)) {
    let site = site(settings.0, settings.1).await;
    let (mut caller, mut callee) = (baresip(&site, "1001", ways.0, 700.0).await, baresip(&site, "1002", ways.1, 1100.0).await);
    let supervisor = site.signed_in("sofia").await;
    eventually("both phones", async || {
        let (_, phones) = supervisor.get("/phones").await;
        let there = phones.as_array()?.iter().filter(|phone| phone["registered"] == true).count();
        (there >= 2).then_some(())
    })
    .await;
    caller.dial(&format!("sip:1002@{}", site.sip)).await;
    caller.is_connected().await;
    caller.hears(1100.0, Duration::from_secs(1)).await;
    callee.hears(700.0, Duration::from_secs(1)).await;
    caller.hang_up().await;
    callee.is_over().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_in_the_description_seal_one_side_and_the_other_stays_as_it_is() {
    talk(("required", "optional"), (Some("srtp-mand"), None)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_of_which_it_is_required_is_called_with_keys() {
    talk(("optional", "required"), (None, Some("srtp-mand"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_seals_both_sides() {
    talk(("required_dtls", "required_dtls"), (Some("dtls_srtp"), Some("dtls_srtp"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_setting_forbids_is_refused_at_once() {
    let site = site("required", "clear").await;
    let in_clear = Phone::registered("1001", site.sip).await;
    let refused = in_clear.invite(Invite::to("1003")).await.final_response().await;
    assert_eq!(status(&refused), 488, "{refused}");

    let sealed = Phone::registered("1002", site.sip).await;
    let offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/SAVP 0\r\n\
                 a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB\r\n";
    let refused = sealed.invite(Invite::to("1003").sdp(offer)).await.final_response().await;
    assert_eq!(status(&refused), 488, "{refused}");
}
