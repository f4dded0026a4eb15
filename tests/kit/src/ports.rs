//! Ports that nobody else has.

use std::{
    net::{Ipv4Addr, TcpListener, UdpSocket},
    process,
    sync::Mutex,
};

/// Blocks begin here: below the ports that the system hands out by itself, so that no outgoing connection ever takes one.
const FIRST: u32 = 10_000;
const LAST: u32 = 19_999;
/// Blocks begin at whole multiples of this.
const STEP: u32 = 20;

/// Where the next search begins.
static NEXT: Mutex<Option<u32>> = Mutex::new(None);

/// A run of ports on 127.0.0.1 that were free, for UDP and TCP, and that no other test takes, of this process or another.
#[derive(Debug)]
pub struct Ports {
    /// Listening here is what keeps others away: it is the block's first port, and nobody's to use.
    _mark: TcpListener,
    first: u16,
    count: u16,
}

impl Ports {
    /// Reserves `count` ports in a row; the first is even.
    ///
    /// # Panics
    /// When no such run is free.
    pub fn reserve(count: u16) -> Self {
        let mut next = NEXT.lock().expect("nobody panics while searching");
        let spread = FIRST + process::id().wrapping_mul(7919) % (LAST - FIRST);
        let mut candidate = next.unwrap_or(spread).next_multiple_of(STEP);
        for _ in 0..(LAST - FIRST) / STEP {
            if candidate + u32::from(count) + 1 > LAST {
                candidate = FIRST;
            }
            if let Some(found) = Self::at(candidate as u16, count) {
                *next = Some(candidate + u32::from(count) + 2);
                return found;
            }
            candidate += STEP;
        }
        panic!("no {count} free ports in a row between {FIRST} and {LAST}");
    }

    fn at(mark: u16, count: u16) -> Option<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, mark)).ok()?;
        let free = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() && UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
        let first = mark + 2;
        // A longer block may run into another's mark: those are taken, and found so.
        (first..first + count).all(free).then_some(Self { _mark: listener, first, count })
    }

    /// The port at `index`.
    ///
    /// # Panics
    /// Past the end of the block.
    pub fn at_index(&self, index: u16) -> u16 {
        assert!(index < self.count, "the block has {} ports", self.count);
        self.first + index
    }

    /// From the port at `index` to the last, as `FIRST-LAST`.
    pub fn range_from(&self, index: u16) -> String {
        format!("{}-{}", self.at_index(index), self.first + self.count - 1)
    }
}
