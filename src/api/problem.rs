//! Errors as the API tells them: `application/problem+json` (RFC 9457).

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What went wrong with a request.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Stable code of the kind of problem; the desktop has the words for it.
    #[serde(rename = "type")]
    pub code: String,
    /// HTTP status.
    pub status: u16,
    /// One line in English.
    pub title: String,
    /// What a person can do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The fields concerned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FieldProblem {
    /// Name of the field.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

impl Problem {
    /// A problem of a kind.
    pub fn new(status: StatusCode, code: &str, title: impl Into<String>) -> Self {
        Self { code: code.to_owned(), status: status.as_u16(), title: title.into(), detail: None, errors: Vec::new() }
    }

    /// The same with what a person can do about it.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The same with a field that is wrong.
    #[must_use]
    pub fn field(mut self, field: &str, message: impl Into<String>) -> Self {
        self.errors.push(FieldProblem { field: field.to_owned(), message: message.into() });
        self
    }

    /// The same with the field that is to blame for all of it.
    #[must_use]
    pub fn titled(self, field: &str) -> Self {
        let title = self.title.clone();
        self.field(field, title)
    }

    /// 401: nobody is signed in.
    pub fn signed_out() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "signed_out", "Sign in first.")
    }

    /// 403: signed in, and not allowed.
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Your role does not allow this.")
    }

    /// 404.
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("There is no such {what}."))
    }

    /// 409.
    pub fn conflict(code: &str, title: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, title)
    }

    /// 422: the request was understood and a field in it is wrong.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "A field is wrong.").field(field, message)
    }

    /// 503: the server lacks something for the moment.
    pub fn unavailable(title: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", title)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

/// What the database says, as a caller of the API may hear it.
impl From<carillon_store::Error> for Problem {
    fn from(error: carillon_store::Error) -> Self {
        use carillon_store::Class;
        match error.class() {
            Class::Unavailable => Self::unavailable("The database does not answer."),
            Class::Invalid if matches!(error, carillon_store::Error::Cursor) => {
                Self::invalid("after", "Hand back `next` of the page before, as it is, with the same order.")
            }
            Class::Conflict => Self::conflict(conflict(&error), error.to_string()),
            Class::Invalid => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", error.to_string()),
            Class::Fault => {
                tracing::error!(%error, "the database holds something impossible");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something is wrong on the server; its log says what.")
            }
        }
    }
}

/// Which conflict it is.
fn conflict(error: &carillon_store::Error) -> &'static str {
    use carillon_store::Error;
    match error {
        Error::Taken { .. } => "taken",
        Error::Stale { .. } => "stale",
        Error::Linked { .. } => "in_use",
        _ => "conflict",
    }
}

impl From<axum::extract::rejection::QueryRejection> for Problem {
    fn from(rejection: axum::extract::rejection::QueryRejection) -> Self {
        Self::invalid("query", rejection.body_text())
    }
}

impl From<axum::extract::rejection::PathRejection> for Problem {
    fn from(_: axum::extract::rejection::PathRejection) -> Self {
        Self::not_found("thing")
    }
}
