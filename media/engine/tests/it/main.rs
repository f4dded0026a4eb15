//! The media engine from outside: phones on loopback sockets talk through it, and what they hear is listened to.

mod bridging;
mod digits;
mod lab;
mod latching;
mod limits;
mod playing;
mod recording;
mod silence;
