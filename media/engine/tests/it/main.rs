//! The media engine from outside: phones on loopback sockets talk through it, and what they hear is listened to.
//! By io_uring where the system has it; `on_epoll.rs` runs the same by epoll.

mod bridging;
mod digits;
mod guarded;
mod lab;
mod latching;
mod limits;
mod mixing;
mod playing;
mod recording;
mod silence;
mod transcoding;

use carillon_media_engine::PollerChoice;

const POLLER: PollerChoice = PollerChoice::Auto;
