//! Typed identifiers: UUIDv7, written as lower-case text in the database and the API.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID made elsewhere (the database, a peer, [`IdSource`]).
            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }

            /// The id from its 128 bits, as `sip/leg` and `media/engine` carry it.
            pub const fn from_u128(bits: u128) -> Self {
                Self(Uuid::from_u128(bits))
            }

            /// The id as 128 bits.
            pub const fn as_u128(self) -> u128 {
                self.0.as_u128()
            }

            /// The UUID itself.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}:{}", stringify!($name), self.0.as_hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self)
            }
        }
    )+};
}

ids! {
    /// One call, whatever its number of legs.
    CallId,
    /// One leg of a call: one SIP dialog and its media.
    LegId,
    /// An agent. The same UUID as the agent's [`UserId`].
    AgentId,
    /// A person who can sign in: agent, supervisor or administrator.
    UserId,
    /// A key of other software.
    ApiKeyId,
    /// A link to a recording.
    RecordingLinkId,
    /// A registered telephone.
    PhoneId,
    /// A queue.
    QueueId,
    /// A trunk: a carrier or another exchange, known by address.
    TrunkId,
    /// An outbound route.
    RouteId,
    /// One waiting of one call in one queue.
    TicketId,
    /// One attempt to give a waiting call to one agent.
    OfferId,
    /// One recording file.
    RecordingId,
    /// One playing of prompts or music on one leg.
    PlayId,
    /// A pause reason.
    PauseId,
    /// A disposition.
    DispositionId,
    /// One signed-in session of a user. Not the secret token that opens it.
    SessionId,
}

impl From<UserId> for AgentId {
    fn from(user: UserId) -> Self {
        Self(user.0)
    }
}

impl From<AgentId> for UserId {
    fn from(agent: AgentId) -> Self {
        Self(agent.0)
    }
}

/// Makes UUIDv7 ids from a time and a seeded generator, so that deciding code stays repeatable under test.
#[derive(Debug, Clone)]
pub struct IdSource {
    state: u64,
    /// The millisecond of the last id.
    millis: u64,
    /// How many ids that millisecond has had before it.
    count: u16,
}

impl IdSource {
    /// A source with its own seed. The server seeds it from the operating system's generator.
    pub const fn new(seed: u64) -> Self {
        Self { state: seed, millis: 0, count: 0 }
    }

    /// The next id, carrying `wall` in its first 48 bits (RFC 9562 5.7), and behind it a counter: what one source makes within a millisecond sorts
    /// in the order it was made (section 6.2, method 1), up to 4,096 of them.
    pub fn next(&mut self, wall: Timestamp) -> Uuid {
        let millis = u64::try_from(wall.as_millisecond()).unwrap_or(0);
        self.count = if millis == self.millis { self.count.wrapping_add(1) } else { 0 };
        self.millis = millis;
        let mut tail = [0_u8; 10];
        // The first four bits give way to the version.
        tail[..2].copy_from_slice(&(self.count & 0xFFF).to_be_bytes());
        tail[2..].copy_from_slice(&self.draw().to_be_bytes());
        Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
    }

    /// SplitMix64: ids need to be distinct, not secret.
    fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_version_7_sort_by_time_and_survive_text() {
        let mut ids = IdSource::new(1);
        let early = CallId::new(ids.next(Timestamp::from_millisecond(1_000).expect("in range")));
        let late = CallId::new(ids.next(Timestamp::from_millisecond(2_000).expect("in range")));
        assert_eq!(early.uuid().get_version_num(), 7);
        assert!(early < late);
        let at_once: Vec<_> = (0..1000).map(|_| ids.next(Timestamp::from_millisecond(3_000).expect("in range"))).collect();
        assert!(at_once.is_sorted(), "those of a millisecond in the order they were made");
        assert_eq!(early.to_string().parse::<CallId>().expect("own text"), early);
        assert_eq!(CallId::from_u128(early.as_u128()), early);
    }
}
