//! Colours of a place (art direction §4): what the hour gives, what the weather takes, and how a style maps the rest.
//! Every place colour goes through [`Style::tone`]; the colours of people do not: they are lit, never recoloured.

use contracts::{
    picture::PlaceSpec,
    project::VisualStyle,
    story::{Mood, TimeOfDay, Weather},
};

use crate::paper::Rgb;

/// A colour of three channels, 0 to 1.
pub fn hex(text: &str) -> Rgb {
    Rgb::hex(text)
}

/// `a` with a part `t` of `b`.
pub fn mix(a: Rgb, b: Rgb, t: f32) -> Rgb {
    Rgb::mix(a, b, t)
}

/// Brightness as the eye weighs it, 0 to 1.
pub fn luma(c: Rgb) -> f32 {
    c.luma()
}

fn rgb(r: f32, g: f32, b: f32) -> Rgb {
    Rgb(r, g, b)
}

fn saturate(c: Rgb, k: f32) -> Rgb {
    let l = luma(c);
    rgb(l + (c.0 - l) * k, l + (c.1 - l) * k, l + (c.2 - l) * k)
}

/// The palette transform of a visual style (art direction §4, style variants).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style(pub VisualStyle);

impl Style {
    /// Maps a colour of a place.
    pub fn tone(self, c: Rgb) -> Rgb {
        let l = luma(c);
        match self.0 {
            // Ink and woodcut are printed once the light is in (`print`).
            VisualStyle::Paper | VisualStyle::Ink | VisualStyle::Woodcut => c,
            VisualStyle::Dusk => {
                // The table's two halves meet without a seam: both amounts fade towards the middle grey.
                let t = ((l - 0.38) / 0.24).clamp(0.0, 1.0);
                let dark = mix(c, rgb(0.290, 0.227, 0.388), 0.35 * (0.55 + 0.45 * (l * 2.0).min(1.0)));
                mix(dark, mix(c, rgb(0.941, 0.627, 0.439), 0.30), t * t * (3.0 - 2.0 * t))
            }
            VisualStyle::Pastel => {
                // Lifting alone turns a night to grey fog: half of the way is gone in the colour's own proportions.
                let k = 0.30 + 0.66 * l;
                let s = saturate(c, 0.60 + 0.36 * l);
                let up = k / l.max(0.05);
                let lift = |v: f32| (0.45 * (k + (v - l) * 0.66) + 0.55 * (v * up).min(1.0)).clamp(0.0, 1.0);
                mix(rgb(lift(s.0), lift(s.1), lift(s.2)), hex("#fff6d0"), 0.12)
            }
        }
    }

    /// Strength of shadows against paper's.
    pub fn shadow(self) -> f32 {
        match self.0 {
            VisualStyle::Paper => 1.0,
            VisualStyle::Dusk => 1.15,
            VisualStyle::Ink => 0.5,
            VisualStyle::Woodcut => 1.5,
            VisualStyle::Pastel => 0.45,
        }
    }

    /// How sharply paper is cut against paper's own edges.
    pub fn edge(self) -> f32 {
        match self.0 {
            VisualStyle::Paper | VisualStyle::Dusk => 1.0,
            VisualStyle::Ink | VisualStyle::Pastel => 0.8,
            VisualStyle::Woodcut => 1.6,
        }
    }

    /// How much of the paper's texture is seen, against paper's.
    pub fn texture(self) -> f32 {
        match self.0 {
            VisualStyle::Paper | VisualStyle::Dusk => 1.0,
            VisualStyle::Ink => 0.5,
            VisualStyle::Pastel => 0.7,
            VisualStyle::Woodcut => 0.15,
        }
    }

    /// How soft shadows are, against paper's.
    pub fn softness(self) -> f32 {
        match self.0 {
            VisualStyle::Paper | VisualStyle::Dusk | VisualStyle::Pastel => 1.0,
            VisualStyle::Ink => 0.5,
            VisualStyle::Woodcut => 0.15,
        }
    }

    /// Radius of glows against paper's.
    pub fn glow(self) -> f32 {
        if self.0 == VisualStyle::Dusk { 1.2 } else { 1.0 }
    }
}

/// What stands in the sky.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disc {
    /// Nothing: the weather hides it.
    None,
    /// The moon with its rings.
    Moon,
    /// The sun.
    Sun,
}

/// The colours of an hour and a weather, after the style's transform.
#[derive(Clone, Debug)]
pub struct Hour {
    /// Zenith, middle, horizon.
    pub sky: [Rgb; 3],
    /// What stands in the sky.
    pub disc: Disc,
    /// The disc, its lip, its rings, its glow.
    pub disc_colours: [Rgb; 4],
    /// Whether stars are seen.
    pub stars: bool,
    /// Clouds, far to near.
    pub clouds: [Rgb; 3],
    /// The white lip of clouds.
    pub cloud_core: Rgb,
    /// Water, far to near.
    pub sea: [Rgb; 5],
    /// The lip of waves.
    pub sea_core: Rgb,
    /// Land: far, middle, near.
    pub land: [Rgb; 3],
    /// Its torn lips.
    pub land_core: [Rgb; 3],
    /// Paths and steps.
    pub path: Rgb,
    /// Towers and walls in this light.
    pub wall: Rgb,
    /// Roofs, iron and hulls.
    pub dark: Rgb,
    /// What distance turns to.
    pub haze: Rgb,
    /// How much of it, against the table's.
    pub haze_k: f32,
    /// Fog bands.
    pub fog: Rgb,
    /// How strong they are.
    pub fog_k: f32,
    /// Grass and edges before everything.
    pub near: Rgb,
    /// Whether the sun stands low: at dawn and at dusk.
    pub low: bool,
    /// Whether lamps are lit at this hour.
    pub lamps: bool,
    /// Rain, 0 to 1.
    pub rain: f32,
    /// Snow, 0 to 1.
    pub snow: f32,
    /// Darkening of the corners.
    pub vignette: f32,
    /// Ambient light on what stands in the open.
    pub ambient: Rgb,
    /// Light of the sky's disc.
    pub light: Rgb,
    /// Its strength.
    pub light_k: f32,
}

struct Row {
    sky: [&'static str; 3],
    clouds: [&'static str; 3],
    cloud_core: &'static str,
    sea: [&'static str; 5],
    sea_core: &'static str,
    land: [&'static str; 3],
    land_core: [&'static str; 3],
    path: &'static str,
    wall: &'static str,
    dark: &'static str,
    disc: [&'static str; 4],
    haze: &'static str,
    fog: &'static str,
    near: &'static str,
}

const NIGHT: Row = Row {
    sky: ["#0b1226", "#16274a", "#2f4c72"],
    clouds: ["#2c4264", "#34507a", "#42618a"],
    cloud_core: "#dfe8f6",
    sea: ["#3c5f86", "#315379", "#27466b", "#1e385a", "#152a47"],
    sea_core: "#dfeaf6",
    land: ["#1f3350", "#182842", "#0a1428"],
    land_core: ["#5d7795", "#4b6484", "#2b3f5c"],
    path: "#61718a",
    wall: "#8f97a8",
    dark: "#1b2238",
    disc: ["#f1ead2", "#fffdf2", "#9db8dc", "#a9c4ea"],
    haze: "#5d7fa8",
    fog: "#7896ba",
    near: "#060d1c",
};
const DAWN: Row = Row {
    sky: ["#5a4a72", "#b0687c", "#f4b87c"],
    clouds: ["#8a5878", "#b86c7a", "#d98672"],
    cloud_core: "#f8d0a8",
    sea: ["#dd9f88", "#b97c86", "#8d647e", "#65506e", "#453a58"],
    sea_core: "#fbdcae",
    land: ["#875868", "#5f4258", "#35263f"],
    land_core: ["#e0a488", "#b98088", "#7a5468"],
    path: "#c99484",
    wall: "#d9b8a4",
    dark: "#4a3348",
    disc: ["#fff0c0", "#fffbe6", "#f9bd80", "#ffdf9a"],
    haze: "#f9c284",
    fog: "#ffdca0",
    near: "#2c1830",
};
const MORNING: Row = Row {
    sky: ["#9dbfd2", "#cfdcd8", "#f4e6c6"],
    clouds: ["#d8dfdc", "#e4e2d4", "#efe6d2"],
    cloud_core: "#fffaf0",
    sea: ["#a9c4c6", "#86acb6", "#6796a6", "#4b7f94", "#34677e"],
    sea_core: "#f4f4e6",
    land: ["#8fa386", "#688a6c", "#3a5648"],
    land_core: ["#eae6c6", "#cfd8b0", "#7f9a80"],
    path: "#e6d6ae",
    wall: "#ece2ce",
    dark: "#4e5660",
    disc: ["#fff8dc", "#fffdf2", "#f6e6b8", "#fff2c4"],
    haze: "#e6e6d4",
    fog: "#f2efe0",
    near: "#2c4438",
};
const DAY: Row = Row {
    sky: ["#79acc8", "#b2d0d8", "#eaeddc"],
    clouds: ["#cbdce2", "#d8e4e6", "#e6ebe4"],
    cloud_core: "#ffffff",
    sea: ["#94bdca", "#72a6bc", "#5490aa", "#3b7894", "#285d78"],
    sea_core: "#f2f8f4",
    land: ["#8fa880", "#66885e", "#3c5c40"],
    land_core: ["#e6ecc8", "#c4d4a4", "#7c9a78"],
    path: "#ecdcb4",
    wall: "#f0e8d8",
    dark: "#46525e",
    disc: ["#fffbe8", "#ffffff", "#fdf4d0", "#fff6c8"],
    haze: "#e2ece6",
    fog: "#f4f4ea",
    near: "#2a4836",
};
const DUSK: Row = Row {
    sky: ["#242650", "#5c4474", "#d0817e"],
    clouds: ["#4a4270", "#74507e", "#a4637f"],
    cloud_core: "#f0b8a0",
    sea: ["#a4718a", "#75597f", "#544b76", "#3b3b63", "#272a4c"],
    sea_core: "#f2c0a4",
    land: ["#453e62", "#2e2a4a", "#171830"],
    land_core: ["#a0788c", "#7a6484", "#4a4464"],
    path: "#8a748c",
    wall: "#b8a0a8",
    dark: "#26223c",
    disc: ["#ffdca4", "#fff0d0", "#e08c7c", "#ffb888"],
    haze: "#c98c86",
    fog: "#d89a90",
    near: "#100f22",
};

impl Hour {
    /// The colours of a place's hour, weather and style.
    pub fn of(place: &PlaceSpec) -> Self {
        let (row, lum) = match place.time_of_day {
            TimeOfDay::Night => (&NIGHT, 0.44),
            TimeOfDay::Dawn => (&DAWN, 0.80),
            TimeOfDay::Morning => (&MORNING, 1.0),
            TimeOfDay::Day => (&DAY, 1.0),
            TimeOfDay::Dusk => (&DUSK, 0.52),
        };
        let night = place.time_of_day == TimeOfDay::Night;
        let (ambient, light, light_k, vignette) = match place.time_of_day {
            TimeOfDay::Night => (rgb(0.42, 0.46, 0.66), rgb(0.62, 0.76, 1.0), 0.55, 0.40),
            TimeOfDay::Dawn => (rgb(0.62, 0.46, 0.52), rgb(1.0, 0.75, 0.50), 0.62, 0.22),
            TimeOfDay::Morning => (rgb(0.84, 0.84, 0.84), rgb(1.0, 0.94, 0.80), 0.26, 0.16),
            TimeOfDay::Day => (rgb(0.92, 0.92, 0.90), rgb(1.0, 0.96, 0.86), 0.16, 0.12),
            TimeOfDay::Dusk => (rgb(0.50, 0.43, 0.60), rgb(1.0, 0.66, 0.42), 0.58, 0.32),
        };
        let h = hex;
        let mut hour = Self {
            sky: row.sky.map(h),
            disc: if night { Disc::Moon } else { Disc::Sun },
            disc_colours: row.disc.map(h),
            stars: night,
            clouds: row.clouds.map(h),
            cloud_core: h(row.cloud_core),
            sea: row.sea.map(h),
            sea_core: h(row.sea_core),
            land: row.land.map(h),
            land_core: row.land_core.map(h),
            path: h(row.path),
            wall: h(row.wall),
            dark: h(row.dark),
            haze: h(row.haze),
            haze_k: 1.0,
            fog: h(row.fog),
            fog_k: 0.35,
            near: h(row.near),
            low: matches!(place.time_of_day, TimeOfDay::Dawn | TimeOfDay::Dusk),
            lamps: night || place.time_of_day == TimeOfDay::Dusk,
            rain: 0.0,
            snow: 0.0,
            vignette,
            ambient,
            light,
            light_k,
        };
        hour.weather(place.weather, lum);
        hour.mood(place.mood);
        let style = Style(place.style);
        hour.each(|c| style.tone(c));
        hour
    }

    fn weather(&mut self, weather: Weather, lum: f32) {
        let grey = |text: &str| {
            let c = hex(text);
            rgb(c.0 * lum, c.1 * lum, c.2 * lum)
        };
        match weather {
            Weather::Clear => {}
            Weather::Fog => {
                let veil = mix(mix(self.haze, self.sky[1], 0.45), grey("#b8c0c6"), 0.25);
                self.haze = veil;
                self.fog = mix(veil, hex("#ffffff"), 0.10);
                self.haze_k = 1.5;
                self.fog_k = 0.8;
                self.stars = false;
                self.veil(veil, [0.55, 0.62, 0.70], [0.78, 0.62, 0.45, 0.28, 0.12], [0.40, 0.18, 0.0]);
                self.ambient = mix(self.ambient, veil, 0.25);
                self.light_k *= 0.55;
            }
            Weather::Rain => self.overcast(grey("#8fa0ae"), 0.42, 1.0, 0.62),
            Weather::Storm => self.overcast(grey("#4a5560"), 0.58, 1.0, 0.45),
            Weather::Snow => {
                self.overcast(grey("#d4dce6"), 0.42, 0.0, 0.75);
                self.snow = 1.0;
                let white = grey("#f2f6fa");
                for (i, t) in [0.55, 0.42, 0.20].into_iter().enumerate() {
                    self.land[i] = mix(self.land[i], white, t);
                    self.land_core[i] = mix(self.land_core[i], white, t + 0.2);
                }
                self.path = mix(self.path, white, 0.5);
            }
        }
    }

    fn overcast(&mut self, grey: Rgb, t: f32, rain: f32, light: f32) {
        self.disc = Disc::None;
        self.stars = false;
        self.rain = rain;
        // The veil thins towards the viewer: five steps of value are left by night too.
        self.veil(grey, [t, t, t], [t * 1.15, t, t * 0.8, t * 0.5, t * 0.25], [t * 0.7, t * 0.4, t * 0.1]);
        self.each(|c| saturate(c, 0.75));
        self.haze = mix(self.haze, grey, 0.8);
        self.fog = mix(self.fog, grey, 0.7);
        self.haze_k = 1.15;
        self.fog_k = 0.45;
        for c in &mut self.clouds {
            *c = mix(*c, grey, 0.45);
        }
        self.cloud_core = mix(self.cloud_core, grey, 0.5);
        self.light = mix(self.light, rgb(0.85, 0.92, 1.0), 0.6);
        self.light_k *= light;
        self.ambient = mix(self.ambient, rgb(0.70, 0.74, 0.80), 0.22);
    }

    fn veil(&mut self, c: Rgb, sky: [f32; 3], sea: [f32; 5], land: [f32; 3]) {
        for (s, t) in self.sky.iter_mut().zip(sky) {
            *s = mix(*s, c, t);
        }
        for (s, t) in self.sea.iter_mut().zip(sea) {
            *s = mix(*s, c, t);
        }
        for (i, t) in land.into_iter().enumerate() {
            self.land[i] = mix(self.land[i], c, t);
            self.land_core[i] = mix(self.land_core[i], c, t);
        }
    }

    fn mood(&mut self, mood: Mood) {
        match mood {
            Mood::Heavy => {
                self.each(|c| saturate(c, 0.72));
                self.ambient = mix(self.ambient, rgb(0.0, 0.0, 0.0), 0.06);
            }
            Mood::Tense => self.vignette += 0.06,
            Mood::Tender | Mood::Hopeful => self.ambient = mix(self.ambient, rgb(1.0, 0.94, 0.86), 0.07),
            Mood::Calm | Mood::Uneasy | Mood::Wary | Mood::Watchful => {}
        }
    }

    fn each(&mut self, f: impl Fn(Rgb) -> Rgb) {
        let groups: [&mut [Rgb]; 6] =
            [&mut self.sky, &mut self.clouds, &mut self.sea, &mut self.land, &mut self.land_core, &mut self.disc_colours];
        for c in groups.into_iter().flatten() {
            *c = f(*c);
        }
        for c in [
            &mut self.cloud_core,
            &mut self.sea_core,
            &mut self.path,
            &mut self.wall,
            &mut self.dark,
            &mut self.haze,
            &mut self.fog,
            &mut self.near,
        ] {
            *c = f(*c);
        }
    }
}
