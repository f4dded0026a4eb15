//! Journeys through the whole server, a module a journey, and the rules of the tree.

mod a_backup_moves_to_the_other_engine;
mod a_call_through_a_queue;
mod a_phone_vanishes_in_mid_call;
mod a_queue_lets_callers_go;
mod a_second_sign_in_takes_over;
mod a_stranger_learns_nothing;
mod an_administrator_sets_things_up;
mod an_agent_ends_no_call_that_only_rings;
mod bad_requests_get_problems;
mod binary;
mod client;
mod commands_say_what_they_did;
mod desktop;
mod desktops_follow_what_happens;
mod documents;
mod each_role_by_each_route;
mod hostile;
mod journeys;
mod keys_are_heard_once;
mod mistakes_stop_the_start;
mod offers_and_answers_of_all_kinds;
mod site;
mod the_demo_serves_other_machines;
mod the_unit_is_true;
mod tidy;
