//! Letting requests from outside in: who must prove what, and how a refusal reads.
//!
//! A known and an unknown user get the same answers, header by header, in the same time.

use crate::{
    Peer, RefusedWhy, UaConfig,
    directory::{Directory, Standing},
    guessing::Guessing,
    tokens::Tokens,
};
use carillon_sip_core::{
    Hop,
    digest::{AuthFailure, Challenger},
    message::{HeaderName, NameAddr, Request, Response},
};
use std::{cell::RefCell, time::Instant};

pub(crate) struct Admission {
    pub(crate) directory: Directory,
    pub(crate) tokens: Tokens,
    challenger: Challenger,
    guessing: Guessing,
}

/// A request that is not heard: its answer, and what to tell of it. A plain challenge is no news.
pub(crate) struct Denial {
    pub(crate) response: Box<Response>,
    pub(crate) why: Option<RefusedWhy>,
}

impl Denial {
    pub(crate) fn with(response: Response, why: Option<RefusedWhy>) -> Self {
        Denial { response: Box::new(response), why }
    }

    pub(crate) fn new(status: u16, why: RefusedWhy) -> Self {
        Denial::with(Response::new(status), Some(why))
    }

    /// A refusal that may be tried again soon.
    pub(crate) fn later(why: RefusedWhy) -> Self {
        Denial::with(Response::new(503).with(HeaderName::RetryAfter, 10u32), Some(why))
    }
}

impl Admission {
    pub(crate) fn new(config: &UaConfig, secret: [u8; 32]) -> Self {
        let challenger = Challenger::new(&config.realm, secret, config.digest);
        Admission { directory: Directory::default(), tokens: Tokens::default(), challenger, guessing: Guessing::default() }
    }

    /// Who sent an INVITE. `comes_from_a_phone`: its path is that of a live registration.
    pub(crate) fn caller(
        &mut self,
        now: Instant,
        request: &Request,
        hop: &Hop,
        comes_from_a_phone: bool,
        config: &UaConfig,
    ) -> Result<Peer, Denial> {
        match self.directory.standing(request, hop, comes_from_a_phone, config) {
            Standing::Trunk(name) => Ok(Peer::Trunk(name)),
            Standing::Stranger => Err(Denial::new(403, RefusedWhy::UnknownSource)),
            Standing::MustProve => {
                let from = request.headers.from().map_err(|_| Denial::new(400, RefusedWhy::Unusable))?;
                self.prove(now, request, hop, &[from]).map(Peer::Phone)
            }
        }
    }

    /// Whose registration a REGISTER is about.
    pub(crate) fn registrant(&mut self, now: Instant, request: &Request, hop: &Hop) -> Result<String, Denial> {
        let unusable = |_| Denial::new(400, RefusedWhy::Unusable);
        let claims = [request.headers.from().map_err(unusable)?, request.headers.to().map_err(unusable)?];
        self.prove(now, request, hop, &claims)
    }

    /// The phone that a REGISTER says it is for, if there is one.
    pub(crate) fn named(&self, request: &Request) -> Option<String> {
        let to = request.headers.to().ok()?;
        let name = to.uri.user()?;
        self.directory.ha1(&name).map(|_| name.into_owned())
    }

    /// The user that the credentials prove, if it is the one that every claim names.
    fn prove(&mut self, now: Instant, request: &Request, hop: &Hop, claims: &[NameAddr]) -> Result<String, Denial> {
        if let Some(phone) = self.tokens.prove(now, request, hop).filter(|phone| self.directory.ha1(phone).is_some()) {
            return match claims.iter().all(|claim| claim.uri.user().as_deref() == Some(phone.as_str())) {
                true => Ok(phone),
                false => Err(Denial::new(403, RefusedWhy::NotTheirs)),
            };
        }
        let claimed = claims.first().and_then(|claim| claim.uri.user()).unwrap_or_default().into_owned();
        if self.guessing.is_locked(now, hop.remote.ip(), &claimed) {
            return Err(Denial::new(403, RefusedWhy::WrongCredentials));
        }
        // Guesses count against the user of the credentials, or another name in From would make each a first one.
        let (directory, guessing, source) = (&self.directory, &self.guessing, hop.remote.ip());
        let guessed = RefCell::new(None);
        let lookup = |user: &str| {
            let is_locked = guessing.is_locked(now, source, user);
            guessed.replace((!is_locked).then(|| user.to_owned()));
            directory.ha1(user).filter(|_| !is_locked).cloned()
        };
        match self.challenger.verify(now, request, lookup) {
            Ok(user) => {
                self.guessing.succeeded(source, &user.name);
                match claims.iter().all(|claim| claim.uri.user().as_deref() == Some(user.name.as_str())) {
                    true => Ok(user.name),
                    false => Err(Denial::new(403, RefusedWhy::NotTheirs)),
                }
            }
            Err(AuthFailure::Missing) => Err(self.challenge(now, false)),
            Err(AuthFailure::Stale) => Err(self.challenge(now, true)),
            Err(AuthFailure::Malformed) => Err(Denial::new(400, RefusedWhy::Unusable)),
            Err(AuthFailure::Wrong) => {
                if let Some(user) = guessed.take() {
                    self.guessing.failed(now, source, &user);
                }
                Err(Denial::new(403, RefusedWhy::WrongCredentials))
            }
        }
    }

    fn challenge(&mut self, now: Instant, stale: bool) -> Denial {
        let values = self.challenger.challenge(now, stale);
        let response = values.into_iter().fold(Response::new(401), |response, value| response.with(HeaderName::WwwAuthenticate, value));
        Denial::with(response, None)
    }
}
