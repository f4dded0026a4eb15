//! People who mean harm, and machines that cannot do better (spec: threats).

mod a_flood_of_bad_bytes;
mod a_third_host_sprays_rtp;
mod connections_that_say_nothing;
mod mutants;
mod streams_cut_and_joined;
mod torture_on_the_wire;
