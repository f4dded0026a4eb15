//! The media engine: a few threads that own the RTP sockets of every call leg.
//!
//! A leg is opened (`Engine::open_leg` binds its ports, so that the SDP can name them), told what was agreed
//! (`Command::SetMedia`), then played to, bridged and recorded by further commands, and closed. What happens on the wire
//! comes back as [`Event`]s through the callback given to [`Engine::start`]. Packets never leave the thread that owns the leg.
//!
//! - `engine` the boundary: starts the threads, opens legs, queues commands; `ports` knows which ports are taken
//! - `thread` the loop of one media thread; `orders` carries out commands, `packets` is the way of a packet
//! - `poller` the only code that waits for sockets, by io_uring or epoll; `pace` when to wake; `counters` how it went
//! - `leg` one leg; `latch` whose packets it takes; `guarded` legs whose packets are sealed; `reports` its RTCP, `moments` how it was, `hearing` whether anything
//!   is heard of it
//! - `codec` what legs speak; `ear` decodes, `voice` encodes, `transcoding` is the way of a packet between the two
//! - `player` what a leg is played, `wheel` when, `sounds` from what
//! - `mixing` conferences: who sits in which; `mix` who hears whom, and the sums
//! - `recording` tapes on the media threads, and the thread that writes them

mod clock;
mod codec;
mod command;
mod config;
mod counters;
mod ear;
mod engine;
mod event;
mod guarded;
mod hearing;
mod id;
mod keys;
mod latch;
mod leg;
mod mix;
mod mixing;
mod moments;
mod orders;
mod pace;
mod packets;
mod player;
mod poller;
mod ports;
mod random;
mod recording;
mod reports;
mod slab;
mod sounds;
mod thread;
mod transcoding;
mod voice;
mod wheel;

pub use clock::{Clock, HeldClock};
pub use codec::Codec;
pub use command::{Command, Hears, LegMedia, MixMember, Security, Source, Sources, Tone};
pub use config::{EngineConfig, PollerChoice, PollerKind};
pub use counters::ThreadReport;
pub use engine::{Engine, OpenError, Overloaded, ThreadIx};
pub use event::{Event, LegReport, Moment, OneWay};
pub use hearing::Hearing;
pub use id::{LegId, MixId, PlayId, RecordingId, SoundName};
pub use mix::MOST_IN_A_MIX;
pub use recording::DiskRefusal;
pub use sounds::{SoundError, Sounds};
