//! Sets of vector instructions, chosen when the program runs. Every loop gives the same bytes on every one of them: it is
//! the same integer code, compiled several times. The one module of the house with `unsafe` in it.
#![allow(unsafe_code, reason = "calls code compiled for instructions that were found first")]

use std::sync::atomic::{AtomicU8, Ordering};

use super::plain::{self, BLOCK, Blocks};

/// A set of instructions that this machine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Isa(Level);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    /// What every machine of its kind has.
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Sse41,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// Which set is used: one more than its place among those that are there, 0 before it was looked.
static CURRENT: AtomicU8 = AtomicU8::new(0);

impl Isa {
    /// Those that this machine has, the plainest first.
    pub fn available() -> Vec<Self> {
        let mut found = vec![Self(Level::Scalar)];
        #[cfg(target_arch = "x86_64")]
        {
            let sse = is_x86_feature_detected!("ssse3") && is_x86_feature_detected!("sse4.1");
            let avx2 = sse && is_x86_feature_detected!("avx2");
            let wide = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("avx512vl");
            let all = [(sse, Level::Sse41), (avx2, Level::Avx2), (avx2 && wide, Level::Avx512)];
            found.extend(all.into_iter().filter(|(there, _)| *there).map(|(_, level)| Self(level)));
        }
        found
    }

    /// Its name: `scalar`, `sse41`, `avx2`, `avx512`.
    pub fn name(self) -> &'static str {
        match self.0 {
            Level::Scalar => "scalar",
            #[cfg(target_arch = "x86_64")]
            Level::Sse41 => "sse41",
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => "avx512",
        }
    }

    /// Uses this one from now on, in the whole process. No frame depends on it.
    pub fn force(self) {
        let at = Self::available().iter().position(|isa| *isa == self).unwrap_or(0);
        CURRENT.store(at as u8 + 1, Ordering::Relaxed);
    }

    /// Uses the one with this name from now on.
    ///
    /// # Errors
    /// When there is none with this name, or this machine does not have it.
    pub fn force_named(name: &str) -> Result<(), String> {
        let available = Self::available();
        match available.iter().find(|isa| isa.name() == name) {
            Some(isa) => {
                isa.force();
                Ok(())
            }
            None => Err(format!("`{name}` is not among {}", available.iter().map(|isa| isa.name()).collect::<Vec<_>>().join(", "))),
        }
    }

    /// The one in use: the widest, when none is forced.
    pub fn current() -> Self {
        let available = || Self::available();
        match CURRENT.load(Ordering::Relaxed) {
            0 => {
                let widest = available().last().copied().unwrap_or(Self(Level::Scalar));
                widest.force();
                widest
            }
            1 => Self(Level::Scalar),
            #[cfg(target_arch = "x86_64")]
            2 => Self(Level::Sse41),
            #[cfg(target_arch = "x86_64")]
            3 => Self(Level::Avx2),
            #[cfg(target_arch = "x86_64")]
            4 => Self(Level::Avx512),
            _ => Self(Level::Scalar),
        }
    }
}

/// Compiles plain loops for every set of instructions, and calls the one in use.
macro_rules! compiled {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $type:ty),*);)*) => {
        $(
            $(#[$doc])*
            pub fn $name($($arg: $type),*) {
                #[cfg(target_arch = "x86_64")]
                {
                    #[target_feature(enable = "ssse3,sse4.1")]
                    fn sse41($($arg: $type),*) {
                        plain::$name($($arg),*);
                    }
                    #[target_feature(enable = "avx2")]
                    fn avx2($($arg: $type),*) {
                        plain::$name($($arg),*);
                    }
                    #[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl")]
                    fn avx512($($arg: $type),*) {
                        plain::$name($($arg),*);
                    }
                    match Isa::current().0 {
                        // SAFETY: an `Isa` of this level exists only where these instructions were found.
                        Level::Sse41 => return unsafe { sse41($($arg),*) },
                        // SAFETY: as above.
                        Level::Avx2 => return unsafe { avx2($($arg),*) },
                        // SAFETY: as above.
                        Level::Avx512 => return unsafe { avx512($($arg),*) },
                        Level::Scalar => {}
                    }
                }
                plain::$name($($arg),*);
            }
        )*
    };
}

compiled! {
    /// [`plain::mix_two`].
    mix_two(above: &[u8], below: &[u8], fraction: u8, out: &mut [u8]);
    /// [`plain::mix_four`].
    mix_four(rows: [&[u8]; 4], weights: [i16; 4], out: &mut [u8]);
    /// [`plain::over`].
    over(colour: &[u8], alpha: &[u8], there: &mut [u8]);
    /// [`plain::fade`].
    fade(samples: &mut [u8], share: u16);
    /// [`plain::blend`].
    blend(a: &[u8], b: &[u8], weight: u16, out: &mut [u8]);
    /// [`plain::blend_by`].
    blend_by(a: &[u8], b: &[u8], weights: &[u16], out: &mut [u8]);
    /// [`plain::luma`].
    luma(rgba: &[[u8; 4]], luma: &mut [u8], alpha: &mut [u8]);
    /// [`plain::add_rows`].
    add_rows(above: &[[u8; 4]], below: &[[u8; 4]], red_blue: &mut [u32], green_alpha: &mut [u32]);
    /// [`plain::chroma`].
    chroma(red_blue: &[u32], green_alpha: &[u32], u: &mut [u8], v: &mut [u8], alpha: &mut [u8]);
    /// [`plain::accumulate`].
    accumulate(row: &[u8], weight: i32, sums: &mut [i32]);
    /// [`plain::settle`].
    settle(sums: &[i32], out: &mut [u8]);
}

/// [`plain::sample`], by the shuffles that no compiler finds.
pub fn sample(line: &[u8], from: i32, blocks: &Blocks, at: usize, out: &mut [[u8; BLOCK]]) {
    #[cfg(target_arch = "x86_64")]
    {
        // What is left over after whole vectors goes the next narrower way.
        let wide = |lanes: usize, out: &[[u8; BLOCK]]| out.len() / lanes * lanes;
        let mut done = 0;
        match Isa::current().0 {
            Level::Scalar => {}
            level => {
                if level == Level::Avx512 {
                    done = wide(4, out);
                    // SAFETY: an `Isa` of this level exists only where these instructions were found.
                    unsafe { x86::sample_avx512(line, from, blocks, at, out[..done].as_chunks_mut().0) };
                }
                if level == Level::Avx512 || level == Level::Avx2 {
                    let more = wide(2, &out[done..]);
                    // SAFETY: as above; what has AVX-512 has AVX2.
                    unsafe { x86::sample_avx2(line, from, blocks, at + done, out[done..done + more].as_chunks_mut().0) };
                    done += more;
                }
                // SAFETY: as above; what has AVX2 has SSE4.1.
                unsafe { x86::sample_sse41(line, from, blocks, at + done, &mut out[done..]) };
                return;
            }
        }
    }
    plain::sample(line, from, blocks, at, out);
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    //! Sampling with byte shuffles: the pairs of samples a block reads are put beside each other, and one instruction
    //! multiplies and adds them. Samples are taken less 128, as signed bytes, so that weights may be unsigned.

    use std::arch::x86_64::*;

    use super::super::plain::{BLOCK, Blocks, WINDOW};

    /// What turns a sample into a signed byte, and back.
    const SIGN: i8 = i8::MIN;
    /// From the places of inner samples to those of the outer ones: one to the left, one to the right.
    const BESIDE: i16 = 0x01ff;
    const HALF: i16 = 64;

    /// The 16 samples of a block.
    #[target_feature(enable = "ssse3,sse4.1")]
    fn window(line: &[u8], start: i32) -> __m128i {
        match line.get(start as usize..).and_then(|line| line.first_chunk::<WINDOW>()) {
            // SAFETY: reads the 16 bytes of an array.
            Some(samples) => unsafe { _mm_loadu_si128(samples.as_ptr().cast()) },
            None => _mm_setzero_si128(),
        }
    }

    #[target_feature(enable = "ssse3,sse4.1")]
    fn bytes(bytes: &[u8; 2 * BLOCK]) -> __m128i {
        // SAFETY: reads the 16 bytes of an array.
        unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
    }

    #[target_feature(enable = "avx2")]
    fn bytes2(pair: &[[u8; 2 * BLOCK]; 2]) -> __m256i {
        // SAFETY: reads the 32 bytes of an array.
        unsafe { _mm256_loadu_si256(pair.as_ptr().cast()) }
    }

    #[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl")]
    fn bytes4(four: &[[u8; 2 * BLOCK]; 4]) -> __m512i {
        // SAFETY: reads the 64 bytes of an array.
        unsafe { _mm512_loadu_si512(four.as_ptr().cast()) }
    }

    #[target_feature(enable = "ssse3,sse4.1")]
    pub fn sample_sse41(line: &[u8], from: i32, blocks: &Blocks, at: usize, out: &mut [[u8; BLOCK]]) {
        let sign = _mm_set1_epi8(SIGN);
        for (i, out) in (at..).zip(out) {
            let samples = _mm_xor_si128(window(line, blocks.firsts[i] - from), sign);
            let places = bytes(&blocks.places[i]);
            let mut sum = _mm_maddubs_epi16(bytes(&blocks.inner[i]), _mm_shuffle_epi8(samples, places));
            if let Some(outer) = blocks.outer.get(i) {
                let beside = _mm_shuffle_epi8(samples, _mm_add_epi8(places, _mm_set1_epi16(BESIDE)));
                sum = _mm_sub_epi16(sum, _mm_maddubs_epi16(bytes(outer), beside));
            }
            let level = _mm_srai_epi16::<7>(_mm_add_epi16(sum, _mm_set1_epi16(HALF)));
            let packed = _mm_xor_si128(_mm_packs_epi16(level, level), sign);
            // SAFETY: writes the 8 bytes of an array.
            unsafe { _mm_storel_epi64(out.as_mut_ptr().cast(), packed) };
        }
    }

    #[target_feature(enable = "avx2")]
    pub fn sample_avx2(line: &[u8], from: i32, blocks: &Blocks, at: usize, out: &mut [[[u8; BLOCK]; 2]]) {
        let sign = _mm256_set1_epi8(SIGN);
        let n = at + 2 * out.len();
        let (firsts, _) = blocks.firsts[at..n].as_chunks::<2>();
        let (places, _) = blocks.places[at..n].as_chunks::<2>();
        let (inner, _) = blocks.inner[at..n].as_chunks::<2>();
        let (outer, _) = blocks.outer.get(at..n).unwrap_or(&[]).as_chunks::<2>();
        for (i, out) in out.iter_mut().enumerate() {
            let [a, b] = firsts[i];
            let samples = _mm256_set_m128i(window(line, b - from), window(line, a - from));
            let samples = _mm256_xor_si256(samples, sign);
            let places = bytes2(&places[i]);
            let mut sum = _mm256_maddubs_epi16(bytes2(&inner[i]), _mm256_shuffle_epi8(samples, places));
            if let Some(outer) = outer.get(i) {
                let beside = _mm256_shuffle_epi8(samples, _mm256_add_epi8(places, _mm256_set1_epi16(BESIDE)));
                sum = _mm256_sub_epi16(sum, _mm256_maddubs_epi16(bytes2(outer), beside));
            }
            let level = _mm256_srai_epi16::<7>(_mm256_add_epi16(sum, _mm256_set1_epi16(HALF)));
            let packed = _mm256_xor_si256(_mm256_packs_epi16(level, level), sign);
            let both = _mm256_castsi256_si128(_mm256_permute4x64_epi64::<0b1000>(packed));
            // SAFETY: writes the 16 bytes of an array.
            unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), both) };
        }
    }

    #[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl")]
    pub fn sample_avx512(line: &[u8], from: i32, blocks: &Blocks, at: usize, out: &mut [[[u8; BLOCK]; 4]]) {
        let sign = _mm512_set1_epi8(SIGN);
        let n = at + 4 * out.len();
        let (firsts, _) = blocks.firsts[at..n].as_chunks::<4>();
        let (places, _) = blocks.places[at..n].as_chunks::<4>();
        let (inner, _) = blocks.inner[at..n].as_chunks::<4>();
        let (outer, _) = blocks.outer.get(at..n).unwrap_or(&[]).as_chunks::<4>();
        for (i, out) in out.iter_mut().enumerate() {
            let [a, b, c, d] = firsts[i];
            let low = _mm256_set_m128i(window(line, b - from), window(line, a - from));
            let high = _mm256_set_m128i(window(line, d - from), window(line, c - from));
            let samples = _mm512_xor_si512(_mm512_inserti64x4::<1>(_mm512_castsi256_si512(low), high), sign);
            let places = bytes4(&places[i]);
            let mut sum = _mm512_maddubs_epi16(bytes4(&inner[i]), _mm512_shuffle_epi8(samples, places));
            if let Some(outer) = outer.get(i) {
                let beside = _mm512_shuffle_epi8(samples, _mm512_add_epi8(places, _mm512_set1_epi16(BESIDE)));
                sum = _mm512_sub_epi16(sum, _mm512_maddubs_epi16(bytes4(outer), beside));
            }
            let level = _mm512_srai_epi16::<7>(_mm512_add_epi16(sum, _mm512_set1_epi16(HALF)));
            let packed = _mm256_xor_si256(_mm512_cvtsepi16_epi8(level), _mm256_set1_epi8(SIGN));
            // SAFETY: writes the 32 bytes of an array.
            unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), packed) };
        }
    }
}
