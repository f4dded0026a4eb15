//! What must hold for any session description that somebody sends.

use carillon_media_sdp::{LocalMedia, accept_answer, answer, offer};

/// Takes the bytes for an offer and for an answer, over both versions of IP.
pub(crate) fn any(bytes: &[u8]) {
    for ours in ["192.0.2.1:20000", "[2001:db8::1]:20000"] {
        let local = LocalMedia::new(ours.parse().expect("an address"), 77);
        if let Ok((body, plan)) = answer(&local, bytes) {
            assert!(local.codecs.contains(&plan.codec) && plan.remote.port() != 0, "{plan:?}");
            assert!(body.len() <= 2 * bytes.len() + 1024, "an answer of {} bytes to {}", body.len(), bytes.len());
            assert!(!body.contains("\r\n\r\n") && body.ends_with("\r\n"), "{body:?}");
            // Whoever offered can take it: it names one codec of ours, at our address.
            let theirs = LocalMedia { codecs: vec![plan.codec], ..local.clone() };
            assert!(accept_answer(&theirs, body.as_bytes()).is_ok(), "{body}");
        }
        let _ = accept_answer(&local, bytes);
        assert!(answer(&local, offer(&local).as_bytes()).is_ok());
    }
}
