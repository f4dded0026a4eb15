//! How the audio of a leg is kept from others: what we bring to offer and answer, and what was agreed, in the media engine's words.

use std::net::{IpAddr, SocketAddr};

use carillon_media_engine as media;
use carillon_media_sdp::{IceCredentials, LocalMedia, MediaPlan, Protection, ProtectionKind, SdesKey, SdpError, Secured, answer};
use carillon_media_secure::{Credentials, Fingerprint, Keying, MasterKey, Profile, Role};
use carillon_model::MediaSecurity;

/// What was agreed cannot be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unusable;

/// What a leg of ours brings to offer and answer: keys and credentials of its own, drawn anew for each leg, and the process's certificate.
pub(super) fn protection(policy: MediaSecurity, fingerprint: &Fingerprint) -> Protection {
    if policy == MediaSecurity::Clear {
        return Protection::default();
    }
    let mut rng = rand::rng();
    let key = |(tag, profile): (u32, Profile)| SdesKey {
        tag,
        suite: profile.sdes_name().to_owned(),
        key: MasterKey::random(profile, &mut rng).as_bytes().to_vec(),
    };
    let sdes = (1..).zip(Profile::ALL).map(key).collect();
    let Credentials { ufrag, password } = Credentials::random(&mut rand::rng());
    Protection {
        offers: match policy {
            MediaSecurity::Clear | MediaSecurity::Optional => ProtectionKind::Clear,
            MediaSecurity::Required => ProtectionKind::Sdes,
            MediaSecurity::RequiredDtls => ProtectionKind::Dtls,
        },
        clear: !policy.is_required(),
        sdes,
        fingerprint: Some(fingerprint.to_string()),
        ice: Some(IceCredentials { ufrag, password }),
    }
}

/// Why an offer is refused before anything is done for it: the words its sender is told.
pub(super) fn refusal(policy: MediaSecurity, fingerprint: &Fingerprint, from: IpAddr, offer: &[u8]) -> Option<&'static str> {
    let local = LocalMedia { protection: protection(policy, fingerprint), ..LocalMedia::new(SocketAddr::new(from, 9), 0) };
    match answer(&local, offer) {
        Err(SdpError::NoProtection(_)) if policy.is_required() => Some("Encrypted Audio Required"),
        Err(SdpError::NoProtection(_)) => Some("Audio Encryption Not Supported"),
        // Anything else was looked at where the INVITE came in.
        Ok(_) | Err(_) => None,
    }
}

/// What was agreed.
pub(super) fn security(plan: &MediaPlan) -> Result<Option<Box<media::Security>>, Unusable> {
    let keying = match &plan.secured {
        Secured::No => return Ok(None),
        Secured::Sdes { local, remote } => Keying::Sdes { local: key(local)?, remote: key(remote)? },
        Secured::Dtls { we_begin, fingerprint } => Keying::Dtls {
            role: if *we_begin { Role::Client } else { Role::Server },
            peer: Fingerprint::parse(fingerprint).ok_or(Unusable)?,
        },
    };
    let credentials = |ice: &IceCredentials| Credentials { ufrag: ice.ufrag.clone(), password: ice.password.clone() };
    Ok(Some(Box::new(media::Security { keying, ice: plan.local_ice.as_ref().map(credentials), rtcp_mux: plan.rtcp_mux })))
}

fn key(line: &SdesKey) -> Result<MasterKey, Unusable> {
    let profile = Profile::ALL.into_iter().find(|profile| profile.sdes_name() == line.suite).ok_or(Unusable)?;
    MasterKey::new(profile, &line.key).map_err(|_| Unusable)
}

#[cfg(test)]
mod tests {
    use carillon_media_sdp::{accept_answer, offer};
    use carillon_media_secure::Identity;

    use super::*;

    const HERE: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 40_000);

    fn local(policy: MediaSecurity) -> LocalMedia {
        let identity = Identity::generate().expect("a certificate");
        LocalMedia { protection: protection(policy, identity.fingerprint()), ..LocalMedia::new(HERE, 1) }
    }

    #[test]
    fn two_of_us_agree_as_the_offerers_policy_says_and_hold_each_others_keys() {
        for (policy, is_secured) in [(MediaSecurity::Optional, false), (MediaSecurity::Required, true), (MediaSecurity::RequiredDtls, true)]
        {
            let (ours, theirs) = (local(policy), local(MediaSecurity::Optional));
            let (text, answered) = answer(&theirs, offer(&ours).as_bytes()).expect("answered");
            let accepted = accept_answer(&ours, text.as_bytes()).expect("accepted");
            let (ours, theirs) = (security(&accepted).expect("usable"), security(&answered).expect("usable"));
            assert_eq!((ours.is_some(), theirs.is_some()), (is_secured, is_secured), "{policy:?}");
            if let (Some(Keying::Sdes { local, remote }), Some(Keying::Sdes { local: theirs, remote: mine })) =
                (ours.map(|security| security.keying), theirs.map(|security| security.keying))
            {
                assert_eq!((local, remote), (mine, theirs));
            }
        }
    }

    #[test]
    fn an_offer_against_the_policy_is_refused_with_words_that_say_why() {
        let identity = Identity::generate().expect("a certificate");
        let refused = |policy, offered| refusal(policy, identity.fingerprint(), HERE.ip(), offer(&local(offered)).as_bytes());
        assert_eq!(refused(MediaSecurity::Optional, MediaSecurity::Clear), None);
        assert_eq!(refused(MediaSecurity::Optional, MediaSecurity::Required), None);
        assert_eq!(refused(MediaSecurity::Required, MediaSecurity::RequiredDtls), None);
        assert_eq!(refused(MediaSecurity::Required, MediaSecurity::Clear), Some("Encrypted Audio Required"));
        assert_eq!(refused(MediaSecurity::Clear, MediaSecurity::Required), Some("Audio Encryption Not Supported"));
    }

    #[test]
    fn no_two_legs_have_the_same_keys() {
        let (one, other) = (local(MediaSecurity::Required).protection, local(MediaSecurity::Required).protection);
        assert!(one.sdes.iter().zip(&other.sdes).all(|(one, other)| one.key != other.key));
        assert_ne!(one.ice, other.ice);
    }
}
