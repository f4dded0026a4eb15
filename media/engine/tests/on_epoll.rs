//! The tests of `it`, by epoll.

#[path = "it/bridging.rs"]
mod bridging;
#[path = "it/digits.rs"]
mod digits;
#[path = "it/guarded.rs"]
mod guarded;
#[path = "it/lab.rs"]
mod lab;
#[path = "it/latching.rs"]
mod latching;
#[path = "it/limits.rs"]
mod limits;
#[path = "it/mixing.rs"]
mod mixing;
#[path = "it/playing.rs"]
mod playing;
#[path = "it/recording.rs"]
mod recording;
#[path = "it/silence.rs"]
mod silence;
#[path = "it/transcoding.rs"]
mod transcoding;

use carillon_media_engine::PollerChoice;

const POLLER: PollerChoice = PollerChoice::Epoll;
