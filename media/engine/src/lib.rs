//! The media engine: a few threads that own the RTP sockets of every call leg.
//!
//! A leg is opened (`Engine::open_leg` binds its ports, so that the SDP can name them), told what was agreed
//! (`Command::SetMedia`), then played to, bridged and recorded by further commands, and closed. What happens on the wire
//! comes back as [`Event`]s through the callback given to [`Engine::start`]. Packets never leave the thread that owns the leg.
//!
//! - `engine` the boundary: starts the threads, opens legs, queues commands
//! - `ports` which ports of the configured range are taken
//! - `poller` the only code that touches sockets and readiness; another kind of waiting replaces this module
//! - `sounds` prompts and music, encoded once
//! - `thread` the loop of one media thread

mod command;
mod config;
mod engine;
mod event;
mod id;
#[expect(dead_code, reason = "the packet path follows")]
mod poller;
#[expect(dead_code, reason = "the packet path follows")]
mod ports;
mod sounds;
mod thread;

pub use command::{Codec, Command, LegMedia, Source, Sources, Tone};
pub use config::EngineConfig;
pub use engine::{Engine, OpenError, Overloaded, ThreadIx};
pub use event::{Event, LegReport};
pub use id::{LegId, PlayId, RecordingId, SoundName};
pub use sounds::{SoundError, Sounds};
