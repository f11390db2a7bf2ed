//! The child keeps its limits, and the parent explains a child that did not come back.

mod support;

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use support::{Studio, decode, media};
use synapscribe_domain::{AudioLimits, Code};
use synapscribe_media::{SandboxedMedia, WorkLimits};
use synapscribe_ports::AudioFiles;
use tokio::sync::mpsc;

/// A box of an MPEG-4 file.
fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32 + 8).to_be_bytes()[..], kind, body].concat()
}

fn be(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_be_bytes()).collect()
}

/// An m4a of a few hundred bytes whose tables promise four thousand million packets of one sample each.
fn endless_m4a() -> Vec<u8> {
    let count = u32::MAX - 1;
    let entry = [&[0; 6][..], &[0, 1], &[0; 8], &[0, 1, 0, 16, 0, 0, 0, 0], &be(&[8_000 << 16])].concat();
    let stsd = boxed(b"stsd", &[be(&[0, 1]), boxed(b"sowt", &entry)].concat());
    let stts = boxed(b"stts", &be(&[0, 1, count, 1]));
    let stsc = boxed(b"stsc", &be(&[0, 1, 1, count, 1]));
    let stsz = boxed(b"stsz", &be(&[0, 2, count]));
    let stco = boxed(b"stco", &be(&[0, 1, 40]));
    let minf = boxed(b"minf", &[boxed(b"smhd", &be(&[0, 0])), boxed(b"stbl", &[stsd, stts, stsc, stsz, stco].concat())].concat());
    let mdhd = boxed(b"mdhd", &be(&[0, 0, 0, 8_000, count, 0x55C4_0000]));
    let hdlr = boxed(b"hdlr", &[be(&[0, 0]), b"soun".to_vec(), vec![0; 13]].concat());
    let tkhd = boxed(b"tkhd", &[be(&[7, 0, 0, 1, 0, count]), vec![0; 60]].concat());
    let trak = boxed(b"trak", &[tkhd, boxed(b"mdia", &[mdhd, hdlr, minf].concat())].concat());
    let mvhd = boxed(b"mvhd", &[be(&[0, 0, 0, 1000, count]), vec![0; 80]].concat());
    let moov = boxed(b"moov", &[mvhd, trak].concat());
    [boxed(b"ftyp", b"M4A \0\0\0\0M4A "), moov, boxed(b"mdat", &[0; 64])].concat()
}

/// A program that behaves badly in place of the child.
fn rogue(studio: &Studio, name: &str, script: &str) -> SandboxedMedia {
    let path: PathBuf = studio.write(name, format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let limits = WorkLimits { wait_seconds: 1, ..WorkLimits::INSPECT };
    SandboxedMedia { program: path, inspect: limits, decode: limits }
}

#[tokio::test]
async fn a_file_that_promises_endless_packets_is_refused_at_once() {
    let studio = Studio::new();
    let path = studio.write("endless.m4a", endless_m4a());
    let started = Instant::now();
    let refused = media().inspect(&path).await.and_then(|facts| AudioLimits::LECTURE.check(&facts));
    assert_eq!(refused.unwrap_err().code, Code::AudioCorrupt);
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn processor_time_runs_out() {
    let studio = Studio::new();
    let path = studio.make("sine=f=300:r=48000:d=2400", "-c:a flac", "long.flac");
    let mut media = media();
    media.decode.cpu_seconds = 1;
    let failure = decode(&media, &path).await.unwrap_err();
    assert_eq!(failure.code, Code::AudioCorrupt);
    assert!(failure.message.contains("takes longer"), "{failure}");
}

#[tokio::test]
async fn memory_runs_out() {
    let studio = Studio::new();
    let path = studio.voice(20.0, 48_000, "-c:a libvorbis", "a.ogg");
    let mut media = media();
    assert!(media.inspect(&path).await.is_ok());
    media.decode.memory_bytes = 64 << 10;
    let failure = decode(&media, &path).await.unwrap_err();
    assert_eq!(failure.code, Code::AudioCorrupt);
    assert!(failure.message.contains("more memory"), "{failure}");
}

#[tokio::test]
async fn output_runs_out() {
    let studio = Studio::new();
    let path = studio.voice(20.0, 16_000, "-c:a flac", "a.flac");
    let mut media = media();
    media.decode.output_seconds = 5;
    assert_eq!(decode(&media, &path).await.unwrap_err().code, Code::AudioTooLong);
    assert_eq!(media.speech(&path).await.unwrap_err().code, Code::AudioTooLong);
}

#[tokio::test]
async fn a_child_that_misbehaves_costs_a_failure_and_no_more() {
    let studio = Studio::new();
    let path = studio.voice(1.0, 16_000, "-c:a flac", "a.flac");
    let cases = [
        ("hangs", "exec sleep 60", Code::Internal),
        ("is-killed", "kill -9 $$", Code::Internal),
        ("burns", "kill -XCPU $$", Code::AudioCorrupt),
        ("crashes", "kill -SEGV $$", Code::AudioCorrupt),
        ("says-nothing", "exit 0", Code::AudioCorrupt),
        ("fails", "exit 2", Code::Internal),
        ("babbles", "exec cat /dev/zero", Code::AudioCorrupt),
        ("boasts", "printf 'V\\377\\377\\377\\377'; exec sleep 60", Code::AudioCorrupt),
        ("closes-and-lingers", "exec >&-; exec sleep 60", Code::AudioCorrupt),
    ];
    for (name, script, code) in cases {
        let started = Instant::now();
        let failure = rogue(&studio, name, script).inspect(&path).await.expect_err(name);
        assert_eq!(failure.code, code, "{name}: {failure}");
        assert_eq!(failure.code.retryable(), code == Code::Internal, "what the machine did is tried again, a broken file is not");
        assert!(started.elapsed() < Duration::from_secs(4), "{name} took {:?}", started.elapsed());
    }
    assert_eq!(SandboxedMedia::new("/nonexistent/program").inspect(&path).await.unwrap_err().code, Code::Internal);
}

#[tokio::test]
async fn the_child_gets_nothing_of_the_parents_surroundings() {
    let studio = Studio::new();
    let path = studio.voice(1.0, 16_000, "-c:a flac", "a.flac");
    let seen = studio.path("seen");
    let script = format!("env > '{0}'; ls -l /proc/$$/fd > '{0}.fds'; exit 0", seen.display());
    assert!(rogue(&studio, "looks", &script).inspect(&path).await.is_err());
    let environment = std::fs::read_to_string(&seen).unwrap();
    assert!(!environment.contains("CARGO") && !environment.contains("HOME="), "{environment}");
}

#[tokio::test]
async fn a_slow_listener_is_waited_for_and_a_gone_one_ends_the_work() {
    let studio = Studio::new();
    let path = studio.voice(40.0, 16_000, "-c:a flac", "a.flac");
    let mut media = media();
    media.decode.wait_seconds = 2;
    let (sink, mut blocks) = mpsc::channel(1);
    let listen = async {
        let mut n = 0;
        while blocks.recv().await.is_some() {
            n += 1;
            tokio::time::sleep(Duration::from_millis(75)).await;
        }
        n
    };
    let (report, blocks) = tokio::join!(media.decode(&path, sink), listen);
    assert_eq!((report.unwrap().samples, blocks), (640_000, 40));

    let (sink, blocks) = mpsc::channel(1);
    drop(blocks);
    assert!(media.decode(&path, sink).await.is_ok());
}
