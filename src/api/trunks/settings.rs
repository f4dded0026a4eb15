//! A trunk as an administrator sets it up.

use carillon_model::{MediaSecurity, Trunk, TrunkAccount, TrunkId};
use carillon_sip_core::digest::Ha1;
use carillon_store::{
    DigestSecret, Stored,
    setup::{Setup, TrunkAccountSetup, TrunkSetup},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{Kept, Problem, kept::check},
    trunks::TrunkStatus,
};

/// A carrier or exchange that calls come from and go to.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrunkSettings {
    /// Short name, unique; what a dialplan and an outbound route say.
    #[schema(example = "carrier")]
    name: String,
    /// Where it signals from and is sent to: an IP address, or a name that the DNS knows.
    #[schema(example = "sip.carrier.example")]
    host: String,
    /// Its port. Absent: of an IP address the usual one (5060, with TLS 5061), of a name as the DNS says.
    #[schema(example = 5060)]
    port: Option<u16>,
    /// `udp`, `tcp`, `tls`, or for a name without port `dns`: as the DNS says.
    #[schema(example = "udp")]
    transport: String,
    /// Who we are there, for a trunk that challenges our calls or that we register with.
    account: Option<TrunkAccountSettings>,
    /// Whether it is asked by OPTIONS every half minute if it is there.
    #[serde(default)]
    options: bool,
    /// Whether requests that are too large for a datagram go to it by TCP instead of UDP.
    #[serde(default)]
    large_by_tcp: bool,
    /// Calls at once, both directions together.
    #[schema(example = 100)]
    max_calls: u32,
    /// Calls made through it in any hour; absent: without limit.
    max_calls_per_hour: Option<u32>,
    /// How its audio is kept from others: `clear` only, `optional` (as it offers; we offer clear), `required` (we offer SDES) or `required_dtls`.
    #[serde(default)]
    #[schema(value_type = String)]
    media_security: MediaSecurity,
}

/// Who we are to a trunk.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrunkAccountSettings {
    /// User name.
    #[schema(example = "390612345")]
    user: String,
    /// Password. Never shown; without one an account of the same user and realm keeps its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(write_only)]
    password: Option<String>,
    /// The realm whose challenges are answered; no other's is. Absent: the trunk's host.
    #[schema(example = "carrier.example")]
    realm: Option<String>,
    /// Whether we register there, so that it knows where we are.
    #[serde(default)]
    register: bool,
    /// How long each registration is asked to last, seconds, 60 to 86400; absent: 600.
    register_s: Option<u32>,
}

/// A trunk as it is stored, and as it stands.
#[derive(Serialize, ToSchema)]
pub struct TrunkRow {
    /// How it is set up.
    #[serde(flatten)]
    kept: Kept<TrunkSettings>,
    /// How it stands now. Left out of what is sent back.
    status: TrunkStatus,
}

impl TrunkRow {
    pub(super) fn of(stored: &Stored<Trunk>, status: TrunkStatus) -> Self {
        Self { kept: Kept::of(stored.entity.id.uuid(), stored, TrunkSettings::of), status }
    }
}

impl TrunkSettings {
    /// As a stored trunk has them.
    pub(super) fn of(trunk: &Trunk) -> Self {
        let account = trunk.account.as_ref().map(|account| TrunkAccountSettings {
            user: account.user.clone(),
            password: None,
            realm: Some(account.realm.clone()),
            register: account.register,
            register_s: Some(account.register_s),
        });
        Self {
            name: trunk.name.clone(),
            host: trunk.host.clone(),
            port: trunk.port,
            transport: trunk.transport.clone(),
            account,
            options: trunk.options,
            large_by_tcp: trunk.large_by_tcp,
            max_calls: trunk.max_calls,
            max_calls_per_hour: trunk.max_calls_per_hour,
            media_security: trunk.media_security,
        }
    }

    /// The trunk with them, checked, and its account's secret if a password is given.
    pub(super) fn trunk(self, id: TrunkId) -> Result<(Trunk, Option<DigestSecret>), Problem> {
        let Self { name, host, port, transport, account, options, large_by_tcp, max_calls, max_calls_per_hour, media_security } = self;
        let account = account.map(|account| TrunkAccountSetup {
            user: account.user,
            password: account.password,
            realm: account.realm,
            register: account.register,
            register_s: account.register_s.unwrap_or(600),
        });
        let setup =
            TrunkSetup { name, host, port, transport, account, options, large_by_tcp, max_calls, max_calls_per_hour, media_security };
        let (port, stored) = (setup.set_port(), setup.set_account());
        check(&Setup { trunk: vec![setup.clone()], ..Setup::default() })?;
        let password = setup.account.and_then(|account| account.password);
        let secret = stored.as_ref().zip(password).map(|(account, password)| {
            let ha1 = Ha1::from_password(&account.user, &account.realm, &password);
            DigestSecret { ha1_md5: ha1.md5_hex(), ha1_sha256: ha1.sha256_hex() }
        });
        let TrunkSetup { name, host, transport, .. } = setup;
        Ok((
            Trunk {
                id,
                name,
                host,
                port,
                transport,
                account: stored,
                options,
                large_by_tcp,
                max_calls,
                max_calls_per_hour,
                media_security,
            },
            secret,
        ))
    }
}

/// Whether an account can do with the secret it has: without one of its own, or with another user or realm, it needs its password.
pub(super) fn password_missing(
    before: Option<&TrunkAccount>,
    now: Option<&TrunkAccount>,
    secret: Option<&DigestSecret>,
) -> Option<Problem> {
    let now = now.filter(|_| secret.is_none())?;
    let keeps = before.is_some_and(|before| before.user == now.user && before.realm == now.realm);
    (!keeps).then(|| Problem::invalid("account.password", "A new account, or one with another user or realm, needs its password."))
}

/// Name or address is another's.
pub(super) fn taken(error: carillon_store::Error) -> Problem {
    let taken = matches!(error, carillon_store::Error::Taken { .. });
    let problem = Problem::from(error);
    if !taken {
        return problem;
    }
    let why = "Another trunk has this name or this address.";
    problem.field("name", why).field("host", why)
}
