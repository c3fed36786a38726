//! The promise, kept: at the edit, before anything is drawn, and of the finished film, the same terms are held against the lock and
//! the cuts against the promise, by count and by time; after render on motion that was measured in the decoded picture.

use std::collections::BTreeSet;
use std::sync::Arc;

use contracts::{
    Id,
    assets::{AssetManifest, AssetSource, Need, NeedSpec, ResolvedAssets},
    canon::Verdict,
    picture::CardKind,
    promise::{GateOutcome, GateStage, GateStatus, PromiseLock, Proposal, RenderRuntime, Terms, TermsChange},
    render::{PlannedShot, RenderOutput, RenderPlan, Runtime, Segment},
    shots::{MoveKind, Shot, ShotContent, ShotList},
};
use gates::promise::{
    Cut, CutKind, Measure,
    cuts::{self, count},
    rule,
};
use serde_json::{Value, json};

use crate::{project::Library, stages::json as value};

/// Too little of a film moves.
const MOTION_FLOOR: &str = "promise.motion_floor";

/// What an episode is held to.
#[derive(Clone, Debug)]
pub struct Pledge {
    /// What is proposed now.
    pub proposal: Arc<Proposal>,
    /// What was locked before; absent: nothing yet, and the proposal is what the run is held to.
    pub lock: Option<Arc<PromiseLock>>,
    /// Whether the project says what it promises. Where nobody said that a film moves, one that does not is told of and not refused.
    pub said: bool,
}

impl Pledge {
    fn held(&self) -> (&Proposal, &[TermsChange]) {
        match &self.lock {
            Some(lock) => (&lock.proposal, &lock.changes),
            None => (&self.proposal, &[]),
        }
    }

    /// The terms that are carried from here to the finished film.
    pub fn terms(&self) -> &Terms {
        &self.proposal.terms
    }

    /// Whether what is proposed can be kept, and is what was locked.
    pub fn proposed(&self) -> Verdict {
        let mut verdict = gates::promise::proposal(&self.proposal);
        if self.lock.is_some() {
            self.also(&mut verdict, self.edited());
        }
        verdict
    }

    fn edited(&self) -> Verdict {
        let (proposal, changes) = self.held();
        gates::promise::edit(Some(proposal), Some(self.terms()), changes)
    }

    /// What is held against a film whose author promised nothing: all but the least motion, which is on record and told.
    fn asked(&self, mut verdict: Verdict) -> Verdict {
        let approved = self.lock.as_ref().is_some_and(|lock| !lock.changes.is_empty());
        if !self.said && !approved {
            verdict.findings.iter_mut().filter(|f| f.code == MOTION_FLOOR).for_each(|f| f.blocks = false);
            verdict.pass = verdict.findings.iter().all(|f| !f.blocks);
        }
        verdict
    }

    fn also(&self, verdict: &mut Verdict, other: Verdict) {
        verdict.pass &= other.pass;
        verdict.findings.extend(other.findings);
    }

    /// At the edit: the terms, and the cuts as they are planned.
    pub fn edit(&self, cuts: &[Cut]) -> Verdict {
        let mut verdict = self.edited();
        self.also(&mut verdict, cuts::check(&self.terms().delivery_promise, cuts, Measure::Planned));
        self.asked(verdict)
    }

    /// Before anything is drawn: the terms that the plan carries, what composes it, and its cuts.
    pub fn compose(&self, plan: &RenderPlan, cuts: &[Cut]) -> Verdict {
        let (proposal, changes) = self.held();
        self.asked(gates::promise::compose(Some(proposal), plan.terms.as_ref(), acting(plan), cuts, changes))
    }

    /// After render: the terms that the film carries, what composed it, and what was measured of its cuts.
    pub fn rendered(&self, output: &RenderOutput, plan: &RenderPlan, cuts: &[Cut]) -> Verdict {
        let (proposal, changes) = self.held();
        let measured = measured(cuts, &output.segments);
        self.asked(gates::promise::rendered(Some(proposal), output.terms.as_ref(), acting(plan), &measured, changes))
    }

    /// What was counted, for the record: by count and by time, held against the floor of the type.
    pub fn outcomes(&self, place: &str, cuts: &[Cut], measure: Measure) -> Vec<GateOutcome> {
        let promise = &self.terms().delivery_promise;
        let counted = count(promise, cuts, measure);
        let floor = rule(promise.promise_type).min_motion_percent;
        let stage = if measure == Measure::Decoded { GateStage::Post } else { GateStage::Pre };
        let of = |name: &str, share: cuts::Share, what: &str| GateOutcome {
            id: format!("promise.{place}.{name}"),
            stage,
            status: if share.ppm() >= i64::from(floor) * 10_000 { GateStatus::Pass } else { GateStatus::Fail },
            message: format!("{} of {} {what} move; {} promises {floor} %", share.part, share.whole, promise.promise_type.name()),
            metric: Some(share.ppm()),
            threshold: Some(i64::from(floor) * 10_000),
            unit: Some("ppm".to_owned()),
        };
        vec![of("motion_by_count", counted.by_count, "cuts"), of("motion_by_time", counted.by_time, "frames")]
    }
}

/// What composes a plan.
fn acting(plan: &RenderPlan) -> RenderRuntime {
    match plan.render_runtime {
        Runtime::Ffmpeg => RenderRuntime::Ffmpeg,
    }
}

/// The cuts of the planned timeline, before anything is painted: cards are slides, and what stands in for a picture that is missing
/// is a still. Pictures are painted to move, and the author's own may: whether they do is seen once they are there.
pub fn planned(list: &ShotList, manifest: &AssetManifest, library: &Library) -> Vec<Cut> {
    let whole = |need: &&Need| matches!(need.spec, NeedSpec::Background(_) | NeedSpec::Insert(_));
    let named = |need: &Need| match &need.library_id {
        Some(id) => Some(library.entries.contains_key(id)),
        None => library.find(&need.tags).map(|_| true),
    };
    let of = |shot: &Shot| {
        let held: Vec<bool> =
            manifest.needs.iter().filter(|need| need.used_by.contains(&shot.id)).filter(whole).filter_map(named).collect();
        let kind = match &shot.content {
            ShotContent::Card(_) => CutKind::Slide,
            ShotContent::Picture(_) if held.contains(&false) => CutKind::Still,
            ShotContent::Picture(_) => CutKind::Animation,
        };
        Cut {
            shot_id: shot.id.to_string(),
            frames: shot.frames,
            kind,
            from_source: held.contains(&true),
            stand_in: held.contains(&false),
            moving: None,
        }
    };
    list.shots.iter().filter(|shot| !says(shot)).map(of).collect()
}

/// Whether a shot only says a line: in a film that was asked for without voices, lines stand on cards. They are what is said, not what
/// is seen, and are no cuts of the picture.
fn says(shot: &Shot) -> bool {
    matches!(&shot.content, ShotContent::Card(card) if card.card == CardKind::Intertitle)
}

/// The cuts of a plan: what is in them moves by itself, or it is a still.
pub fn composed(list: &ShotList, plan: &RenderPlan, manifest: &AssetManifest, resolved: &ResolvedAssets) -> Vec<Cut> {
    let shots_of = |wanted: &dyn Fn(&contracts::assets::ResolvedAsset) -> bool| -> BTreeSet<&Id> {
        let met = |need: &&Need| need.spec.is_picture() && resolved.assets.get(&need.id).is_some_and(wanted);
        manifest.needs.iter().filter(met).flat_map(|need| &need.used_by).collect()
    };
    let source = shots_of(&|asset| asset.source == AssetSource::Library);
    let stand_in = shots_of(&|asset| asset.stand_in.is_some());
    let cards: BTreeSet<&Id> = list.shots.iter().filter(|s| matches!(s.content, ShotContent::Card(_))).map(|s| &s.id).collect();
    let of = |shot: &PlannedShot| Cut {
        shot_id: shot.shot_id.to_string(),
        frames: shot.frames,
        kind: match &shot.clip {
            Some(_) => CutKind::Video,
            None if cards.contains(&shot.shot_id) => CutKind::Slide,
            None if moves(shot) => CutKind::Animation,
            None => CutKind::Still,
        },
        from_source: source.contains(&shot.shot_id),
        stand_in: stand_in.contains(&shot.shot_id),
        moving: None,
    };
    let said: BTreeSet<&Id> = list.shots.iter().filter(|shot| says(shot)).map(|shot| &shot.id).collect();
    plan.shots.iter().filter(|shot| !said.contains(&shot.shot_id)).map(of).collect()
}

/// Whether something in a shot is planned to move by itself, the camera left aside.
fn moves(shot: &PlannedShot) -> bool {
    shot.planes.iter().any(contracts::assets::Plane::moves) || shot.sprites.iter().any(|cue| !cue.state.is_empty())
}

/// The same cuts with what was measured of them. A shot that has no segment was measured by nobody.
pub fn measured(cuts: &[Cut], segments: &[Segment]) -> Vec<Cut> {
    let of = |cut: &Cut| {
        let moving = segments.iter().find(|s| s.shot_id.as_str() == cut.shot_id).map(|s| s.moving);
        Cut { moving, ..cut.clone() }
    };
    cuts.iter().map(of).collect()
}

/// The scene plan that the slideshow's looks read: every shot with what it shows, what it is for, and how it is seen.
pub fn scenes(list: &ShotList, cuts: &[Cut]) -> Value {
    let scene = |(shot, cut): (&Shot, &Cut)| {
        let role = shot.function.as_ref().map(|f| word(&value(f))).unwrap_or_default();
        let movement = if shot.movement.kind == MoveKind::Hold { "static".to_owned() } else { word(&value(&shot.movement.kind)) };
        match &shot.content {
            ShotContent::Card(card) => json!({
                "type": "text_card", "description": card.text.join(" "), "information_role": word(&value(&card.card)),
                "narrative_role": role, "shot_intent": "name",
                "shot_language": {"shot_size": "card", "camera_movement": movement},
            }),
            ShotContent::Picture(picture) => json!({
                "type": if cut.kind == CutKind::Still { "image" } else { "animation" }, "description": picture.description,
                "narrative_role": role, "shot_intent": role, "hero_moment": role == "climax",
                "shot_language": {
                    "shot_size": word(&value(&picture.framing)), "camera_movement": movement,
                    "lighting_key": word(&value(&picture.time_of_day)),
                },
            }),
        }
    };
    list.shots.iter().filter(|shot| !says(shot)).zip(cuts).map(scene).collect()
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The slideshow risk as an outcome: its mean in thousandths of 5, held against the mean that fails.
pub fn slideshow(scenes: &Value, terms: &Terms, verdict: &Verdict) -> GateOutcome {
    let risk = gates::slideshow::risk(scenes, terms.renderer_family.as_deref());
    let told: Vec<String> = risk.dimensions.iter().filter(|d| d.score > 0.0).map(|d| format!("{}: {}", d.name, d.reason)).collect();
    let why = if told.is_empty() { "no look found a risk".to_owned() } else { told.join("; ") };
    GateOutcome {
        id: "promise.slideshow".to_owned(),
        stage: GateStage::Pre,
        status: if verdict.pass { GateStatus::Pass } else { GateStatus::Fail },
        message: format!("{}: {why}", risk.verdict),
        metric: Some((risk.average * 1_000.0).round() as i64),
        threshold: Some(4_000),
        unit: Some("milli".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use contracts::{
        Hash, MicroUsd,
        promise::{CostEstimate, DeliveryPromise, PromiseOption, PromiseType, Rankings},
    };

    use super::*;

    fn pledge(kind: PromiseType) -> Pledge {
        let terms = Terms {
            delivery_promise: DeliveryPromise { approved_fallback: Some("still_led".into()), ..DeliveryPromise::of(kind) },
            render_runtime: RenderRuntime::Ffmpeg,
            renderer_family: Some("animation-first".into()),
        };
        let option = PromiseOption { option_id: Id::slug("a"), label: "a".into(), terms: terms.clone(), blocked_because: None };
        let proposal = Proposal {
            project_id: Id::slug("p"),
            episode: 1,
            locked: terms.lock().expect("a lock"),
            terms,
            provider_rankings: Rankings::default(),
            cost: CostEstimate::of(Some(MicroUsd(0)), Some(MicroUsd(0))),
            options: vec![option],
            selected: Id::slug("a"),
            notes: Vec::new(),
        };
        Pledge { proposal: Arc::new(proposal), lock: None, said: true }
    }

    /// A plan and its film of `of` shots, of which the first `moving` move by themselves.
    fn film(pledge: &Pledge, moving: usize, of: usize) -> (RenderPlan, RenderOutput) {
        let zero = "0".repeat(64);
        let shots: Vec<Value> = (0..of)
            .map(|n| {
                json!({"shot_id": format!("s{n}"), "start_frame": 24 * n, "frames": 24, "planes": [],
                    "movement": {"kind": "push_in", "amount": 30}, "transition": {"kind": "cut"}, "still": false,
                    "sprites": if n < moving { json!([{"plane": "ida", "group": "mouth", "state": "mouth:open", "frame": 3}]) } else { json!([]) }})
            })
            .collect();
        let segments: Vec<Value> = (0..of)
            .map(|n| {
                json!({"shot_id": format!("s{n}"), "video": zero, "frames": 24, "composed": zero, "black_frames": 0, "longest_freeze": 0,
                    "moving": n < moving})
            })
            .collect();
        let plan = json!({
            "project_id": "p", "episode": 1, "title": "T", "language": "en", "profile": "preview_local", "render_runtime": "ffmpeg",
            "canvas": {"width": 64, "height": 36}, "edit_rate": "24/1", "timing_lock": zero, "total_frames": 24 * of,
            "encode": {"preset": "veryfast", "crf": 23, "audio_bit_rate": 160000}, "shots": shots, "sounds": [], "captions": [],
            "chapters": [], "rights": {}, "stand_ins": [], "terms": pledge.terms(),
            "mix": {"duck_cb": -900, "duck_lookahead_ms": 120, "duck_attack_ms": 180, "duck_release_ms": 600, "loudness_cb": -1600,
                "true_peak_cb": -220},
        });
        let output = json!({
            "project_id": "p", "episode": 1, "render_plan": zero, "timing_lock": zero, "terms": pledge.terms(), "film": zero,
            "captions": {}, "contact_sheet": zero, "mix": zero, "segments": segments, "verdicts": [],
            "measured": {"frames": 24 * of, "duration_ms": 1000 * of, "loudness_cb": -1600, "true_peak_cb": -200, "lines_heard": 0,
                "lines_planned": 0, "captions": 0, "bytes": 1},
        });
        (contracts::document::from_value(plan).expect("a plan"), contracts::document::from_value(output).expect("an output"))
    }

    fn cuts(plan: &RenderPlan) -> Vec<Cut> {
        let list: ShotList = serde_json::from_value(json!({
            "project_id": "p", "episode": 1, "edit_rate": "24/1", "shots": [], "lines": [], "sounds": [], "music": [],
            "total_frames": 0, "timing_lock": "0".repeat(64),
        }))
        .expect("a list");
        let manifest: AssetManifest = serde_json::from_value(json!({
            "project_id": "p", "episode": 1, "timing_lock": "0".repeat(64), "canvas": {"width": 64, "height": 36}, "needs": [],
        }))
        .expect("a manifest");
        let resolved: ResolvedAssets =
            serde_json::from_value(json!({"project_id": "p", "episode": 1, "manifest": "0".repeat(64), "assets": {}})).expect("assets");
        composed(&list, plan, &manifest, &resolved)
    }

    fn codes(verdict: &Verdict) -> Vec<&str> {
        verdict.findings.iter().filter(|f| f.blocks).map(|f| f.code.as_str()).collect()
    }

    /// Every value with one leaf changed or taken out.
    fn mutants(value: &Value) -> Vec<Value> {
        let Value::Object(map) = value else {
            let words = PromiseType::ALL.map(PromiseType::name).into_iter().chain(["remotion", "hyperframes", "other"]);
            return words.map(Value::from).chain([json!(true), json!(false)]).filter(|v| v != value).collect();
        };
        let mut out = Vec::new();
        for (key, child) in map {
            let mut without = map.clone();
            without.remove(key);
            out.push(Value::Object(without));
            for changed in mutants(child) {
                let mut with = map.clone();
                with.insert(key.clone(), changed);
                out.push(Value::Object(with));
            }
        }
        out
    }

    #[test]
    fn any_change_of_a_locked_field_is_refused_at_all_three_places() {
        let own = pledge(PromiseType::Hybrid);
        let (plan, output) = film(&own, 5, 10);
        let cuts = cuts(&plan);
        let all = |pledge: &Pledge, plan: &RenderPlan, output: &RenderOutput| {
            [pledge.edit(&cuts), pledge.compose(plan, &cuts), pledge.rendered(output, plan, &cuts)]
        };
        for verdict in all(&own, &plan, &output) {
            assert!(verdict.pass, "{verdict:?}");
        }
        let lock = Arc::new(PromiseLock { proposal: (*own.proposal).clone(), changes: Vec::new() });
        let mut seen = 0;
        for mutant in mutants(&json!(own.terms())) {
            let Ok(terms) = serde_json::from_value::<Terms>(mutant.clone()) else { continue };
            if terms == *own.terms() {
                continue;
            }
            seen += 1;
            // The project says something else than what was locked; the plan does; the film does.
            let mut proposal = (*own.proposal).clone();
            (proposal.terms, proposal.locked) = (terms.clone(), terms.lock().expect("a lock"));
            let changed = Pledge { proposal: Arc::new(proposal), lock: Some(Arc::clone(&lock)), said: true };
            let plan = RenderPlan { terms: Some(terms.clone()), ..plan.clone() };
            let output = RenderOutput { terms: Some(terms), ..output.clone() };
            let [edit, ..] = all(&changed, &plan, &output);
            let [_, compose, rendered] = all(&own, &plan, &output);
            for verdict in [edit, changed.proposed(), compose, rendered] {
                assert!(codes(&verdict).contains(&"promise.changed"), "{mutant}: {verdict:?}");
            }
        }
        assert!(seen >= 20, "{seen}");
        // What carries no promise is refused, too.
        let (plan, output) = (RenderPlan { terms: None, ..plan.clone() }, RenderOutput { terms: None, ..output.clone() });
        let [_, compose, rendered] = all(&own, &plan, &output);
        assert_eq!((codes(&compose), codes(&rendered)), (vec!["promise.missing"], vec!["promise.missing"]));
    }

    #[test]
    fn motion_is_counted_as_planned_before_the_film_and_as_measured_after_it() {
        let own = pledge(PromiseType::Hybrid);
        for (moving, passes) in [(0, false), (1, false), (2, true), (10, true)] {
            let (plan, output) = film(&own, moving, 10);
            let cuts = cuts(&plan);
            assert_eq!(own.compose(&plan, &cuts).pass, passes, "{moving} of 10");
            assert_eq!(own.rendered(&output, &plan, &cuts).pass, passes, "{moving} of 10");
            let outcome = &own.outcomes("compose", &cuts, Measure::Planned)[0];
            assert_eq!((outcome.metric, outcome.passes()), (Some(moving as i64 * 100_000), passes));
        }
        // Where nobody promised that it moves, it is told of.
        let (plan, output) = film(&own, 0, 10);
        let unsaid = Pledge { said: false, ..own.clone() };
        for verdict in [unsaid.edit(&cuts(&plan)), unsaid.compose(&plan, &cuts(&plan)), unsaid.rendered(&output, &plan, &cuts(&plan))] {
            assert!(verdict.pass && verdict.findings.iter().all(|f| f.code == MOTION_FLOOR && !f.blocks), "{verdict:?}");
        }
        assert!(!unsaid.compose(&plan, &cuts(&plan)).findings.is_empty());
        // All was planned to move, and nothing does.
        let (plan, mut output) = film(&own, 10, 10);
        let cuts = cuts(&plan);
        output.segments.iter_mut().for_each(|s| s.moving = false);
        assert!(own.compose(&plan, &cuts).pass);
        assert_eq!(codes(&own.rendered(&output, &plan, &cuts)), ["promise.motion_floor", "promise.motion_floor"]);
        // What nobody measured is not believed.
        output.segments.iter_mut().for_each(|s| s.moving = true);
        output.segments.pop();
        assert_eq!(codes(&own.rendered(&output, &plan, &cuts)), ["promise.not_measured"]);
    }

    #[test]
    fn an_approved_change_holds_for_exactly_its_terms() {
        let first = pledge(PromiseType::Hybrid);
        let then = pledge(PromiseType::TeacherExplainer);
        let option = |id: &str, pledge: &Pledge| PromiseOption {
            option_id: Id::slug(id),
            label: id.into(),
            terms: pledge.terms().clone(),
            blocked_because: None,
        };
        let change = |approved_by: Option<String>| TermsChange {
            decision_id: Id::slug("d1"),
            departs_from: first.proposal.locked.clone(),
            options: vec![option("keep", &first), option("change", &then)],
            selected: Id::slug("change"),
            reason: "a lesson now".into(),
            approved_by,
        };
        let held = |pledge: &Pledge, changes: Vec<TermsChange>| {
            let lock = Arc::new(PromiseLock { proposal: (*first.proposal).clone(), changes });
            let pledge = Pledge { lock: Some(lock), ..pledge.clone() };
            let (plan, output) = film(&pledge, 5, 10);
            let cuts = cuts(&plan);
            [pledge.edit(&cuts).pass, pledge.compose(&plan, &cuts).pass, pledge.rendered(&output, &plan, &cuts).pass]
        };
        assert_eq!(held(&then, vec![]), [false; 3]);
        assert_eq!(held(&then, vec![change(None)]), [false; 3], "nobody said yes");
        assert_eq!(held(&then, vec![change(Some("mara".into()))]), [true; 3]);
        assert_eq!(held(&first, vec![change(Some("mara".into()))]), [false; 3], "what was promised before is changed now");
        assert_eq!(held(&pledge(PromiseType::Localization), vec![change(Some("mara".into()))]), [false; 3]);
        let mut forged = change(Some("mara".into()));
        forged.departs_from = Hash::of(b"other");
        assert_eq!(held(&then, vec![forged]), [false; 3]);
    }
}
