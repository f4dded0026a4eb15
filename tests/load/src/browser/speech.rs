//! What is said where codecs have work to do: the demo's prompts, encoded beforehand, round and round.

use std::path::Path;

use anyhow::Context;
use carillon_media_audio::{FRAME_SAMPLES, g711, opus, read_wav_mono};

const PROMPTS: [&str; 4] = ["welcome", "consent", "menu-sales-support", "all-agents-busy"];

/// Packets of 20 ms.
pub(crate) struct Speech {
    opus: Vec<Vec<u8>>,
    pcmu: Vec<Vec<u8>>,
}

impl Speech {
    pub(crate) fn load() -> anyhow::Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dialplans/demo/prompts/en");
        let mut encoder = opus::Encoder::new()?;
        let mut speech = Self { opus: Vec::new(), pcmu: Vec::new() };
        for prompt in PROMPTS {
            let path = folder.join(format!("{prompt}.wav"));
            let said = read_wav_mono(&path).with_context(|| format!("{} cannot be read", path.display()))?;
            anyhow::ensure!(said.rate == opus::RATE, "{} has {} samples a second", path.display(), said.rate);
            for frame in said.samples.as_chunks::<{ opus::FRAME }>().0 {
                let mut packet = vec![0; opus::LONGEST_PACKET];
                let length = encoder.encode(frame, &mut packet)?;
                packet.truncate(length);
                speech.opus.push(packet);
            }
            let narrow = said.to_telephone();
            let frames = narrow.as_chunks::<FRAME_SAMPLES>().0;
            speech.pcmu.extend(frames.iter().map(|frame| frame.iter().map(|sample| g711::ulaw_encode(*sample)).collect::<Vec<u8>>()));
        }
        Ok(speech)
    }

    /// The `n`th packet.
    pub(crate) fn opus(&self, n: u32) -> &[u8] {
        &self.opus[n as usize % self.opus.len()]
    }

    /// The same in mu-law.
    pub(crate) fn pcmu(&self, n: u32) -> &[u8] {
        &self.pcmu[n as usize % self.pcmu.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_speech_for_some_seconds_and_comes_round() {
        let speech = Speech::load().expect("the demo's prompts");
        assert!(speech.opus.len() > 250 && speech.opus.len().abs_diff(speech.pcmu.len()) <= PROMPTS.len());
        let mut decoder = opus::Decoder::new().expect("a decoder");
        let mut loudest = 0;
        for n in 0..speech.opus.len() as u32 {
            let mut frame = [0; opus::LONGEST];
            let samples = decoder.decode(speech.opus(n), &mut frame).expect("a packet");
            assert_eq!(samples, opus::FRAME);
            loudest = loudest.max(frame.iter().map(|sample| sample.unsigned_abs()).max().unwrap_or_default());
        }
        assert!(loudest > 5_000, "{loudest}");
        assert_eq!(speech.opus(0), speech.opus(speech.opus.len() as u32));
    }
}
