//! The public face of the crate, in virtual time. A module a behaviour.

mod a_bad_line_never_doubles_a_digit;
mod a_jitter_buffer_plays_on;
mod any_bytes_are_read_without_a_panic;
mod headers_agree_with_another_implementation;
mod one_stream_leaves_whatever_feeds_it;
mod reports_say_what_was_heard;
mod what_arrived_is_counted_once;

use std::time::Instant;

/// The moment virtual time begins at. There is no other way to get an `Instant`.
#[expect(clippy::disallowed_methods, reason = "an origin for virtual time; nothing measures from it")]
fn origin() -> Instant {
    Instant::now()
}
