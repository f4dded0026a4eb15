//! What a plan says is heard as one piece, word behind word, in the site's language; a key ends what may be skipped.

use std::path::Path;

use carillon::config::Language;
use carillon_kit::sound;
use carillon_media_audio::g711;

use crate::site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn digits_money_and_a_time_are_heard_without_a_gap_in_english() {
    told(Language::En, "en", &["5", "0", "0", "9", "12", "eur", "and", "50", "eur-cent", "6", "30", "pm"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn digits_money_and_a_time_are_heard_without_a_gap_in_italian() {
    told(Language::It, "it", &["5", "0", "0", "9", "12", "eur", "and", "50", "eur-cent", "hours", "18", "and", "30"]).await;
}

async fn told(language: Language, folder: &str, words: &[&str]) {
    let site = Site::start_with(|config, _| config.site.language = language).await;
    let mut caller = site.trunk.dial("5009").await;
    caller.is_answered().await;
    caller.is_ended().await;
    let wanted: Vec<i16> = words.iter().flat_map(|word| heard_as(&format!("service/prompts/{folder}/say-{word}"))).collect();
    let (_, likeness) = sound::find(&caller.audio.heard(), &wanted);
    assert!(likeness > 0.99, "{likeness}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_ends_what_may_be_skipped() {
    let site = Site::start().await;
    let mut caller = site.trunk.dial("5009").await;
    caller.is_answered().await;
    caller.audio.hears_more(0.5).await;
    caller.audio.press('#', 3);
    caller.is_ended().await;
    let heard = caller.audio.heard();
    let (_, likeness) = sound::find(&heard, &heard_as("demo/prompts/en/goodbye"));
    assert!(likeness > 0.99, "{likeness}");
    let (_, likeness) = sound::find(&heard, &heard_as("service/prompts/en/say-pm"));
    assert!(likeness < 0.9, "the last word was skipped: {likeness}");
}

/// A sound as a telephone with mu-law hears it.
fn heard_as(name: &str) -> Vec<i16> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("dialplans").join(format!("{name}.wav"));
    sound::read(&file).into_iter().map(|sample| g711::ulaw_decode(g711::ulaw_encode(sample))).collect()
}
