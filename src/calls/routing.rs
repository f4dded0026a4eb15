//! From the signalling and media threads to the mailbox of the call concerned. Runs on their time: never waits.

use carillon_media_engine as media;
use carillon_sip_leg as sip;

use super::{mailbox::Input, registry::Calls};

/// Hands an event of a leg to its call. Events of legs whose call is gone end here.
pub fn route_sip_event(calls: &Calls, leg: sip::LegId, event: sip::Event) {
    if let Some(mailbox) = calls.mailbox_of_part(leg.0) {
        mailbox.post(Input::Sip(Box::new(event)));
    }
}

/// Hands an event of the media engine to its call.
pub fn route_media_event(calls: &Calls, event: media::Event) {
    let part = match &event {
        media::Event::Latched { .. } | media::Event::MediaBack { .. } => return,
        media::Event::Digit { leg, .. }
        | media::Event::PlayEnded { leg, .. }
        | media::Event::MediaLost { leg }
        | media::Event::Hearing { leg, .. }
        | media::Event::ConsentLost { leg }
        | media::Event::SecurityFailed { leg, .. }
        | media::Event::LegClosed { leg, .. } => leg.0,
        media::Event::RecordingClosed { recording, .. } => recording.0,
    };
    if let Some(mailbox) = calls.mailbox_of_part(part) {
        mailbox.post(Input::Media(event));
    }
}
