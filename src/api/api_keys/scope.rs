//! Which scope an operation takes. What is not named here no key may do, whatever its user may.

use axum::http::Method;
use carillon_model::Scope;

/// The scope that a request takes of a key; `None`: keys may not.
pub(in crate::api) fn scope_of(method: &Method, path: &str) -> Option<Scope> {
    let path = path.strip_prefix("/api/v1").unwrap_or(path);
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match (method, parts.as_slice()) {
        (&Method::POST, ["calls"]) => Some(Scope::MakeCalls),
        // Whoever hears calls of others sits at a desktop, signed in.
        (&Method::POST, ["calls", _, "listen" | "whisper" | "barge" | "take-over" | "stop-supervising"]) => None,
        (&Method::POST, ["calls", _, _]) => Some(Scope::ControlCalls),
        (&Method::POST, ["me", "pause" | "resume" | "end-wrapup"] | ["me", "queues", _, "pause" | "resume"] | ["offers", _, "decline"]) => {
            Some(Scope::State)
        }
        // Where its owner is signed in is the owner's to know.
        (_, ["me", "sessions", ..]) => None,
        (
            &Method::GET | &Method::HEAD,
            ["me" | "calls" | "recordings" | "queues" | "agents" | "waiting" | "targets" | "pauses" | "phones" | "events", ..],
        ) => Some(Scope::Read),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_no_key_may_do() {
        for (method, path, scope) in [
            (Method::POST, "/api/v1/calls", Some(Scope::MakeCalls)),
            (Method::POST, "/calls/1/hold", Some(Scope::ControlCalls)),
            (Method::GET, "/api/v1/recordings/1/audio", Some(Scope::Read)),
            (Method::POST, "/api/v1/me/pause", Some(Scope::State)),
            (Method::POST, "/me/queues/sales/pause", Some(Scope::State)),
            (Method::POST, "/calls/1/listen", None),
            (Method::POST, "/calls/1/take-over", None),
            (Method::GET, "/me/sessions", None),
            (Method::POST, "/api/v1/session/desktop-link", None),
            (Method::POST, "/api/v1/api-keys", None),
            (Method::GET, "/api/v1/users", None),
            (Method::PUT, "/api/v1/session/phone", None),
            (Method::DELETE, "/api/v1/calls/1", None),
            (Method::POST, "/api/v1/agents/1/pause", None),
        ] {
            assert_eq!(scope_of(&method, path), scope, "{method} {path}");
        }
    }
}
