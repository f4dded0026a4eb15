//! Who sends a request.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, header, request::Parts},
};
use carillon_model::{Agent, AgentId, Role, User};
use carillon_store::session::Session;
use jiff::Timestamp;

use super::{Api, Problem};
use crate::auth::session::{self, COOKIE, Token};

/// The signed-in user of a request; without one it is answered 401.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// Whose it is.
    pub user: User,
}

impl SignedIn {
    /// Refuses all but supervisors and administrators.
    pub fn supervises(&self) -> Result<(), Problem> {
        match self.user.role {
            Role::Supervisor | Role::Admin => Ok(()),
            Role::Agent => Err(Problem::forbidden()),
        }
    }

    /// Refuses all but administrators.
    pub fn administers(&self) -> Result<(), Problem> {
        match self.user.role {
            Role::Admin => Ok(()),
            Role::Supervisor | Role::Agent => Err(Problem::forbidden()),
        }
    }

    /// The agent this user is; others are refused.
    pub fn agent(&self) -> Result<(AgentId, &Agent), Problem> {
        match &self.user.agent {
            Some(agent) => Ok((self.user.id.into(), agent)),
            None => Err(Problem::forbidden().detail("Only agents take calls.")),
        }
    }

    /// The one agent whose things this user may see; `None`: everybody's.
    pub fn sees_only(&self) -> Option<AgentId> {
        match self.user.role {
            Role::Agent => Some(self.user.id.into()),
            Role::Supervisor | Role::Admin => None,
        }
    }
}

impl FromRequestParts<Arc<Api>> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        let token = match bearer(&parts.headers) {
            Some(token) => token,
            None => cookie(&parts.headers).filter(|_| same_origin(parts)).ok_or_else(Problem::signed_out)?,
        };
        let found = session::find(&api.db, &Token::presented(&token), Timestamp::now()).await?;
        let found = found.ok_or_else(Problem::signed_out)?;
        Ok(Self { session: found.session, user: found.user })
    }
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").map(|token| token.trim().to_owned())
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(name, _)| *name == COOKIE).map(|(_, value)| value.to_owned())
}

/// A page of another origin must not act with this user's cookie.
fn same_origin(parts: &Parts) -> bool {
    if matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return true;
    }
    !foreign_origin(&parts.headers)
}

/// Whether a request comes from a page of another origin. Programs name none.
pub(super) fn foreign_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return false };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let origin_host = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    host.is_none() || host != origin_host
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn parts(method: Method, headers: &[(header::HeaderName, &str)]) -> Parts {
        let mut request = Request::builder().method(method);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        request.body(()).expect("a request").into_parts().0
    }

    #[test]
    fn a_page_of_another_origin_cannot_act_with_the_cookie() {
        let own = [(header::HOST, "127.0.0.1:8080"), (header::ORIGIN, "http://127.0.0.1:8080")];
        let foreign = [(header::HOST, "127.0.0.1:8080"), (header::ORIGIN, "http://evil.example")];
        assert!(same_origin(&parts(Method::POST, &own)));
        assert!(!same_origin(&parts(Method::POST, &foreign)));
        assert!(same_origin(&parts(Method::GET, &foreign)));
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let found = cookie(&parts(Method::GET, &[(header::COOKIE, "a=1; carillon_session=abc; b=2")]).headers);
        assert_eq!(found.as_deref(), Some("abc"));
    }
}
