//! Who sends a request.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
};
use carillon_model::{Agent, AgentId, ApiKeyId, Part, Role, SessionId, Typology, User};
use carillon_store::{
    password::Standing,
    session::{Kind, Session},
};
use jiff::Timestamp;

use super::{Api, Problem, api_keys::scope::scope_of, masked::Asker};
use crate::auth::{
    key, second_factor,
    session::{self, COOKIE, SignedInUser, Token},
};

/// The signed-in user of a request; without one it is answered 401, and 403 while the password must be changed or a second factor set first.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// Whose it is.
    pub user: User,
    /// The key that is presented in place of a session's token.
    pub key: Option<ApiKeyId>,
}

/// The same, for what may be done before a password is changed or a second factor set that must be.
#[derive(Debug, Clone)]
pub struct AtTheDoor(pub SignedIn);

impl SignedIn {
    /// Refuses the page of an agent who does this on the telephone.
    pub fn works_the_phone(&self) -> Result<(), Problem> {
        let is_phonebar = self.user.agent.as_ref().is_some_and(|agent| agent.typology == Typology::Phonebar);
        match self.session.kind {
            Kind::Desktop if is_phonebar => {
                Err(Problem::conflict("use_the_phone", "This agent logs in, out and pauses on the telephone: *45, *46, *47, *48."))
            }
            Kind::Desktop | Kind::Phonebar | Kind::Keypad => Ok(()),
        }
    }

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

    /// Refuses an agent what the agent is not shown.
    pub fn is_shown(&self, part: Part) -> Result<(), Problem> {
        match self.user.shows(part) {
            true => Ok(()),
            false => Err(Problem::new(StatusCode::FORBIDDEN, "not_shown", "An administrator has taken this from you.")),
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
        let now = Timestamp::now();
        let (signed_in, password) = who(parts, api, now).await?;
        if password.is_some_and(|password| api.config.accounts.validity(password, now).must_change) {
            return Err(Problem::new(StatusCode::FORBIDDEN, "password_must_change", "Change your password first: PUT /me/password."));
        }
        let needs_second = password.is_some() && api.config.accounts.asks_second_factor_of(&signed_in.user);
        if needs_second && !second_factor::is_on(&api.db, &signed_in.user).await? {
            let title = "This site asks a second factor of you: POST /me/second-factor.";
            return Err(Problem::new(StatusCode::FORBIDDEN, "second_factor_must_be_set", title));
        }
        Ok(signed_in)
    }
}

impl FromRequestParts<Arc<Api>> for AtTheDoor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        let (signed_in, _) = who(parts, api, Timestamp::now()).await?;
        Ok(Self(signed_in))
    }
}

/// Who presents a session's token or a key; how the password stands, if that is what the session was opened by.
async fn who(parts: &Parts, api: &Api, now: Timestamp) -> Result<(SignedIn, Option<Standing>), Problem> {
    let found = found(parts, api, now).await?;
    if let Some(asker) = parts.extensions.get::<Asker>() {
        asker.is(found.0.user.id);
    }
    Ok(found)
}

async fn found(parts: &Parts, api: &Api, now: Timestamp) -> Result<(SignedIn, Option<Standing>), Problem> {
    let token = match bearer(&parts.headers) {
        Some(token) if key::is_key(&token) => return Ok((by_key(api, parts, &token, now).await?, None)),
        Some(token) => token,
        None => cookie(&parts.headers, COOKIE).filter(|_| same_origin(parts)).ok_or_else(Problem::signed_out)?,
    };
    let found = session::find(&api.db, &Token::presented(&token), now).await?;
    let SignedInUser { session, user, password } = found.ok_or_else(Problem::signed_out)?;
    // Where a provider vouches for somebody, passwords and second factors are its business.
    let password = Some(password).filter(|_| !session.by_provider);
    Ok((SignedIn { session, user, key: None }, password))
}

/// Whoever presents a key, as far as it reaches. There is no session behind it: what works on one is not in any scope.
async fn by_key(api: &Api, parts: &Parts, text: &str, now: Timestamp) -> Result<SignedIn, Problem> {
    let key::Presented { id: key, user, scopes } = key::find(&api.db, text, now).await?.ok_or_else(Problem::signed_out)?;
    let needed = scope_of(&parts.method, parts.uri.path());
    if !needed.is_some_and(|needed| scopes.contains(&needed)) {
        let detail = needed.map_or("No key may do this.".to_owned(), |needed| format!("The key lacks the scope {}.", needed.name()));
        return Err(Problem::new(StatusCode::FORBIDDEN, "not_in_scope", "The key may not do this.").detail(detail));
    }
    let id = SessionId::new(api.new_id());
    let session = Session {
        id,
        user: user.id,
        kind: Kind::Phonebar,
        phone: None,
        address: None,
        program: None,
        by_provider: false,
        works_since: None,
        created_at: now,
        last_seen_at: now,
        expires_at: now,
    };
    Ok(SignedIn { session, user, key: Some(key) })
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").map(|token| token.trim().to_owned())
}

/// The value of a cookie.
pub(super) fn cookie(headers: &HeaderMap, wanted: &str) -> Option<String> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned())
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
        let found = cookie(&parts(Method::GET, &[(header::COOKIE, "a=1; carillon_session=abc; b=2")]).headers, COOKIE);
        assert_eq!(found.as_deref(), Some("abc"));
    }
}
