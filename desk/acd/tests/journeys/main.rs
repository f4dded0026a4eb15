//! The engine driven through its public face in virtual time: what people do goes in by name, what comes out is read as sentences.

mod a_claim_is_granted_once;
mod a_pause_in_one_queue;
mod a_queue_lets_callers_go;
mod after_a_restart_sessions_live_on;
mod agents_have_calls_of_their_own;
mod an_agent_works_with_one_phone;
mod callers_are_served_in_order;
mod nobody_answers_and_the_next_agent_is_asked;
mod pauses_wait_for_the_work_at_hand;
mod ring_all_rings_all;
mod site;
mod wrap_up_belongs_to_the_agent;
