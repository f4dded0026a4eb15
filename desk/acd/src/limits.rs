//! The crate's bounds and short times, in one table.

use std::time::Duration;

/// No offer is shorter, whatever a queue says.
pub(crate) const SHORTEST_OFFER: Duration = Duration::from_millis(100);

/// No phone is taken from its agent sooner, whatever the setup says.
pub(crate) const SHORTEST_RELEASE: Duration = Duration::from_secs(1);

/// An agent who missed a call is asked again no sooner: a phone that refuses by itself must not make offers spin.
pub(crate) const REST_AFTER_MISS: Duration = Duration::from_secs(1);

/// A phone that said busy is on a call we do not see; it is asked again no sooner.
pub(crate) const REST_AFTER_BUSY: Duration = Duration::from_secs(5);

/// A phone that is registered and yet could not be reached is tried again after this long, or as soon as it registers anew.
pub(crate) const DOUBT_OF_PHONE: Duration = Duration::from_secs(30);

/// Agents rung at once for one caller.
pub(crate) const RING_ALL_AGENTS: usize = 50;

/// Ended offers a call is remembered by, so that a late answer hears the true reason.
pub(crate) const REMEMBERED_OFFERS: usize = 64;

/// Answered calls an estimate of the wait is made from.
pub(crate) const PACE_SAMPLES: usize = 10;
