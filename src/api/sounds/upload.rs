//! `PUT /sounds/{kind}/{name}`

use std::sync::Arc;

use axum::{
    Json,
    body::to_bytes,
    extract::{Path, Request, State},
    http::StatusCode,
};
use carillon_store::audit;

use super::{named, row::SoundRow};
use crate::{
    api::{Api, Problem, SignedIn, named_sounds::unread},
    sounds::{Found, Kind, Shelf, for_telephones},
};

/// Bytes of a file: ten minutes of stereo at 48 kHz would be 110 MB, and nobody on a telephone hears the difference to 8 kHz mono.
pub(in crate::api) const UPLOAD_BYTES: usize = 32 << 20;
/// Samples of all that is uploaded together: two hours.
const SAMPLES_MAX: u64 = 2 * 3600 * 8000;

/// Uploads a prompt in the site's language, or music for those who wait, in use at once: what plays plays on, whoever is played it next hears the new one.
///
/// The body is a WAV file of any rate and any number of channels. It is kept as telephones play it: 8 kHz, 16 bits, one channel. An uploaded sound stands
/// before the dialplan's own of its name.
#[utoipa::path(
    put,
    path = "/sounds/{kind}/{name}",
    operation_id = "upload_sound",
    tag = "set-up",
    params(
        ("kind" = String, Path, description = "`prompts` or `music`."),
        ("name" = String, Path, description = "What queues and the dialplan call it: 1 to 64 letters, digits, `-` and `_`."),
    ),
    request_body(content = Vec<u8>, content_type = "audio/wav", description = "The file, at most 32 MiB. A prompt lasts five minutes at most, music ten."),
    responses(
        (status = 200, description = "As it is played now.", body = SoundRow),
        (status = 403, description = "For administrators.", body = Problem),
        (status = 404, description = "No such kind.", body = Problem),
        (status = 409, description = "`taken`: a sound of the other kind has this name. `no_room`: two hours are uploaded already.", body = Problem),
        (status = 413, description = "`too_large`: more than 32 MiB.", body = Problem),
        (status = 422, description = "It cannot be played; field `audio` says why.", body = Problem),
    )
)]
pub(in crate::api) async fn upload(
    State(api): State<Arc<Api>>,
    signed_in: SignedIn,
    Path((kind, name)): Path<(String, String)>,
    request: Request,
) -> Result<Json<SoundRow>, Problem> {
    signed_in.administers()?;
    let (kind, name) = named(&kind, &name)?;
    let too_large = |_| Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The file has more than 32 MiB.");
    let file = to_bytes(request.into_body(), UPLOAD_BYTES).await.map_err(too_large)?;
    let shelf = Shelf::of(&api.config);
    if shelf.names(other(kind)).map_err(unread)?.contains(&name) {
        return Err(Problem::conflict("taken", "A sound of the other kind has this name.").field("name", "Another one has this already."));
    }
    let (kept, taken_up) = (shelf.clone(), name.clone());
    let samples = tokio::task::spawn_blocking(move || {
        let samples = for_telephones(kind, &file).map_err(|unfit| Problem::invalid("audio", unfit.to_string()))?;
        has_room(&kept, kind, &taken_up, samples.len())?;
        kept.keep(kind, &taken_up, &samples)
            .map_err(|error| Problem::unavailable("The file cannot be kept.").detail(format!("The folder of uploaded sounds: {error}")))?;
        Ok::<_, Problem>(samples.len())
    });
    let samples = samples.await.map_err(|_| Problem::unavailable("The file could not be converted."))??;
    let mut write = api.write(&signed_in).await?;
    audit::sound(&mut write, &name, None, Some(serde_json::json!({ "kind": kind, "length_ms": samples / 8 }).to_string())).await?;
    write.commit().await?;
    api.sounds_changed().await?;
    let found = shelf.files(kind).map_err(unread)?.remove(&name).ok_or_else(|| Problem::not_found("sound"))?;
    SoundRow::of(&api, kind, name, &found).map(Json)
}

fn other(kind: Kind) -> Kind {
    match kind {
        Kind::Prompts => Kind::Music,
        Kind::Music => Kind::Prompts,
    }
}

/// All sounds are in memory: those that are uploaded are bounded.
fn has_room(shelf: &Shelf, kind: Kind, name: &str, samples: usize) -> Result<(), Problem> {
    let mut kept = 0;
    for of in [Kind::Prompts, Kind::Music] {
        let others =
            shelf.files(of).map_err(unread)?.into_iter().filter(|(other, found)| found.uploaded && (of, other.as_str()) != (kind, name));
        kept += others.map(|(_, Found { path, .. })| std::fs::metadata(path).map_or(0, |file| file.len() / 2)).sum::<u64>();
    }
    match kept + samples as u64 <= SAMPLES_MAX {
        true => Ok(()),
        false => Err(Problem::conflict("no_room", "Two hours of sounds are uploaded already: remove some first.")),
    }
}
