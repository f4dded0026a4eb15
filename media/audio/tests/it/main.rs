//! The public face of the crate. A module a behaviour.

mod a_crashed_recording_is_repaired;
mod a_recording_is_valid_while_it_grows;
mod prompts_of_any_kind_are_read;
mod resampling_keeps_speech_and_drops_the_rest;
mod the_demos_sounds_fit_a_telephone;
mod tones_sound_as_the_network_says;

use std::f64::consts::TAU;

/// A sine at any rate, as samples.
fn sine_at(rate: u32, hz: f64, amplitude: f64, samples: usize) -> Vec<i16> {
    (0..samples).map(|at| (amplitude * 32767.0 * (TAU * hz * at as f64 / f64::from(rate)).sin()).round() as i16).collect()
}

fn decibels(ratio: f64) -> f64 {
    20.0 * ratio.log10()
}
