//! REFER and Replaces: which leg of ours a peer means, and whether it may.

use super::UserAgent;
use crate::{
    LegId, RefusedWhy,
    admission::Denial,
    legs::Up,
    refer_to::{self, ReferTo, Wanted},
};
use carillon_sip_core::{
    Hop, ServerTx,
    message::{Replaces, Request, Response},
};
use std::time::Instant;

impl UserAgent {
    /// The leg that an INVITE shall take the place of (RFC 3891 section 3). Only one that is up can be taken over here; who knows its
    /// tags, which nobody can guess, was told them by one of its ends.
    pub(super) fn replaced_by(&self, request: &Request) -> Result<Option<LegId>, Denial> {
        let unusable = |status| Denial::new(status, RefusedWhy::Unusable);
        let Some(replaces) = request.headers.replaces().map_err(|_| unusable(400))? else { return Ok(None) };
        let (leg, _) = self.leg_named(&replaces).ok_or_else(|| unusable(481))?;
        if replaces.early_only { Err(unusable(486)) } else { Ok(Some(leg)) }
    }

    /// The leg that is up on the dialog a Replaces names.
    fn leg_named(&self, replaces: &Replaces) -> Option<(LegId, &Up)> {
        let Replaces { call_id, to_tag, from_tag, .. } = replaces;
        let dialog = self.stack.endpoint.find_dialog(call_id.as_bytes(), to_tag.as_bytes(), from_tag.as_bytes())?;
        self.legs.up_on(dialog)
    }

    /// A REFER in the dialog of a leg.
    pub(super) fn referred(&mut self, now: Instant, leg: LegId, tx: ServerTx, request: &Request) {
        match self.wanted(leg, request) {
            Err(refusal) => drop(self.stack.respond(now, tx, refusal)),
            Ok(wanted) => self.legs.step(&mut self.stack, leg, |leg, stack| leg.referred(stack, now, tx, request, wanted)),
        }
    }

    /// What a REFER wants. A peer may put its own legs together, and nobody else's.
    fn wanted(&self, leg: LegId, request: &Request) -> Result<Wanted, Response> {
        let ReferTo { number, replaces, is_tracked } = refer_to::read(request)?;
        let replaces = match replaces {
            None => None,
            Some(replaces) => {
                let (named, up) = self.leg_named(&replaces).ok_or_else(refer_to::no_such_dialog)?;
                let is_theirs = named != leg && self.legs.is_with_same_peer(&self.stack, leg, up);
                Some(named).filter(|_| is_theirs).ok_or_else(refer_to::no_such_dialog).map(Some)?
            }
        };
        Ok(Wanted { number, replaces, is_tracked })
    }

    /// A REFER outside a call would have us call on a stranger's word: whoever asks proves who they are, and is still told no.
    pub(super) fn referred_outside(&mut self, now: Instant, tx: ServerTx, request: &Request, hop: Hop) {
        let comes_from_a_phone = self.registrations.is_path_of_a_phone(&hop);
        let denial = match self.admission.caller(now, request, &hop, comes_from_a_phone, &self.stack.config) {
            Err(denial) => denial,
            Ok(_) => Denial::new(403, RefusedWhy::Unusable),
        };
        self.deny(now, tx, request, hop, denial);
    }
}
