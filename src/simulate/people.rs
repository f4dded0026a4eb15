//! Who calls, and what they say.

/// Callers: name and number, both invented.
const CALLERS: [(&str, &str); 8] = [
    ("Elena Marino", "+390255500101"),
    ("Paolo Riva", "+390655500102"),
    ("Giulia Ferri", "+391155500103"),
    ("Luca Sarti", "+390515550104"),
    ("Marta Villa", "+390455550105"),
    ("Davide Longo", "+390815550106"),
    ("Chiara Pace", "+390955550107"),
    ("Sergio Bassi", "+390405550108"),
];

/// What either side says, by the names of prompts, round and round.
const SPEECH: [&str; 4] = ["nobody-available", "all-agents-busy", "menu-sales-support", "welcome"];

/// The caller of the nth call.
pub(super) fn caller(nth: u32) -> (&'static str, &'static str) {
    CALLERS[nth as usize % CALLERS.len()]
}

/// What the nth speaker says, beginning somewhere else than the one before.
pub(super) fn speech(nth: u32) -> impl Iterator<Item = &'static str> {
    SPEECH.into_iter().cycle().skip(nth as usize % SPEECH.len()).take(SPEECH.len())
}
