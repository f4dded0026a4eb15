//! A sealed recording on its way to who may hear it: opened chunk by chunk, whole or the range asked for.

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;

use crate::recording::{CHUNK, SealError, Sealed};

/// Answers with the file, or with one range of it. More ranges at once are answered with the whole (RFC 9110 14.2).
pub(super) fn serve(file: Sealed, range: Option<&HeaderValue>) -> Response {
    let length = file.len();
    let asked = range.and_then(|range| range.to_str().ok()).and_then(|range| range.strip_prefix("bytes="));
    let (status, first, last) = match asked.filter(|asked| !asked.contains(',')).map(|asked| bounds(asked, length)) {
        None => (StatusCode::OK, 0, length),
        Some(Some((first, last))) => (StatusCode::PARTIAL_CONTENT, first, last),
        Some(None) => {
            return (StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, format!("bytes */{length}"))]).into_response();
        }
    };
    let mut response = Body::from_stream(stream::try_unfold((file, first, last), next)).into_response();
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(last - first));
    if status == StatusCode::PARTIAL_CONTENT
        && let Ok(range) = HeaderValue::from_str(&format!("bytes {first}-{}/{length}", last - 1))
    {
        headers.insert(header::CONTENT_RANGE, range);
    }
    response
}

/// First byte, and the one after the last, of `FIRST-LAST`, `FIRST-` or `-LAST_SO_MANY`; `None` where the file has none of them.
fn bounds(asked: &str, length: u64) -> Option<(u64, u64)> {
    let (first, last) = asked.trim().split_once('-')?;
    let (first, last) = match (first.parse::<u64>().ok(), last.parse::<u64>().ok()) {
        (Some(first), Some(last)) => (first, last.saturating_add(1).min(length)),
        (Some(first), None) => (first, length),
        (None, Some(so_many)) => (length.saturating_sub(so_many), length),
        (None, None) => return None,
    };
    (first < last).then_some((first, last))
}

/// The next piece of what is left.
async fn next((mut file, first, last): (Sealed, u64, u64)) -> Result<Option<(Bytes, (Sealed, u64, u64))>, SealError> {
    if first >= last {
        return Ok(None);
    }
    let opened = tokio::task::spawn_blocking(move || {
        let number = first / CHUNK as u64;
        file.chunk(number).map(|chunk| (file, chunk, number * CHUNK as u64))
    });
    let (file, chunk, begins) = opened.await.map_err(std::io::Error::other)??;
    let (from, to) = ((first - begins) as usize, (last - begins).min(chunk.len() as u64) as usize);
    let piece = Bytes::from(chunk).slice(from..to);
    let first = first + piece.len() as u64;
    Ok(Some((piece, (file, first, last))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_as_it_is_written() {
        for (asked, bytes) in [
            ("0-", Some((0, 100))),
            ("0-0", Some((0, 1))),
            ("40-59", Some((40, 60))),
            ("90-500", Some((90, 100))),
            ("-10", Some((90, 100))),
            ("-500", Some((0, 100))),
            ("100-", None),
            ("60-40", None),
            ("-", None),
            ("a-b", None),
        ] {
            assert_eq!(bounds(asked, 100), bytes, "{asked}");
        }
    }
}
