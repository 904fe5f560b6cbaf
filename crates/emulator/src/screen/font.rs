//! Writing on a canvas. One typeface, parsed once; a character that it lacks becomes a box.

use super::canvas::{Canvas, Ink};
use super::geometry::Rect;
use ab_glyph::{Font, FontRef, GlyphId, PxScale, ScaleFont, point};
use std::borrow::Cow;
use std::sync::OnceLock;

/// Most characters of a line that are looked at.
const LINE_CHARS_MAX: usize = 256;

/// Height of a capital letter, as a share of the size.
const CAPITAL: f32 = 0.69;

/// How letters look.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    /// Size in pixels (of an em).
    pub(crate) size: f32,
    /// Colour.
    pub(crate) ink: Ink,
    /// Strokes are thicker.
    pub(crate) strong: bool,
}

/// On which side of the given place a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// It begins there.
    Left,
    /// Its middle is there.
    Middle,
    /// It ends there.
    Right,
}

fn font() -> Option<&'static FontRef<'static>> {
    static FONT: OnceLock<Option<FontRef<'static>>> = OnceLock::new();
    FONT.get_or_init(|| FontRef::try_from_slice(epaint_default_fonts::UBUNTU_LIGHT).ok()).as_ref()
}

fn scale(font: &FontRef<'_>, size: f32) -> PxScale {
    let em = font.units_per_em().unwrap_or(1000.0).max(1.0);
    PxScale::from((size * font.height_unscaled() / em).clamp(1.0, 2000.0))
}

/// A character as it is written: none for what takes no room.
fn glyph(font: &FontRef<'_>, character: char) -> Option<(char, GlyphId)> {
    let character = match character {
        '\n' | '\t' | '\r' => ' ',
        other if other.is_control() => return None,
        other => other,
    };
    Some((character, font.glyph_id(character)))
}

fn advance(font: &FontRef<'_>, style: Style, id: GlyphId) -> f32 {
    match id.0 {
        0 => style.size * 0.9,
        _ => font.as_scaled(scale(font, style.size)).h_advance(id),
    }
}

/// How wide a line is, in pixels; of a very long one, its beginning.
pub(crate) fn width(style: Style, text: &str) -> f32 {
    let Some(font) = font() else { return 0.0 };
    let glyphs = text.chars().take(LINE_CHARS_MAX).filter_map(|character| glyph(font, character));
    glyphs.map(|(_, id)| advance(font, style, id)).sum()
}

/// The line, or as much of its beginning as has room, with an ellipsis.
pub(crate) fn fit(style: Style, text: &str, room: f32) -> Cow<'_, str> {
    let Some(font) = font() else { return Cow::Borrowed("") };
    let dots = width(style, "…");
    let (mut used, mut keep) = (0.0, 0);
    for (count, (at, character)) in text.char_indices().enumerate() {
        let Some((_, id)) = glyph(font, character) else { continue };
        used += advance(font, style, id);
        if used > room || count >= LINE_CHARS_MAX {
            if dots > room {
                return Cow::Borrowed("");
            }
            return Cow::Owned(format!("{}…", text.get(..keep).unwrap_or_default().trim_end()));
        }
        if used + dots <= room {
            keep = at + character.len_utf8();
        }
    }
    Cow::Borrowed(text)
}

/// The last part of a line that has room: what somebody who types sees.
pub(crate) fn fit_end(style: Style, text: &str, room: f32) -> &str {
    let Some(font) = font() else { return "" };
    let (mut used, mut from) = (0.0, text.len());
    for (at, character) in text.char_indices().rev().take(LINE_CHARS_MAX) {
        let wide = glyph(font, character).map_or(0.0, |(_, id)| advance(font, style, id));
        used += wide;
        if used > room {
            break;
        }
        from = at;
    }
    text.get(from..).unwrap_or_default()
}

/// Writes a line whose capitals have their middle at `y`, cut to `room`; gives its width.
pub(crate) fn write(
    canvas: &mut Canvas,
    style: Style,
    text: &str,
    (x, y): (f32, f32),
    align: Align,
    room: f32,
) -> f32 {
    let Some(font) = font() else { return 0.0 };
    let text = fit(style, text, room);
    let wide = width(style, &text);
    let mut pen = match align {
        Align::Left => x,
        Align::Middle => x - wide / 2.0,
        Align::Right => x - wide,
    };
    let base = (y + style.size * CAPITAL / 2.0).round();
    for (_, id) in text.chars().filter_map(|character| glyph(font, character)) {
        let step = advance(font, style, id);
        if id.0 == 0 {
            missing(canvas, style, pen, base);
        } else {
            outline(canvas, font, style, id, (pen, base));
        }
        pen += step;
    }
    wide
}

fn outline(canvas: &mut Canvas, font: &FontRef<'_>, style: Style, id: GlyphId, (x, y): (f32, f32)) {
    let glyph = id.with_scale_and_position(scale(font, style.size), point(x, y));
    let Some(outline) = font.outline_glyph(glyph) else { return };
    let bounds = outline.px_bounds();
    let (left, top) = (bounds.min.x as i32, bounds.min.y as i32);
    // A thicker stroke is the letter twice, a part of a pixel apart.
    let shift = if style.strong { (style.size / 28.0).clamp(0.35, 2.0) } else { 0.0 };
    let whole = shift as i32;
    let part = shift - shift.floor();
    let mut lay = |x: i32, y: i32, coverage: f32| {
        // Thin strokes look thinner than they are.
        let alpha = (coverage.clamp(0.0, 1.0).sqrt().min(1.0) * 0.35 + coverage * 0.65).min(1.0);
        canvas.dot(x, y, style.ink.thin((alpha * 255.0) as u8));
    };
    outline.draw(|dx, dy, coverage| {
        if coverage <= 0.0 {
            return;
        }
        let (x, y) = (left.saturating_add(dx as i32), top.saturating_add(dy as i32));
        lay(x, y, coverage);
        if style.strong {
            for extra in 1..=whole {
                lay(x.saturating_add(extra), y, coverage);
            }
            lay(x.saturating_add(whole + 1), y, coverage * part);
        }
    });
}

/// The box in place of a character that the typeface lacks.
fn missing(canvas: &mut Canvas, style: Style, x: f32, base: f32) {
    let (height, line) = (style.size * CAPITAL, (style.size / 14.0).max(1.0));
    let outer = Rect { x: x + style.size * 0.08, y: base - height, w: style.size * 0.74, h: height };
    canvas.round(outer, style.size * 0.12, style.ink.thin(70));
    canvas.round(outer.inset(line, line), style.size * 0.08, style.ink.thin(60));
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const STYLE: Style = Style { size: 20.0, ink: Ink(255, 255, 255, 255), strong: false };

    #[test]
    fn a_line_is_cut_to_its_room() {
        assert_eq!(fit(STYLE, "short", 200.0), "short");
        let cut = fit(STYLE, "a line that is much too long for its room", 100.0);
        assert!(cut.ends_with('…') && width(STYLE, &cut) <= 100.0, "{cut}");
        assert_eq!(fit(STYLE, "nothing", 2.0), "");
        assert_eq!(fit(STYLE, "", 0.0), "");
        let typed = fit_end(STYLE, "a line that is much too long", 100.0);
        assert!(typed.ends_with("too long") && width(STYLE, typed) <= 100.0);
    }

    #[test]
    fn letters_stay_within_their_line() {
        let mut canvas = Canvas::new(300, 60);
        write(
            &mut canvas,
            Style { strong: true, ..STYLE },
            "Ägypten quay 图片",
            (50.0, 30.0),
            Align::Left,
            150.0,
        );
        let pixels = canvas.into_pixels();
        let mut lit = pixels.chunks(4).enumerate().filter(|(_, pixel)| pixel[0] > 0);
        assert!(lit.clone().count() > 100);
        assert!(lit.all(|(at, _)| (48..203).contains(&(at % 300)) && (12..48).contains(&(at / 300))));
    }

    #[test]
    fn characters_without_a_glyph_become_a_box() {
        let drawn = |text: &str| {
            let mut canvas = Canvas::new(60, 40);
            write(&mut canvas, STYLE, text, (10.0, 20.0), Align::Left, 50.0);
            canvas.into_pixels()
        };
        assert_ne!(drawn("图"), drawn(" "));
        assert_eq!(drawn("图"), drawn("片"));
        assert_eq!(drawn("\u{0}\u{7}"), drawn(""));
    }

    #[test]
    fn endless_lines_are_not_read_to_their_end() {
        let endless = "\u{300}".repeat(1 << 20);
        assert!(fit(STYLE, &endless, 50.0).len() < 2000);
        assert!(fit_end(STYLE, &endless, 50.0).len() < 2000);
    }
}
