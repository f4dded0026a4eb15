//! Answers to agents from whom numbers are hidden: whatever operation it is, its JSON holds references in place of numbers.

use std::sync::{Arc, OnceLock};

use axum::{
    body::{self, Body as HttpBody},
    extract::{Request, State},
    http::{StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use carillon_model::UserId;
use serde_json::Value;

use super::{Api, Problem};
use crate::masking;

/// What a JSON answer may be long, bytes: 200 rows are a tenth of a megabyte.
const LONGEST: usize = 64 << 20;

/// Operations that tell of nobody's calls, and may tell secrets that must stay as they are.
const OTHERS: [&str; 6] = [
    "/api/v1/session",
    "/api/v1/me/filters",
    "/api/v1/me/phone-token",
    "/api/v1/me/sessions",
    "/api/v1/me/second-factor",
    "/api/v1/openapi.json",
];

/// Who a request turned out to be from, told by whoever found out.
#[derive(Clone, Default)]
pub(super) struct Asker(Arc<OnceLock<UserId>>);

impl Asker {
    pub(super) fn is(&self, user: UserId) {
        // A request is one person's: who it is was said before if it was said.
        let _ = self.0.set(user);
    }
}

/// Hides numbers in the answer, where they are hidden from who asks.
pub(super) async fn hide_numbers(State(api): State<Arc<Api>>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if OTHERS.iter().any(|other| path == *other || path.strip_prefix(other).is_some_and(|rest| rest.starts_with('/'))) {
        return next.run(request).await;
    }
    if let Some(uri) = revealed(&api, request.uri()) {
        *request.uri_mut() = uri;
    }
    let asker = Asker::default();
    request.extensions_mut().insert(asker.clone());
    let response = next.run(request).await;
    let is_json = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().ends_with(b"json"));
    match asker.0.get() {
        Some(user) if is_json && masking::is_hidden_from(&api.around.directory.read(), *user) => masked(&api, response).await,
        _ => response,
    }
}

async fn masked(api: &Api, response: Response) -> Response {
    let (mut head, whole) = response.into_parts();
    let answer = match body::to_bytes(whole, LONGEST).await {
        Ok(bytes) if bytes.is_empty() => return Response::from_parts(head, HttpBody::empty()),
        Ok(bytes) => serde_json::from_slice::<Value>(&bytes).ok(),
        Err(_) => None,
    };
    // What cannot be read cannot be hidden either: it is not sent.
    let Some(mut answer) = answer else {
        let title = "The answer is too long.";
        return Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", title).into_response();
    };
    masking::hide(&mut answer, &api.live.references, &api.around.directory.read());
    head.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(head, HttpBody::from(answer.to_string()))
}

/// The address with the cursor that a reference in it stands for.
fn revealed(api: &Api, uri: &Uri) -> Option<Uri> {
    let query = uri.query().filter(|query| query.contains("after="))?;
    let mut changed = false;
    let pairs: Vec<String> = query
        .split('&')
        .map(|pair| {
            let cursor = pair.strip_prefix("after=").map(decoded).filter(|after| masking::is_reference(after));
            match cursor.and_then(|reference| api.live.references.text(&reference)) {
                Some(cursor) => {
                    changed = true;
                    format!("after={}", encoded(&cursor))
                }
                None => pair.to_owned(),
            }
        })
        .collect();
    format!("{}?{}", uri.path(), pairs.join("&")).parse().ok().filter(|_| changed)
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex =
            (*first == b'%').then(|| after.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok())).flatten();
        match hex {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(if *first == b'+' { b' ' } else { *first });
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_encoded_is_read_as_it_was() {
        for text in ["caller|+39 02 555", "•••• abc", "100%", "a&b=c"] {
            assert_eq!(decoded(&encoded(text)), text);
        }
        assert_eq!(decoded("a+b%20c%zz%4"), "a b c%zz%4");
    }
}
