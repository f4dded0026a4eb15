//! Making an offer (RFC 3264 section 5).

use crate::LocalMedia;

/// The description we offer: one audio line with every codec of `local`, in its order.
pub fn offer(local: &LocalMedia) -> String {
    local.describe(vec![local.audio("RTP/AVP", &local.offered_formats(), local.direction)])
}
