//! A recording opened for reading: its packets in order, how long each plays, and what was wrong with the file.
//!
//! Measuring and decoding both read through here, so that they agree about what the recording holds.

use std::io::ErrorKind;

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::codecs::audio::well_known::CODEC_ID_OPUS;
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatOptions, FormatReader, Track, TrackType};
use symphonia::core::io::{MediaSourceStream, ReadBytes};
use symphonia::core::packet::Packet;
use symphonia::core::units::{TimeBase, Timestamp};
use symphonia::default::formats::{FlacReader, IsoMp4Reader, MkvReader, MpaReader, OggReader, WavReader};
use synapscribe_domain::{AudioFormat, Failure};
use synapscribe_sound::opus;

use crate::source::Source;
use crate::{edits, tags, verdict, wave};

/// Encoders of mp3 differ by a frame or two in what they count.
pub(crate) const SLACK: u64 = 3 * 1152;

/// What comes next in a recording.
pub(crate) enum Step {
    /// A packet and how many samples (per channel, at the section's rate) it plays.
    Packet(Packet, u64),
    /// The file starts a new stream; its description is in [`Recording::section`].
    Section,
    /// There is nothing more.
    End,
}

/// One stream of a recording; only chained Ogg files have more than one.
pub(crate) struct Section {
    /// What the decoder needs to know.
    pub params: AudioCodecParameters,
    /// Samples a second.
    pub rate: u32,
    /// Channels.
    pub channels: u16,
    /// Samples the encoder put before the sound.
    pub skip: u64,
    /// Where the sound ends.
    pub end: End,
    time_base: TimeBase,
}

/// Where the sound of a section ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// With its last sample.
    Last,
    /// That many samples behind the skipped ones.
    After(u64),
    /// That many samples before the last one, provided the section is as long as its header states. A recording that goes
    /// on behind the stated end (several files copied together) is all sound.
    Before { padding: u64, stated: u64 },
}

impl Section {
    /// How many of these samples are sound.
    pub fn audible(&self, samples: u64) -> u64 {
        let left = samples.saturating_sub(self.skip);
        match self.end {
            End::Last => left,
            End::After(keep) => left.min(keep),
            End::Before { .. } => left.saturating_sub(self.padding(samples)),
        }
    }

    /// How many samples at the end are padding when these many were found.
    pub fn padding(&self, samples: u64) -> u64 {
        match self.end {
            End::Before { padding, stated } if samples.abs_diff(self.skip + stated + padding) < SLACK => padding,
            _ => 0,
        }
    }

    /// Whether packets carry Opus, which is measured and decoded by libopus.
    pub fn is_opus(&self) -> bool {
        self.params.codec == CODEC_ID_OPUS
    }

    /// Ticks of the container's clock as samples.
    pub fn samples(&self, ticks: u64) -> u64 {
        let (n, d) = (u128::from(self.time_base.numer.get()), u128::from(self.time_base.denom.get()));
        let samples = (u128::from(ticks) * n * u128::from(self.rate) + d / 2) / d;
        u64::try_from(samples).unwrap_or(u64::MAX)
    }
}

/// An opened recording.
pub(crate) struct Recording {
    /// The container.
    pub format: AudioFormat,
    /// The stream being read.
    pub section: Section,
    /// Packets that could not be read so far.
    pub damaged: u32,
    /// Whether the file ended before its own description said.
    pub truncated: bool,
    /// The length the container states for everything, in samples of the section, where it is to be believed.
    pub promised: Option<u64>,
    /// Bytes that belong to packets.
    pub covered: u64,
    /// Bytes that packets could lie in.
    pub area: u64,
    reader: Box<dyn FormatReader>,
    track: u32,
    failures_in_a_row: u32,
    /// The header bits that all frames of an mp3 share, to tell frames from noise that looks like one.
    signature: Option<u32>,
    expected: Option<Timestamp>,
    first_time: Option<i64>,
}

impl Recording {
    /// Recognises the format by content and opens it.
    pub fn open(mut source: Source) -> Result<Self, Failure> {
        let io = |_| verdict::unreadable();
        let head = source.peek(0, 4096).map_err(io)?;
        let mut format = AudioFormat::sniff(&head).ok_or_else(verdict::unknown_format)?;
        let mut truncated = false;
        let mut stated_frames = false;
        if format == AudioFormat::Mp3 {
            tags::cut(&mut source).map_err(io)?;
            let head = source.peek(0, 512).map_err(io)?;
            // Other formats hide behind an ID3 tag at times.
            format = AudioFormat::sniff(&head).unwrap_or(AudioFormat::Mp3);
            stated_frames = head.windows(4).any(|w| w == b"Xing" || w == b"Info" || w == b"VBRI");
        }
        if format == AudioFormat::Wav {
            let header = wave::repair(&mut source).map_err(io)?;
            if let Some((one, other)) = header.contradiction {
                return Err(verdict::contradicting_rates(one, other));
            }
            truncated = header.truncated;
        }
        let area = source.len();
        let source_edits = if format == AudioFormat::M4a { Some(all_edits(&mut source)) } else { None };
        source.narrow(0, 0).map_err(io)?;
        let reader = reader(format, source).map_err(|error| verdict::of_opening(&error))?;
        let track = pick(reader.as_ref())?;
        let (id, section) = (track.id, section(track, format)?);
        let mut recording = Self {
            format,
            promised: None,
            section,
            damaged: 0,
            truncated,
            covered: 0,
            area,
            track: id,
            failures_in_a_row: 0,
            signature: None,
            expected: None,
            first_time: None,
            reader,
        };
        recording.apply_statements(stated_frames, source_edits.unwrap_or_default());
        Ok(recording)
    }

    /// The next packet of the audio track.
    pub fn step(&mut self) -> Step {
        loop {
            match self.reader.next_packet() {
                Ok(Some(packet)) if packet.track_id != self.track => {}
                Ok(Some(packet)) => {
                    self.failures_in_a_row = 0;
                    match self.length(&packet) {
                        Some(samples) => {
                            self.covered += packet.data.len() as u64;
                            return Step::Packet(packet, samples);
                        }
                        None => self.damaged += 1,
                    }
                }
                Ok(None) => return Step::End,
                Err(Error::ResetRequired) => {
                    match pick(self.reader.as_ref()).and_then(|t| Ok((t.id, section(t, self.format)?))) {
                        Ok((id, section)) => {
                            (self.track, self.section, self.expected) = (id, section, None);
                            return Step::Section;
                        }
                        Err(_) => return self.cut(),
                    }
                }
                Err(Error::IoError(error)) if error.kind() == ErrorKind::UnexpectedEof => {
                    // A live recording in WebM has no stated end, so every end is as good as another.
                    let live = self.format == AudioFormat::Webm && self.promised.is_none();
                    return if live { Step::End } else { self.cut() };
                }
                Err(_) => {
                    self.damaged += 1;
                    self.failures_in_a_row += 1;
                    // A demuxer that lost its way repeats itself; what follows cannot be found any more.
                    if self.failures_in_a_row > 64 {
                        return self.cut();
                    }
                }
            }
        }
    }

    fn cut(&mut self) -> Step {
        self.truncated = true;
        Step::End
    }

    /// How many samples the packet plays, or none when it cannot belong to the recording.
    fn length(&mut self, packet: &Packet) -> Option<u64> {
        if self.format == AudioFormat::Mp3 {
            // The reader's own numbers follow an estimate of the whole length and count trimmed samples twice.
            return self.same_stream(&packet.data).then(|| mpeg_samples(&packet.data));
        }
        if self.section.is_opus() {
            let full = opus::samples(&packet.data)?;
            return Some(full.saturating_sub(packet.trim_end.get()));
        }
        match self.format {
            AudioFormat::Webm => Some(self.length_by_time(packet)),
            _ => {
                if matches!(self.format, AudioFormat::Ogg | AudioFormat::Flac) {
                    self.note_gap(packet);
                }
                Some(self.section.samples(packet.dur.get()))
            }
        }
    }

    /// Matroska rarely states how long a packet plays, so the length is what the clock moved since the packet before.
    fn length_by_time(&mut self, packet: &Packet) -> u64 {
        let now = packet.pts.get();
        let first = *self.first_time.get_or_insert(now);
        let end = self.section.samples(now.saturating_add_unsigned(packet.dur.get()).saturating_sub(first).max(0) as u64);
        let before = self.expected.map_or(0, |t| t.get().max(0) as u64);
        self.expected = Some(Timestamp::new(i64::try_from(end.max(before)).unwrap_or(i64::MAX)));
        end.saturating_sub(before)
    }

    /// A jump of the clock means that pages or frames were lost on the way.
    fn note_gap(&mut self, packet: &Packet) {
        if self.expected.is_some_and(|expected| packet.pts > expected) {
            self.damaged += 1;
        }
        self.expected = packet.pts.checked_add(packet.block_dur());
    }

    /// Version, layer and sample rate never change inside one mp3.
    fn same_stream(&mut self, frame: &[u8]) -> bool {
        let Some(head) = frame.first_chunk::<4>() else { return false };
        let bits = u32::from_be_bytes(*head) & 0xFFFE_0C00;
        *self.signature.get_or_insert(bits) == bits
    }

    /// Takes over what the container states about the whole recording, where such statements are reliable.
    fn apply_statements(&mut self, stated_frames: bool, edits: Vec<(u32, edits::Edit)>) {
        let Ok(track) = pick(self.reader.as_ref()) else { return };
        match self.format {
            AudioFormat::Mp3 if stated_frames => {
                self.promised = track.num_frames;
                self.section.skip = track.delay.map_or(0, u64::from);
                if let (Some(padding), Some(stated)) = (track.padding, track.num_frames) {
                    self.section.end = End::Before { padding: u64::from(padding), stated };
                }
            }
            AudioFormat::M4a => {
                if let Some((_, edit)) = edits.iter().find(|(id, _)| *id == track.id) {
                    let (skip, keep) = (self.section.samples(edit.skip), edit.keep.map(|k| self.section.samples(k)));
                    self.section.skip = skip;
                    self.section.end = keep.map_or(End::Last, End::After);
                }
            }
            AudioFormat::Webm => {
                let info = self.reader.media_info();
                self.promised = info.time_base.zip(info.duration).map(|(base, duration)| {
                    let (n, d) = (u128::from(base.numer.get()), u128::from(base.denom.get()));
                    let samples = u128::from(duration.get()) * n * u128::from(self.section.rate) / d;
                    u64::try_from(samples).unwrap_or(u64::MAX)
                });
            }
            _ => {}
        }
    }
}

/// Samples in a frame of MPEG audio, by the version and the layer in its header.
fn mpeg_samples(frame: &[u8]) -> u64 {
    let bits = frame.get(1).copied().unwrap_or_default();
    let first_version = bits & 0x18 == 0x18;
    match (bits & 0x06, first_version) {
        (0x06, _) => 384,
        (0x02, false) => 576,
        _ => 1152,
    }
}

fn reader(format: AudioFormat, source: Source) -> Result<Box<dyn FormatReader>, Error> {
    let mut stream = MediaSourceStream::new(Box::new(source), Default::default());
    let options = FormatOptions::default();
    Ok(match format {
        AudioFormat::Mp3 => Box::new(MpaReader::try_new(stream, options)?),
        AudioFormat::Wav => Box::new(WavReader::try_new(stream, options)?),
        AudioFormat::M4a => {
            // This reader expects to have been found by the marker behind the first box's length.
            stream.ignore_bytes(4)?;
            Box::new(IsoMp4Reader::try_new(stream, options)?)
        }
        AudioFormat::Ogg => Box::new(OggReader::try_new(stream, options)?),
        AudioFormat::Flac => Box::new(FlacReader::try_new(stream, options)?),
        AudioFormat::Webm => Box::new(MkvReader::try_new(stream, options)?),
    })
}

fn pick(reader: &dyn FormatReader) -> Result<&Track, Failure> {
    reader.default_track(TrackType::Audio).ok_or_else(verdict::no_audio)
}

fn section(track: &Track, format: AudioFormat) -> Result<Section, Failure> {
    let Some(CodecParameters::Audio(params)) = &track.codec_params else { return Err(verdict::unsupported_codec()) };
    let is_opus = params.codec == CODEC_ID_OPUS;
    let head = params.extra_data.as_deref().filter(|_| is_opus).and_then(opus::Head::parse);
    if is_opus && head.is_none() {
        return Err(verdict::corrupt());
    }
    let rate = if is_opus { opus::RATE } else { params.sample_rate.ok_or_else(verdict::corrupt)? };
    // Far beyond what the limits allow, so that the limits give the reason; a guard for the arithmetic only.
    if !(100..=4_000_000).contains(&rate) {
        return Err(verdict::impossible_rate(rate));
    }
    let time_base = match track.time_base {
        Some(base) if !is_opus || format != AudioFormat::Ogg => base,
        _ => TimeBase::try_from_recip(rate).ok_or_else(verdict::corrupt)?,
    };
    let channels = match &head {
        Some(head) => u16::from(head.channels),
        None => params.channels.as_ref().map_or(0, |c| u16::try_from(c.count()).unwrap_or(u16::MAX)),
    };
    let skip = head.map_or(0, |head| u64::from(head.pre_skip));
    Ok(Section { params: params.clone(), rate, channels, skip, end: End::Last, time_base })
}

/// The edits of the first tracks; which of them is the audio is only known once the container is open.
fn all_edits(source: &mut Source) -> Vec<(u32, edits::Edit)> {
    (1..=8).filter_map(|id| Some((id, edits::of_track(source, id).ok().flatten()?))).collect()
}
