//! What somebody uploads, made into what telephones are played: checked, mixed to one channel, brought to 8 kHz.

use std::{io::Cursor, path::Path};

use carillon_media_audio::{SILENCE_DBFS, TELEPHONE_RATE, level_dbfs, read_wav_from, resample_loop};

use super::Kind;

/// Longest prompt and longest piece of music, in seconds.
const SECONDS_MAX: [(Kind, u32); 2] = [(Kind::Prompts, 300), (Kind::Music, 600)];

/// Why an upload cannot be played; each says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// MP3, Ogg, FLAC, AAC: audio, packed.
    #[error("This is packed audio, such as MP3: convert it to WAV first.")]
    Packed,
    /// Not WAV, or of a kind not read here, or cut short.
    #[error("This is no WAV file that can be read: PCM of 8 to 32 bits, or float, whole.")]
    NotWav,
    /// A rate that is no audio's.
    #[error("Its rate is not between 8 and 192 kHz.")]
    Rate,
    /// No samples.
    #[error("There is no audio in it.")]
    Empty,
    /// Nothing to hear.
    #[error("It is silent from beginning to end.")]
    Silent,
    /// Longer than five minutes.
    #[error("A prompt may last five minutes.")]
    LongPrompt,
    /// Longer than ten minutes.
    #[error("Music may last ten minutes.")]
    LongMusic,
}

/// The samples of a WAV file, 8 kHz mono. Music is converted as the loop it is.
///
/// # Errors
/// Why it cannot be played.
pub fn for_telephones(kind: Kind, file: &[u8]) -> Result<Vec<i16>, Unfit> {
    if is_packed(file) {
        return Err(Unfit::Packed);
    }
    let too_long = match kind {
        Kind::Prompts => Unfit::LongPrompt,
        Kind::Music => Unfit::LongMusic,
    };
    let pcm = read_wav_from(Cursor::new(file), Path::new("upload")).map_err(|error| match error {
        carillon_media_audio::WavError::Unfit { why, .. } if why.contains("rate") => Unfit::Rate,
        carillon_media_audio::WavError::Unfit { .. } => too_long,
        _ => Unfit::NotWav,
    })?;
    if pcm.samples.is_empty() {
        return Err(Unfit::Empty);
    }
    let seconds = SECONDS_MAX.iter().find(|(of, _)| *of == kind).map_or(0, |(_, seconds)| *seconds);
    if pcm.duration_ms() > u64::from(seconds) * 1000 {
        return Err(too_long);
    }
    if level_dbfs(&pcm.samples) <= SILENCE_DBFS {
        return Err(Unfit::Silent);
    }
    Ok(match kind {
        Kind::Prompts => pcm.to_telephone(),
        Kind::Music => resample_loop(&pcm.samples, pcm.rate, TELEPHONE_RATE),
    })
}

/// By how the file begins.
fn is_packed(file: &[u8]) -> bool {
    let begins = |with: &[u8]| file.starts_with(with);
    let is_mpeg = file.len() > 1 && file[0] == 0xFF && file[1] & 0xE0 == 0xE0;
    is_mpeg
        || begins(b"ID3")
        || begins(b"OggS")
        || begins(b"fLaC")
        || file.get(4..8) == Some(b"ftyp".as_slice())
        || begins(b"\x1A\x45\xDF\xA3")
}

#[cfg(test)]
mod tests {
    use carillon_media_audio::{sine, wav_mono};

    use super::*;

    #[test]
    fn what_can_be_played_is_and_the_rest_says_why_not() {
        let tone = wav_mono(&sine(500.0, 0.3, 4000));
        assert_eq!(for_telephones(Kind::Prompts, &tone).map(|samples| samples.len()), Ok(4000));
        assert_eq!(for_telephones(Kind::Music, &tone).map(|samples| samples.len()), Ok(4000));
        for (file, why) in [
            (b"ID3\x04".to_vec(), Unfit::Packed),
            (vec![0xFF, 0xFB, 0x90, 0x00], Unfit::Packed),
            (b"OggS".to_vec(), Unfit::Packed),
            (b"\0\0\0\x20ftypM4A ".to_vec(), Unfit::Packed),
            (Vec::new(), Unfit::NotWav),
            (b"<html>".to_vec(), Unfit::NotWav),
            (tone[..3000].to_vec(), Unfit::NotWav),
            (wav_mono(&[]), Unfit::Empty),
            (wav_mono(&[0; 8000]), Unfit::Silent),
            (wav_mono(&vec![5000; 8000 * 301]), Unfit::LongPrompt),
        ] {
            assert_eq!(for_telephones(Kind::Prompts, &file), Err(why), "{:?}", &file[..file.len().min(8)]);
        }
        assert!(for_telephones(Kind::Music, &wav_mono(&vec![5000; 8000 * 301])).is_ok());
    }
}
