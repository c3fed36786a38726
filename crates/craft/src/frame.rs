//! The frame: which part of it every screen shows, and which part a player covers.
//!
//! Two margins, in thousandths of the frame's sides:
//!
//! - *action*, 5 % a side: no face is cut by it. *title*, 10 % a side: words stay within. Both are those of SMPTE RP 27.3.
//!   Its successors (SMPTE ST 2046-1, EBU R 95) allow 3.5 % and 5 %: what keeps the older margins keeps these too.
//! - In a tall frame a player lays its own bars over the picture: a status line at the top and captions, the uploader's name
//!   and controls at the bottom. There is no standard for them; what the large players publish for 1080×1920 comes to about
//!   150 pixels above and 350 below. So neither faces nor words stand in the upper 8 % or the lower 18 % of a tall frame.

use contracts::picture::Canvas;

use crate::paper::Rect;

/// Margins of a frame, in thousandths of its width (left, right) and height (top, bottom).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Margins {
    /// At the left and at the right.
    pub side: u32,
    /// Above.
    pub top: u32,
    /// Below.
    pub bottom: u32,
}

impl Margins {
    /// Within which no face is cut.
    pub fn action(canvas: Canvas) -> Self {
        Self::of(canvas, 50)
    }

    /// Within which words stand.
    pub fn title(canvas: Canvas) -> Self {
        Self::of(canvas, 100)
    }

    fn of(canvas: Canvas, margin: u32) -> Self {
        let tall = canvas.height > canvas.width;
        Self { side: margin, top: if tall { margin.max(80) } else { margin }, bottom: if tall { margin.max(180) } else { margin } }
    }

    /// What lies within them, in pixels of the canvas; rounded inwards.
    pub fn within(self, canvas: Canvas) -> Rect {
        let part = |side: u32, margin: u32| (side * margin).div_ceil(1000) as i32;
        let (w, h) = (canvas.width as i32, canvas.height as i32);
        let x = part(canvas.width, self.side);
        Rect::edges(x, part(canvas.height, self.top), w - x, h - part(canvas.height, self.bottom))
    }
}

#[cfg(test)]
mod tests {
    use contracts::project::Aspect;

    use super::*;

    #[test]
    fn a_tall_frame_keeps_clear_of_its_player() {
        let tall = Canvas::of(Aspect::Tall, 720);
        assert_eq!(Margins::action(tall).within(tall), Rect::edges(36, 103, 684, 1049));
        assert_eq!(Margins::title(tall).within(tall), Rect::edges(72, 128, 648, 1049));
        let wide = Canvas::of(Aspect::Wide, 720);
        assert_eq!(Margins::action(wide).within(wide), Rect::edges(64, 36, 1216, 684));
        assert_eq!(Margins::title(wide).within(wide), Rect::edges(128, 72, 1152, 648));
    }
}
