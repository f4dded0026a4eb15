//! Making an offer (RFC 3264 section 5).

use crate::LocalMedia;

/// The description we offer: one audio line with every codec of `local`, in its order.
pub fn offer(local: &LocalMedia) -> String {
    let protection = &local.protection;
    let audio = local.audio(protection.profile(), &local.offered_formats(), local.direction, protection.offer_lines());
    local.describe(vec![audio])
}
