//! Plans as their authors meet them: mistakes, checks, cases, and calls that walk through.

mod a_call_walks_the_plan;
mod a_mistake_is_named_with_its_place;
mod a_plan_is_checked_against_the_site;
mod any_text_is_read_without_a_panic;
mod cases_say_what_went_otherwise;
mod numbers_are_said_in_words;
mod routes_are_tried_from_top_to_bottom;
mod shipped_plans_pass_their_own_cases;
