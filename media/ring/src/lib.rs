//! Datagrams by io_uring: the kernel fills buffers of ours as packets come, and takes back what is to be sent, many at a time.
//!
//! [`Ring::receive`] starts to listen on a socket for good; [`Ring::wait`] submits what was asked for meanwhile and waits;
//! [`Ring::next_completion`] gives what was done. A [`Packet`] owns the buffer it lies in: rewrite it where it lies and [`Ring::send`] it, or
//! [`Ring::give_back`]. The crate is safe to use in whatever order; what it takes to be so stands in `ring` and `memory`.
//!
//! - `ring` requests and completions
//! - `memory` the buffers, and who owns which
//! - `prefetch` memory asked for before it is needed
//! - `address` who sent a datagram, as the kernel writes it before it

mod address;
mod memory;
mod prefetch;
mod ring;

pub use memory::{Packet, RECEIVE_BUFFERS, SEND_BUFFERS};
pub use prefetch::prefetch;
pub use ring::{Completion, Done, On, Ring, Token};
