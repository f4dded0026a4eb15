//! Placing calls: whom a leg calls, and where that may be now.

use super::UserAgent;
use crate::{
    End, EndCause, LegId, Target,
    invite::{Invitation, clean_number, trunk_uri},
    legs::{Call, Next, Outgoing},
    stack::Ending,
};
use carillon_media_sdp::LocalMedia;
use carillon_sip_core::{
    Hop, Transport,
    message::{HeaderName, Uri},
};
use std::time::Instant;

/// What an order to dial says beside whom.
pub(super) struct DialOrder {
    pub(super) from_user: String,
    pub(super) from_name: Option<String>,
    pub(super) local: LocalMedia,
    pub(super) headers: Vec<(String, String)>,
}

impl UserAgent {
    pub(super) fn dial(&mut self, now: Instant, leg: LegId, to: &Target, invitation: DialOrder) {
        if self.legs.contains(leg) {
            return;
        }
        let calls = match self.legs.len() < self.stack.config.max_legs {
            true => self.calls(now, to, &invitation),
            false => vec![],
        };
        let phone = match to {
            Target::Phone { name } | Target::Device { phone: name, .. } => Some(name.clone()),
            Target::Trunk { .. } => None,
        };
        match calls.is_empty() {
            true => self.stack.events.push_back(Ending::new(End::Network, None, EndCause::Unreachable).of(leg)),
            false => match Outgoing::dial(&mut self.stack, now, leg, phone, invitation.local, calls) {
                Next::Is(outgoing) => self.legs.insert(leg, outgoing),
                Next::Over(ending) => self.stack.events.push_back(ending.of(leg)),
            },
        }
    }

    /// Every place the target may be at now; none when it cannot be called.
    fn calls(&self, now: Instant, to: &Target, order: &DialOrder) -> Vec<Call> {
        let invitation = Invitation {
            config: &self.stack.config,
            from_user: &order.from_user,
            from_name: order.from_name.as_deref(),
            local: &order.local,
            headers: &order.headers,
        };
        let call =
            |target: Uri, callee: &str, hop: Hop| Call { hop, invite: invitation.write(target, callee, &hop, None), credentials: None };
        let calls_of = |name: &str, device: Option<&str>| {
            let by_its_path = |(target, hop, path): (Uri, Hop, Option<String>)| {
                let mut call = call(target, name, hop);
                path.into_iter().for_each(|path| call.invite.headers.push(HeaderName::Route, path));
                call
            };
            self.registrations.places(name, device).into_iter().map(by_its_path).collect()
        };
        match to {
            Target::Phone { name } => calls_of(name, None),
            Target::Device { phone, device } => calls_of(phone, Some(device)),
            Target::Trunk { name, number } => {
                let number = clean_number(number);
                let mut peers: Vec<_> = self.admission.directory.trunk_peers(name).filter(|_| !number.is_empty()).collect();
                peers.sort_by_key(|peer| self.stack.trunks.is_doubtful(now, (peer.transport, peer.called_at())));
                let places = peers.into_iter().filter_map(|peer| Some((peer, self.stack.hop_to(peer.transport, peer.called_at())?)));
                let call = |peer: &crate::TrunkPeer, hop: Hop| Call {
                    hop,
                    invite: invitation.write(trunk_uri(&number, &hop, peer.domain.as_ref()), &number, &hop, peer.our_domain()),
                    credentials: peer.credentials.clone(),
                };
                let mut calls = vec![];
                for (peer, hop) in places {
                    let by_datagram = call(peer, hop);
                    let stream = self.stack.hop_to(Transport::Tcp, hop.remote).filter(|_| peer.large_by_tcp && by_datagram.is_large());
                    calls.extend(stream.map(|stream| call(peer, stream)));
                    calls.push(by_datagram);
                }
                calls
            }
        }
    }
}
