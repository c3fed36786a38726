use std::{io::Cursor, path::Path};

use contracts::{EditRate, render::EncodeSettings};
use kit::scratch::Scratch;
use serde_json::Value;

use super::*;
use crate::ffmpeg::{Ffmpeg, VideoFormat};

fn segment(format: VideoFormat, frames: u64, ffmpeg: &Ffmpeg, out: &Path) {
    let settings = EncodeSettings { preset: "veryfast".into(), crf: 23, audio_bit_rate: 160_000 };
    let mut encoder = ffmpeg.encode(format, &settings, out).unwrap();
    let (w, h) = (format.width as usize, format.height as usize);
    for k in 0..frames {
        let mut frame: Vec<u8> = (0..w * h).map(|i| 40 + (i % w * 3 + i / w * 2 + k as usize * 5) as u8 % 160).collect();
        frame.resize(w * h * 3 / 2, 120);
        encoder.frame(&frame).unwrap();
    }
    encoder.finish().unwrap();
}

#[test]
fn it_reads_what_ffprobe_reads() {
    let ffmpeg = Ffmpeg::find().unwrap();
    let scratch = Scratch::open(&std::env::temp_dir().join("media-tests"), "mp4").unwrap();
    for (width, height, num, den, frames) in [(64, 36, 24, 1, 9), (96, 54, 30_000, 1001, 1), (64, 64, 25, 1, 300)] {
        let format = VideoFormat { width, height, rate: EditRate { num, den } };
        let path = scratch.dir().join("s.mp4");
        segment(format, frames, &ffmpeg, &path);
        let own = ffmpeg.video(&path).unwrap();
        let options = ["-select_streams", "v:0", "-show_streams", "-show_packets", "-show_data_hash", "sha256"];
        let said: Value = serde_json::from_slice(&ffmpeg.probe(&path, "mov", &options).unwrap()).unwrap();
        let theirs = |key: &str| said["streams"][0][key].as_str().map(str::to_owned);
        let stream = own.stream.clone();
        assert_eq!(Some(stream.codec_name), theirs("codec_name"));
        assert_eq!(Some(stream.time_base), theirs("time_base"));
        assert_eq!((stream.pix_fmt, stream.color_range), (theirs("pix_fmt"), theirs("color_range")));
        assert_eq!((stream.color_space, stream.color_transfer), (theirs("color_space"), theirs("color_transfer")));
        assert_eq!(stream.color_primaries, theirs("color_primaries"));
        assert_eq!(stream.extradata_hash.map(|h| format!("SHA256:{h}")), theirs("extradata_hash"));
        assert_eq!((stream.width, stream.height), (Some(width), Some(height)));
        assert_eq!(said["streams"][0]["height"].as_u64(), Some(u64::from(height)));
        let packets: Vec<Packet> = said["packets"].as_array().unwrap().iter().map(theirs_packet).collect();
        assert_eq!(own.packets, packets);
        assert_eq!(own.constant_rate(&path, format.rate).unwrap(), frames);
    }
}

fn theirs_packet(packet: &Value) -> Packet {
    let hash = packet["data_hash"].as_str().unwrap();
    Packet {
        pts: packet["pts"].as_i64(),
        duration: packet["duration"].as_i64(),
        flags: packet["flags"].as_str().unwrap().to_owned(),
        data_hash: hash.strip_prefix("SHA256:").unwrap().to_owned(),
    }
}

#[test]
fn a_cut_or_flipped_file_is_refused_or_read_without_harm() {
    let ffmpeg = Ffmpeg::find().unwrap();
    let scratch = Scratch::open(&std::env::temp_dir().join("media-tests"), "cut").unwrap();
    let path = scratch.dir().join("s.mp4");
    segment(VideoFormat { width: 64, height: 36, rate: EditRate::FILM }, 5, &ffmpeg, &path);
    let whole = std::fs::read(&path).unwrap();
    let read = |bytes: &[u8]| video(Cursor::new(bytes), bytes.len() as u64);
    let first = read(&whole).unwrap();
    for cut in 0..whole.len() {
        assert!(read(&whole[..cut]).is_err(), "cut at {cut} of {}", whole.len());
    }
    let mut flipped = whole.clone();
    let mut unseen = 0;
    for i in 0..whole.len() {
        for bit in [1, 0x80] {
            flipped[i] ^= bit;
            unseen += usize::from(read(&flipped).is_ok_and(|v| v == first));
            flipped[i] ^= bit;
        }
    }
    // What goes unseen is dates, names and whatever else is no part of the picture.
    assert!(unseen < 2 * 900, "{unseen} flips of {} went unseen", 2 * whole.len());
}

#[test]
fn boxes_must_fill_the_file() {
    let part = |kind: &[u8; 4], body: usize| [&(body as u32 + 8).to_be_bytes()[..], kind, &vec![7; body]].concat();
    let check = |bytes: &[u8]| match index_of(&mut Cursor::new(bytes), bytes.len() as u64) {
        Ok(index) => Some(index),
        Err(Refused::Fault(_)) => None,
        Err(Refused::Io(error)) => panic!("{error}"),
    };
    let whole = [part(b"ftyp", 16), part(b"mdat", 30), part(b"moov", 20)].concat();
    assert_eq!(check(&whole), Some(70..90));
    for cut in 0..whole.len() {
        assert!(check(&whole[..cut]).is_none(), "cut at {cut}");
    }
    let large = [&1_u32.to_be_bytes()[..], b"mdat", &46_u64.to_be_bytes(), &[0; 30]].concat();
    assert!(check(&[part(b"ftyp", 0), large.clone(), part(b"moov", 0)].concat()).is_some());
    assert!(check(&[part(b"ftyp", 0), part(b"moov", 0), u64::MAX.to_be_bytes().to_vec()].concat()).is_none());
}
