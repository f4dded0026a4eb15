//! The socket loop on loopback. Tests wait for what they expect, never for time to pass.

mod a_connection_is_made_and_reused;
mod a_datagram_is_answered_from_the_port_it_came_to;
mod a_flood_does_not_starve_timers_and_orders;
mod a_nat_is_told_of_by_stun;
mod certificates;
mod connections_with_tls;
mod messages_come_by_websocket;
mod messages_come_whole_out_of_a_stream;
mod one_source_cannot_take_all_connections;
mod slow_and_silent_connections_are_closed;
mod support;
