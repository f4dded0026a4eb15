//! People who mean harm, and machines that cannot do better (spec: threats).

mod a_flood_beside_live_calls;
mod a_flood_of_bad_bytes;
mod a_third_host_sprays_rtp;
mod bad_http;
mod claims_and_guesses;
mod connections_that_say_nothing;
mod forged_requests_in_a_call;
mod mutants;
mod sealed_audio_forged_and_replayed;
mod strangers_requests;
mod streams_cut_and_joined;
mod svwar_learns_nothing;
mod toll_fraud;
mod torture_on_the_wire;
mod what_a_log_holds;
