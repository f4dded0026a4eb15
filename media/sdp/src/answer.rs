//! Answering an offer, and taking the answer to ours (RFC 3264 sections 6 and 7).

use crate::{
    Codec, Direction, LocalMedia, MediaPlan, ProtectionKind, SdpError,
    local::{Formats, media_line},
    read::{RemoteAudio, read},
};

/// Answers an offer, at our address of its IP version: takes its first usable audio line with one codec (the first of `local.codecs` it has) and
/// telephone-event, and refuses every other media line with port 0.
///
/// # Errors
/// [`SdpError`] when nothing in the offer can be used; its `status` is the answer the request deserves.
pub fn answer(local: &LocalMedia, offer: &[u8]) -> Result<(String, MediaPlan), SdpError> {
    let session = read(offer)?;
    let audio = RemoteAudio::find(&session, local, false)?;
    let local = &local.towards(audio.rtp.ip());
    let chosen = local.codecs.iter().find_map(|codec| audio.formats.codecs.iter().find(|(_, offered)| offered == codec));
    let plan = plan(local, &audio, *chosen.ok_or(SdpError::NoCodec)?);
    let agreed =
        Formats { codecs: vec![(plan.codec_pt, plan.codec)], events: plan.dtmf_pt.map(|pt| (pt, plan.dtmf_hz)).into_iter().collect() };
    let medias = session.medias.iter().enumerate().map(|(index, media)| match index == audio.index {
        true => {
            let protection = local.protection.answer_lines(&plan.secured, &audio.protection);
            local.audio(&audio.profile, &agreed, Direction::new(plan.send, plan.recv), protection)
        }
        false => media_line(&media.media, &media.proto, &media.fmt),
    });
    Ok((local.describe(medias.collect()), plan))
}

/// Takes the answer to the offer that [`crate::offer`] made of `local`; of several codecs the first one counts.
///
/// # Errors
/// [`SdpError`] when the answer refuses our audio line or cannot be used.
pub fn accept_answer(local: &LocalMedia, answer: &[u8]) -> Result<MediaPlan, SdpError> {
    let session = read(answer)?;
    let audio = RemoteAudio::find(&session, local, true)?;
    let chosen = audio.formats.codecs.iter().find(|(_, codec)| local.codecs.contains(codec));
    Ok(plan(local, &audio, *chosen.ok_or(SdpError::NoCodec)?))
}

fn plan(local: &LocalMedia, audio: &RemoteAudio, (codec_pt, codec): (u8, Codec)) -> MediaPlan {
    let events = &audio.formats.events;
    let event = events.iter().find(|(_, hz)| *hz == codec.clock_hz()).or_else(|| events.iter().find(|(_, hz)| *hz == 8000));
    MediaPlan {
        remote: audio.rtp,
        codec,
        codec_pt,
        dtmf_pt: event.filter(|_| local.dtmf).map(|(payload_type, _)| *payload_type),
        dtmf_hz: event.map_or(8000, |(_, hz)| *hz),
        ptime_ms: audio.ptime_ms,
        send: local.direction.sends() && audio.direction.receives(),
        recv: local.direction.receives() && audio.direction.sends(),
        remote_rtcp: audio.rtcp,
        secured: audio.secured.clone(),
        ice_ufrag: audio.protection.ufrag.clone().filter(|_| audio.protection.does_ice()),
        local_ice: local.protection.ice.clone().filter(|_| audio.protection.does_ice()),
        rtcp_mux: audio.protection.rtcp_mux && audio.protection.kind == ProtectionKind::Dtls,
    }
}
