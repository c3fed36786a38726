//! The rounds, and what is said of them.

use std::path::Path;

use media::ffmpeg::Ffmpeg;
use serde_json::json;

use crate::{
    Options,
    film::{self, Workload},
    ours::{self, Parts, Rendered, Store},
    peers,
    time::{Cost, median},
};

/// One round.
struct Round {
    parts: Parts,
    cold: Rendered,
    again: Rendered,
    edited: Rendered,
    plain: Option<Cost>,
    enlarged: Option<Cost>,
}

/// Runs the rounds and prints what came of them.
pub fn run(options: &Options) -> Result<(), String> {
    let ffmpeg = Ffmpeg::find().map_err(|e| e.to_string())?;
    let workload = film::make(options)?;
    let store = Store::of(&workload)?;
    let say = |text: String| {
        if options.json {
            eprintln!("{text}");
        } else {
            println!("{text}");
        }
    };
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    say(format!(
        "workload: {} shots of 5 s, {}×{}, {} {} crf {}; pictures 1920×1080, {:.1} MB each, {:.1} bits a pixel; {processors} processors, load {}",
        options.shots,
        workload.plan.canvas.width,
        workload.plan.canvas.height,
        ffmpeg.fingerprint().map_err(|e| e.to_string())?.split(';').take(2).collect::<Vec<_>>().join(","),
        workload.plan.encode.preset,
        workload.plan.encode.crf,
        workload.picture_bytes as f64 / options.shots as f64 / 1e6,
        workload.entropy,
        load.split_whitespace().take(3).collect::<Vec<_>>().join(" "),
    ));
    let seen = ours::frames(&workload, &store, &ffmpeg, &options.work)?;
    say(format!("frames: hash {}, {:.2} MB of video, luma PSNR {:.2} dB", seen.composed, seen.bytes as f64 / 1e6, seen.psnr));
    if options.parts {
        for n in 1..=options.rounds {
            let Parts { pictures, verify, limit } = ours::parts(&workload, &store, &ffmpeg, &options.work)?;
            let over = |cost: Cost| format!("{:.2} CPU s = {:.3} of the limit", cost.cpu, cost.cpu / limit.cpu);
            say(format!("round {n}: limit {:.2} CPU s, pictures {}, verify {}", limit.cpu, over(pictures), over(verify)));
        }
        return Ok(());
    }
    let mut rounds = Vec::new();
    let mut films = Vec::new();
    for n in 1..=options.rounds {
        let round = round(options, &workload, &store, &ffmpeg, n)?;
        let cpu = |c: Option<Cost>| c.map_or_else(|| "-".to_owned(), |c| format!("{:.1}", c.cpu));
        say(format!(
            "round {n}: limit {:.2}, pictures {:.2}, verify {:.2}, whole {:.2} CPU s in {:.2} s, edit {:.2}, rerun {:.3} s, zoompan {}, 4× {}, {} MB",
            round.parts.limit.cpu,
            round.parts.pictures.cpu,
            round.parts.verify.cpu,
            round.cold.cost.cpu,
            round.cold.cost.wall,
            round.edited.cost.cpu,
            round.again.cost.wall,
            cpu(round.plain),
            cpu(round.enlarged),
            round.cold.cost.rss_mb,
        ));
        films.push(round.cold.film.clone());
        rounds.push(round);
    }
    films.dedup();
    say(format!("film: the same bytes in {} of {} rounds", if films.len() == 1 { options.rounds } else { 1 }, options.rounds));
    print(options, &rounds);
    Ok(())
}

fn round(options: &Options, workload: &Workload, store: &Store, ffmpeg: &Ffmpeg, n: usize) -> Result<Round, String> {
    let home = options.work.join(format!("home-{n}"));
    // A line that an earlier round put in other words is put back.
    let cold = workload.package(&workload.plan, "cold")?;
    let cold = ours::render(options, &home, &cold)?;
    let again = ours::render(options, &home, &workload.package(&workload.plan, "again")?)?;
    let number = options.shots / 2;
    let kept = std::fs::read(&workload.lines[number]).map_err(|e| e.to_string())?;
    let edited = workload.edited(options)?;
    let edited = ours::render(options, &home, &workload.package(&edited, "edited")?);
    std::fs::write(&workload.lines[number], kept).map_err(|e| e.to_string())?;
    let parts = ours::parts(workload, store, ffmpeg, &options.work)?;
    let out = |name: &str| options.work.join(name);
    let peer = |enlarged: u32, path: &Path| match options.peers {
        true => peers::zoompan(workload, enlarged, path).map(|(cost, _)| Some(cost)),
        false => Ok(None),
    };
    let (plain, enlarged) = (peer(1, &out("zoompan.mp4"))?, peer(4, &out("zoompan4x.mp4"))?);
    std::fs::remove_dir_all(&home).map_err(|e| format!("{}: {e}", home.display()))?;
    Ok(Round { parts, cold, again, edited: edited?, plain, enlarged })
}

fn print(options: &Options, rounds: &[Round]) {
    let of = |figure: &dyn Fn(&Round) -> f64| median(rounds.iter().map(figure).collect());
    let whole = |r: &Round| r.cold.cost.cpu - r.parts.verify.cpu;
    let peer = |pick: &dyn Fn(&Round) -> Option<Cost>| {
        let ratios: Vec<f64> = rounds.iter().filter_map(|r| Some(pick(r)?.cpu / whole(r))).collect();
        (!ratios.is_empty()).then(|| median(ratios))
    };
    let (pictures, goal) =
        if options.motion { ("motion_pictures_over_limit", "≤ 1.35") } else { ("pictures_over_limit", "≤ 1.20, aim 1.12") };
    let figures = [
        (pictures, of(&|r| r.parts.pictures.cpu / r.parts.limit.cpu), goal),
        ("whole_over_limit", of(&|r| whole(r) / r.parts.limit.cpu), "≤ 1.40, aim 1.25; without verification"),
        ("verify_over_limit", of(&|r| r.parts.verify.cpu / r.parts.limit.cpu), "≤ 0.25"),
        ("zoompan_over_whole", peer(&|r| r.plain).unwrap_or(f64::NAN), "≥ 1.3"),
        ("zoompan4x_over_whole", peer(&|r| r.enlarged).unwrap_or(f64::NAN), "≥ 2.2"),
        ("edit_one_line_over_cold", of(&|r| r.edited.cost.cpu / r.cold.cost.cpu), "≤ 0.15"),
        ("rerun_over_cold", of(&|r| r.again.cost.wall / r.cold.cost.wall), "a rerun ≤ 150 ms"),
        ("rss_mb", of(&|r| r.cold.cost.rss_mb as f64), if options.standard { "≤ 1100" } else { "≤ 450" }),
        ("wall_over_cpu", of(&|r| r.cold.cost.wall / r.cold.cost.cpu), "≤ 0.6 on two idle processors"),
        ("rerun_ms", of(&|r| r.again.cost.wall * 1000.0), "≤ 150"),
        ("edit_shots_encoded", of(&|r| r.edited.encoded as f64), "≤ 2"),
        ("limit_cpu_s", of(&|r| r.parts.limit.cpu), ""),
        ("cold_cpu_s", of(&|r| r.cold.cost.cpu), ""),
        ("cold_wall_s", of(&|r| r.cold.cost.wall), ""),
        ("edit_wall_s", of(&|r| r.edited.cost.wall), ""),
    ];
    if options.json {
        let map: serde_json::Map<String, serde_json::Value> = figures
            .iter()
            .filter(|(_, v, _)| v.is_finite())
            .map(|(k, v, _)| ((*k).to_owned(), json!((v * 1000.0).round() / 1000.0)))
            .collect();
        println!("{}", serde_json::Value::Object(map));
        return;
    }
    println!("median of {} interleaved rounds", rounds.len());
    for (name, value, goal) in figures {
        let value = if value.is_finite() { format!("{value:.3}") } else { "not measured".into() };
        println!("  {name:<24} {value:>12}   {goal}");
    }
    for (title, pick) in [("cold", (|r: &Round| &r.cold) as fn(&Round) -> &Rendered), ("one line changed", |r| &r.edited)] {
        let stages: Vec<String> = rounds.last().map(pick).into_iter().flat_map(|r| &r.stages).map(|(n, ms)| format!("{n} {ms}")).collect();
        println!("  stages, {title}, ms: {}", stages.join(", "));
    }
}
