//! The names things have at the boundary. The numbers are the caller's: the engine only compares them.

use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u128);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:032x}", self.0)
            }
        }
    };
}

id! {
    /// One call leg; the same number in every layer.
    LegId
}
id! {
    /// One order to play something; comes back in `Event::PlayEnded`.
    PlayId
}
id! {
    /// One recording.
    RecordingId
}
id! {
    /// One conference.
    MixId
}

/// The name of a prompt or a piece of music: its file's stem.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SoundName(pub String);

impl From<&str> for SoundName {
    fn from(name: &str) -> Self {
        Self(name.to_owned())
    }
}

impl From<String> for SoundName {
    fn from(name: String) -> Self {
        Self(name)
    }
}

impl fmt::Display for SoundName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
