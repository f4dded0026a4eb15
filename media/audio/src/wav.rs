//! WAV files: prompts and music in, recordings out (through `hound`), and recordings that a crash left open.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use hound::{SampleFormat, WavReader, WavSpec, WavWriter};

use crate::{TELEPHONE_RATE, resample};

/// Bytes of one frame of a recording: two channels of 16 bits.
const STEREO_FRAME_BYTES: u32 = 4;
/// Rates a prompt may have, in samples a second.
const RATES: std::ops::RangeInclusive<u32> = 8_000..=192_000;
/// What is read into memory as one prompt or piece of music: half an hour.
const MAX_READ_SECONDS: u32 = 30 * 60;
/// What a recording is.
const SPEC: WavSpec = WavSpec { channels: 2, sample_rate: TELEPHONE_RATE, bits_per_sample: 16, sample_format: SampleFormat::Int };
/// Frames a recording may have: RIFF sizes are 32 bits. 37 hours.
const MAX_FRAMES: u32 = (u32::MAX - 1024) / STEREO_FRAME_BYTES;

/// What went wrong with a WAV file.
#[derive(Debug, thiserror::Error)]
pub enum WavError {
    /// The file could not be opened, read or written.
    #[error("cannot use {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is not a WAV file this server reads: PCM of 8 to 32 bits or 32 bit float.
    #[error("{} is not a WAV file that can be read", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What was wrong.
        source: hound::Error,
    },
    /// It is WAV, and not something to play on a telephone.
    #[error("{} cannot be played: {why}", path.display())]
    Unfit {
        /// The file.
        path: PathBuf,
        /// What is too much or too little.
        why: &'static str,
    },
    /// There is no `RIFF`, `WAVE`, `fmt ` or `data` where there should be: nothing to repair.
    #[error("{} has no WAV header", path.display())]
    NoHeader {
        /// The file.
        path: PathBuf,
    },
    /// Writing failed: disk full, removed, or refused.
    #[error("cannot write the recording")]
    Write(#[source] hound::Error),
    /// The recording has reached what a WAV file can hold.
    #[error("the recording has reached the 4 GiB a WAV file can hold")]
    Full,
}

impl WavError {
    /// What the system calls it, where it was the system that refused.
    pub fn io_kind(&self) -> Option<io::ErrorKind> {
        match self {
            Self::File { source, .. } => Some(source.kind()),
            Self::Write(hound::Error::IoError(source)) | Self::Format { source: hound::Error::IoError(source), .. } => Some(source.kind()),
            Self::Write(_) | Self::Format { .. } | Self::Unfit { .. } | Self::NoHeader { .. } | Self::Full => None,
        }
    }
}

/// Mono audio with its rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pcm {
    /// Samples a second.
    pub rate: u32,
    /// The samples.
    pub samples: Vec<i16>,
}

impl Pcm {
    /// The same audio at [`TELEPHONE_RATE`], for a prompt. Music that loops goes through [`crate::resample_loop`].
    pub fn to_telephone(&self) -> Vec<i16> {
        resample(&self.samples, self.rate, TELEPHONE_RATE)
    }

    /// How long it plays, in milliseconds.
    pub fn duration_ms(&self) -> u64 {
        self.samples.len() as u64 * 1000 / u64::from(self.rate.max(1))
    }
}

/// Reads a WAV file of any rate into mono of 16 bits; several channels are averaged.
///
/// # Errors
/// [`WavError::File`] when it cannot be opened, [`WavError::Format`] when it is not WAV, is cut short, or is of a kind not read here,
/// [`WavError::Unfit`] for a rate outside 8 to 192 kHz or more than half an hour.
pub fn read_wav_mono(path: &Path) -> Result<Pcm, WavError> {
    read(open(path)?, path)
}

/// The same of bytes that are in memory; `name` stands in errors.
///
/// # Errors
/// As [`read_wav_mono`].
pub fn read_wav_from(bytes: impl Read, name: &Path) -> Result<Pcm, WavError> {
    read(WavReader::new(bytes).map_err(|source| WavError::Format { path: name.to_owned(), source })?, name)
}

fn read(mut reader: WavReader<impl Read>, path: &Path) -> Result<Pcm, WavError> {
    let spec = reader.spec();
    let unfit = |why| WavError::Unfit { path: path.to_owned(), why };
    if !RATES.contains(&spec.sample_rate) {
        return Err(unfit("its rate is not between 8 and 192 kHz"));
    }
    if reader.duration() / spec.sample_rate >= MAX_READ_SECONDS {
        return Err(unfit("it is longer than half an hour"));
    }
    let format = |source| WavError::Format { path: path.to_owned(), source };
    let interleaved: Vec<i16> = match spec.sample_format {
        SampleFormat::Float => {
            reader.samples::<f32>().map(|sample| sample.map(|value| (value * 32767.0).round() as i16)).collect::<Result<_, _>>()
        }
        SampleFormat::Int => {
            let bits = i32::from(spec.bits_per_sample);
            let to_16 = |value: i32| if bits > 16 { value >> (bits - 16) } else { value << (16 - bits) } as i16;
            reader.samples::<i32>().map(|sample| sample.map(to_16)).collect::<Result<_, _>>()
        }
    }
    .map_err(format)?;
    Ok(Pcm { rate: spec.sample_rate, samples: to_mono(interleaved, usize::from(spec.channels)) })
}

fn to_mono(interleaved: Vec<i16>, channels: usize) -> Vec<i16> {
    match channels {
        0 | 1 => interleaved,
        _ => {
            let average = |frame: &[i16]| (frame.iter().map(|sample| i32::from(*sample)).sum::<i32>() / channels as i32) as i16;
            interleaved.chunks_exact(channels).map(average).collect()
        }
    }
}

/// A whole WAV file of 8 kHz, 16 bits, mono, in memory.
///
/// # Panics
/// With more than 37 hours, which fit no WAV file.
pub fn wav_mono(samples: &[i16]) -> Vec<u8> {
    let mut file = io::Cursor::new(Vec::with_capacity(44 + samples.len() * 2));
    let written = WavWriter::new(&mut file, WavSpec { channels: 1, ..SPEC }).and_then(|mut wav| {
        let mut writer = wav.get_i16_writer(u32::try_from(samples.len()).expect("hours of audio at most"));
        samples.iter().for_each(|sample| writer.write_sample(*sample));
        writer.flush()?;
        wav.finalize()
    });
    written.expect("memory takes what is written to it");
    file.into_inner()
}

/// The length of a WAV file, by its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WavLength {
    /// Sample frames: samples of one channel.
    pub frames: u32,
    /// Frames a second.
    pub rate: u32,
    /// Channels.
    pub channels: u16,
}

impl WavLength {
    /// How long it plays, in milliseconds.
    pub fn duration_ms(self) -> u64 {
        u64::from(self.frames) * 1000 / u64::from(self.rate.max(1))
    }
}

/// Reads the length from a file's header; the audio is not read.
///
/// # Errors
/// As [`read_wav_mono`].
pub fn wav_length(path: &Path) -> Result<WavLength, WavError> {
    let reader = open(path)?;
    let spec = reader.spec();
    Ok(WavLength { frames: reader.duration(), rate: spec.sample_rate, channels: spec.channels })
}

fn open(path: &Path) -> Result<WavReader<BufReader<File>>, WavError> {
    let file = File::open(path).map_err(|source| WavError::File { path: path.to_owned(), source })?;
    WavReader::new(BufReader::new(file)).map_err(|source| WavError::Format { path: path.to_owned(), source })
}

/// Writes a call's recording: 8 kHz, 16 bits, caller left, agent right.
///
/// The file is a valid WAV file after each [`StereoWavWriter::flush`] and after [`StereoWavWriter::finish`]; what a crash leaves
/// after the last flush comes back by [`repair`].
pub struct StereoWavWriter<W: Write + Seek> {
    wav: WavWriter<W>,
    /// A second handle of the same file, to reach the disk at the end.
    file: Option<File>,
    frames: u32,
}

/// In a file. Each [`StereoWavWriter::write`] is the system's when it returns: a crash of the program loses nothing of it.
impl StereoWavWriter<File> {
    /// Creates the file; one of that name is replaced.
    ///
    /// # Errors
    /// [`WavError::File`] when it cannot be created.
    pub fn create(path: &Path) -> Result<Self, WavError> {
        let failed = |source| WavError::File { path: path.to_owned(), source };
        let file = File::create(path).map_err(failed)?;
        let sync = file.try_clone().map_err(failed)?;
        let mut writer = Self::new(file)?;
        writer.file = Some(sync);
        writer.flush()?;
        Ok(writer)
    }

    /// Goes on with a recording that was left, behind what [`repair`] finds of it.
    ///
    /// # Errors
    /// As [`repair`]; [`WavError::Format`] when it is no recording of this server's.
    pub fn append(path: &Path) -> Result<Self, WavError> {
        repair(path)?;
        let failed = |source| WavError::File { path: path.to_owned(), source };
        let file = OpenOptions::new().read(true).write(true).open(path).map_err(failed)?;
        let sync = file.try_clone().map_err(failed)?;
        let wav = WavWriter::new_append(file).map_err(|source| WavError::Format { path: path.to_owned(), source })?;
        if wav.spec() != SPEC {
            let source = hound::Error::Unsupported;
            return Err(WavError::Format { path: path.to_owned(), source });
        }
        Ok(Self { frames: wav.duration(), wav, file: Some(sync) })
    }
}

impl<W: Write + Seek> StereoWavWriter<W> {
    /// Writes the header of an empty recording.
    ///
    /// # Errors
    /// [`WavError::Write`].
    pub fn new(sink: W) -> Result<Self, WavError> {
        Ok(StereoWavWriter { wav: WavWriter::new(sink, SPEC).map_err(WavError::Write)?, file: None, frames: 0 })
    }

    /// Appends frames; the shorter side is filled with silence.
    ///
    /// # Errors
    /// [`WavError::Write`], or [`WavError::Full`] with nothing written.
    pub fn write(&mut self, left: &[i16], right: &[i16]) -> Result<(), WavError> {
        let frames = left.len().max(right.len());
        let after = u32::try_from(frames).ok().and_then(|more| self.frames.checked_add(more)).filter(|after| *after <= MAX_FRAMES);
        let Some(after) = after else { return Err(WavError::Full) };
        let mut samples = self.wav.get_i16_writer(2 * frames as u32);
        for at in 0..frames {
            samples.write_sample(left.get(at).copied().unwrap_or(0));
            samples.write_sample(right.get(at).copied().unwrap_or(0));
        }
        samples.flush().map_err(WavError::Write)?;
        self.frames = after;
        Ok(())
    }

    /// Makes the file valid as it stands: sizes in the header, buffers handed to the system.
    ///
    /// # Errors
    /// [`WavError::Write`].
    pub fn flush(&mut self) -> Result<(), WavError> {
        self.wav.flush().map_err(WavError::Write)
    }

    /// Completes the file, on the disk when it was made by [`StereoWavWriter::create`], and returns its frames.
    ///
    /// # Errors
    /// [`WavError::Write`].
    pub fn finish(self) -> Result<u32, WavError> {
        let (frames, file) = self.complete()?;
        if let Some(file) = file {
            file.sync_all().map_err(|error| WavError::Write(error.into()))?;
        }
        Ok(frames)
    }

    /// Completes the file and returns its frames, and itself when it was made by [`StereoWavWriter::create`] or
    /// [`StereoWavWriter::append`]: it is the system's, and on the disk when whoever has it calls `sync_all`, which may take long.
    ///
    /// # Errors
    /// [`WavError::Write`].
    pub fn complete(self) -> Result<(u32, Option<File>), WavError> {
        self.wav.finalize().map_err(WavError::Write)?;
        Ok((self.frames, self.file))
    }

    /// Frames written so far.
    pub fn frames(&self) -> u32 {
        self.frames
    }

    /// How long the recording is so far, in milliseconds.
    pub fn duration_ms(&self) -> u64 {
        u64::from(self.frames) * 1000 / u64::from(TELEPHONE_RATE)
    }
}

/// What [`repair`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repaired {
    /// Frames the file now has.
    pub frames: u32,
    /// Whether anything had to be changed.
    pub changed: bool,
}

/// Sets the sizes in the header of a recording from the size of the file, and cuts off half a frame at the end.
///
/// For files this server wrote, which end with their audio: chunks after the audio would be taken for audio.
///
/// # Errors
/// [`WavError::File`] when the file cannot be read or written, [`WavError::NoHeader`] when it is not the start of a WAV file.
pub fn repair(path: &Path) -> Result<Repaired, WavError> {
    let failed = |source| WavError::File { path: path.to_owned(), source };
    let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    let header = find_data(&mut file).map_err(failed)?.ok_or_else(|| WavError::NoHeader { path: path.to_owned() })?;

    let available = size.min(u32::MAX.into()) - header.data_start;
    let data = available - available % u64::from(header.block);
    let wanted = (header.data_start + data - 8, data);
    let changed = (u64::from(header.riff_size), u64::from(header.data_size)) != wanted || header.data_start + data != size;
    if changed {
        let mut write_at = |at: u64, value: u64| -> io::Result<()> {
            file.seek(SeekFrom::Start(at))?;
            file.write_all(&(value as u32).to_le_bytes())
        };
        write_at(4, wanted.0).map_err(failed)?;
        write_at(header.data_start - 4, wanted.1).map_err(failed)?;
        file.set_len(header.data_start + data).map_err(failed)?;
        file.sync_all().map_err(failed)?;
    }
    Ok(Repaired { frames: (data / u64::from(header.block)) as u32, changed })
}

struct Header {
    riff_size: u32,
    data_size: u32,
    data_start: u64,
    /// Bytes of a frame.
    block: u16,
}

/// Walks the chunks up to `data`. `None` when it is not there.
fn find_data(file: &mut File) -> io::Result<Option<Header>> {
    let mut bytes = Vec::new();
    // Everything before the audio of any file this reads; a recording has 44 bytes.
    file.take(64 * 1024).read_to_end(&mut bytes)?;
    let word = |at: usize| bytes.get(at..at + 4).map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
    if bytes.get(..4) != Some(b"RIFF") || bytes.get(8..12) != Some(b"WAVE") {
        return Ok(None);
    }
    let Some(riff_size) = word(4) else { return Ok(None) };
    let (mut at, mut block) = (12, 0);
    while let Some(chunk_size) = word(at + 4) {
        let body = at + 8;
        match &bytes[at..at + 4] {
            b"data" if block > 0 => return Ok(Some(Header { riff_size, data_size: chunk_size, data_start: body as u64, block })),
            b"fmt " => block = word(body + 12).map_or(0, |align| align as u16),
            _ => {}
        }
        // Chunks are padded to an even size.
        let Some(next) = body.checked_add(chunk_size as usize).and_then(|next| next.checked_add(chunk_size as usize & 1)) else { break };
        at = next;
        if at > bytes.len() {
            break;
        }
    }
    Ok(None)
}
