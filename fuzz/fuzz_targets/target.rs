//! Every parser under libFuzzer. `REELWRIGHT_TARGET` names one of those that `cargo xtask fuzz-corpus` lists, for instance
//! `REELWRIGHT_TARGET=picture cargo +nightly fuzz run target tests/corpus/picture`.
#![no_main]

use std::sync::OnceLock;

use faults::targets::{Target, targets};
use libfuzzer_sys::fuzz_target;

fn chosen() -> &'static Target {
    static CHOSEN: OnceLock<Target> = OnceLock::new();
    CHOSEN.get_or_init(|| {
        let name = std::env::var("REELWRIGHT_TARGET").unwrap_or_default();
        targets().into_iter().find(|t| t.name == name).expect("REELWRIGHT_TARGET names a target of `cargo xtask fuzz-corpus`")
    })
}

fuzz_target!(|bytes: &[u8]| chosen().run(bytes));
