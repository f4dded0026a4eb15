//! A call played in virtual time with `acd` and phones in the test's hand. A file a behaviour; its name says which.

mod kit;

mod a_200_crosses_the_expiry;
mod a_call_is_held_and_given_on;
mod a_caller_may_hang_up_anywhere;
mod a_conference_of_three;
mod a_direct_call_follows_the_phones;
mod a_lost_page_comes_back;
mod a_menu_hears_keys_and_waits_for_them;
mod a_phone_puts_its_two_calls_together;
mod a_prompt_that_cannot_be_played;
mod a_recording_is_paused;
mod a_supervisor_is_beside_the_agent;
mod a_telephone_logs_in_by_its_keys;
mod a_whole_centre_at_work;
mod an_agent_answers_and_either_side_hangs_up;
mod an_agent_clicks_on_a_number;
mod an_agent_ends_only_the_own_leg;
mod any_order_of_events_ends_once;
mod caller_hangs_up_while_agent_rings;
mod consent_is_heard_before_anything_is_recorded;
mod every_failure_of_an_offer_is_told;
mod media_lost_ends_the_call_and_says_so;
mod nobody_answers_and_the_next_agent_is_asked;
mod nothing_is_answered_before_the_start_is_on_disk;
mod outbound_routes_are_tried_in_order;
mod somebody_outside_the_call_ends_it;
mod the_queue_lets_the_caller_go;
mod the_record_of_a_call;
mod two_phones_answer_a_ring_all_together;
mod unknown_number;
