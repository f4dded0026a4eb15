//! K4: where nobody speaks in a recording, found while the file is read, so that who listens need not.

use carillon_store::recording_file::Quiet;

/// Bytes before the audio of a recording.
const HEADER: usize = 44;
/// Bytes of a frame: a sample of 16 bits a side.
const FRAME: usize = 4;
const FRAMES_PER_MS: u64 = 8;
/// Frames looked at together: 20 ms, shorter than any sound of speech.
const WINDOW: u64 = 20 * FRAMES_PER_MS;
/// Above this share of full scale, in samples, somebody speaks; below it are line noise and breath.
const SPEECH: u16 = 393;
/// Shorter pauses belong to speaking.
const PAUSE_MS: u64 = 2000;
/// What is left of a pause at each end, so that no word is cut.
const MARGIN_MS: u64 = 400;
/// Stretches kept of one recording; of more, the longest.
const MOST: usize = 1000;

/// Takes a file's bytes in order, in pieces of any length.
#[derive(Debug, Default)]
pub(super) struct Listener {
    /// Bytes of the header that came.
    header: usize,
    /// The beginning of a frame whose end is in the next piece.
    partial: Vec<u8>,
    frames: u64,
    is_loud: bool,
    /// The frame with which the silence that lasts began.
    began: Option<u64>,
    found: Vec<Quiet>,
}

impl Listener {
    /// The next bytes.
    pub(super) fn take(&mut self, piece: &[u8]) {
        let skipped = (HEADER - self.header).min(piece.len());
        self.header += skipped;
        let mut audio = &piece[skipped..];
        if !self.partial.is_empty() {
            let rest = (FRAME - self.partial.len()).min(audio.len());
            self.partial.extend_from_slice(&audio[..rest]);
            audio = &audio[rest..];
            if self.partial.len() < FRAME {
                return;
            }
            let whole = std::mem::take(&mut self.partial);
            self.frame(&whole);
        }
        let frames = audio.chunks_exact(FRAME);
        self.partial.extend_from_slice(frames.remainder());
        frames.for_each(|frame| self.frame(frame));
    }

    fn frame(&mut self, frame: &[u8]) {
        self.is_loud |= frame.chunks_exact(2).any(|sample| i16::from_le_bytes([sample[0], sample[1]]).unsigned_abs() > SPEECH);
        self.frames += 1;
        if self.frames.is_multiple_of(WINDOW) {
            self.window(self.frames - WINDOW);
        }
    }

    /// A window is over that began with this frame.
    fn window(&mut self, first: u64) {
        if !std::mem::take(&mut self.is_loud) {
            self.began.get_or_insert(first);
        } else if let Some(began) = self.began.take() {
            self.silence(began, first);
        }
    }

    fn silence(&mut self, began: u64, ended: u64) {
        let quiet = Quiet { from_ms: began / FRAMES_PER_MS + MARGIN_MS, to_ms: (ended / FRAMES_PER_MS).saturating_sub(MARGIN_MS) };
        if quiet.to_ms.saturating_sub(quiet.from_ms) >= PAUSE_MS {
            self.found.push(quiet);
        }
    }

    /// What was found, in order.
    pub(super) fn found(mut self) -> Vec<Quiet> {
        let whole = self.frames - self.frames % WINDOW;
        if let Some(began) = self.began.take() {
            self.silence(began, whole);
        }
        if self.found.len() > MOST {
            self.found.sort_by_key(|quiet| std::cmp::Reverse(quiet.to_ms - quiet.from_ms));
            self.found.truncate(MOST);
            self.found.sort_by_key(|quiet| quiet.from_ms);
        }
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of parts: milliseconds, and how loud each side is.
    fn file(parts: &[(u64, i16, i16)]) -> Vec<u8> {
        let mut bytes = vec![0xFF; HEADER];
        for (ms, left, right) in parts {
            for _ in 0..ms * FRAMES_PER_MS {
                bytes.extend(left.to_le_bytes());
                bytes.extend(right.to_le_bytes());
            }
        }
        bytes
    }

    fn heard(file: &[u8], piece: usize) -> Vec<(u64, u64)> {
        let mut listener = Listener::default();
        file.chunks(piece).for_each(|piece| listener.take(piece));
        listener.found().into_iter().map(|quiet| (quiet.from_ms, quiet.to_ms)).collect()
    }

    #[test]
    fn pauses_of_both_sides_are_found_with_a_margin_however_the_file_is_cut() {
        let file = file(&[(1000, 9000, 0), (5000, 100, -80), (1000, 0, -9000), (2000, 0, 0), (1000, i16::MIN, 0), (4000, 0, 0)]);
        for piece in [1, 3, 43, 45, 1000, 64 * 1024, usize::MAX] {
            assert_eq!(heard(&file, piece), [(1400, 5600), (10_400, 13_600)], "in pieces of {piece}");
        }
        assert_eq!(heard(&[], 1), []);
        assert_eq!(heard(&file[..44], 1), []);
    }

    #[test]
    fn ten_minutes_of_short_words_have_no_silence() {
        // Two words a second, 60 ms each: whoever looks here and there sees silence.
        let words: Vec<_> = (0..1200).flat_map(|_| [(60, 0, 5000), (440, 0, 0)]).collect();
        assert_eq!(heard(&file(&words), 64 * 1024), []);
    }

    #[test]
    fn of_very_many_the_longest_are_kept_in_order() {
        let stretch = |turn: u64| Quiet { from_ms: turn * 5000, to_ms: turn * 5000 + if turn < 50 { 2000 } else { 2500 } };
        let listener = Listener { found: (0..1050).map(stretch).collect(), ..Listener::default() };
        assert_eq!(listener.found(), (50..1050).map(stretch).collect::<Vec<_>>());
    }
}
