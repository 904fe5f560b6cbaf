//! Tables for people: columns as wide as they need to be, cut with … where the terminal ends. Pure.

/// Columns between two columns.
const GAP: usize = 2;
/// No column is cut narrower.
const COLUMN_MIN: usize = 4;

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its heading.
    pub name: &'static str,
    /// Who is cut first when room is short: the higher number.
    pub spare: u8,
}

/// Lays out headings and rows; the first line is the heading. `width` is the terminal's, none does not cut.
pub fn layout(columns: &[Column], rows: &[Vec<String>], width: Option<usize>) -> Vec<String> {
    let heading: Vec<String> = columns.iter().map(|column| column.name.to_string()).collect();
    let rows: Vec<Vec<String>> = std::iter::once(&heading)
        .chain(rows)
        .map(|row| row.iter().map(|cell| clean(cell)).collect())
        .collect();
    let mut widths = vec![0; columns.len()];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = columns_of(cell).max(*width);
        }
    }
    if let Some(width) = width {
        shrink(columns, &mut widths, width);
    }
    rows.iter().map(|row| line(row, &widths, width)).collect()
}

/// Takes what is too much from the columns, those with the most to spare first.
fn shrink(columns: &[Column], widths: &mut [usize], room: usize) {
    let gaps = GAP * columns.len().saturating_sub(1);
    let mut over = (widths.iter().sum::<usize>() + gaps).saturating_sub(room);
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(columns.get(*at).map(|column| column.spare)));
    for at in order {
        if let Some(width) = widths.get_mut(at) {
            let take = over.min(width.saturating_sub(COLUMN_MIN));
            *width -= take;
            over -= take;
        }
    }
}

fn line(row: &[String], widths: &[usize], room: Option<usize>) -> String {
    let mut line = String::new();
    for (cell, width) in row.iter().zip(widths) {
        let cell = cut(cell, *width);
        line.push_str(&cell);
        line.push_str(&" ".repeat(width.saturating_sub(columns_of(&cell)) + GAP));
    }
    let line = line.trim_end();
    room.map_or_else(|| line.to_string(), |room| cut(line, room))
}

/// The text in at most `room` columns; what does not fit ends in ….
pub fn cut(text: &str, room: usize) -> String {
    if columns_of(text) <= room {
        return text.to_string();
    }
    let mut used = 0;
    let mut kept = String::new();
    for letter in text.chars() {
        used += width_of(letter);
        if used >= room {
            break;
        }
        kept.push(letter);
    }
    if room > 0 {
        kept.push('…');
    }
    kept
}

/// The text without what could steer a terminal.
pub fn clean(text: &str) -> String {
    let steers = |letter: char| {
        letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|letter| if steers(letter) { '?' } else { letter }).collect()
}

fn columns_of(text: &str) -> usize {
    text.chars().map(width_of).sum()
}

/// East Asian wide letters and emoji take two columns. Ranges of whole scripts are near enough for a table.
fn width_of(letter: char) -> usize {
    match letter {
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200d}' | '\u{fe00}'..='\u{fe0f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [
        Column { name: "ID", spare: 0 },
        Column { name: "NAME", spare: 1 },
        Column { name: "SERVER", spare: 2 },
    ];

    fn row(cells: [&str; 3]) -> Vec<String> {
        cells.map(String::from).to_vec()
    }

    #[test]
    fn without_a_terminal_nothing_is_cut() {
        let rows = [row(["1", "a name", "s"]), row(["22", "b", "server-1"])];
        assert_eq!(
            layout(&COLUMNS, &rows, None),
            ["ID  NAME    SERVER", "1   a name  s", "22  b       server-1"]
        );
    }

    #[test]
    fn the_column_with_the_most_to_spare_is_cut_first() {
        let rows = [row(["1234567890", "a long name", "server-1"])];
        assert_eq!(layout(&COLUMNS, &rows, Some(30))[1], "1234567890  a long name  serv…");
        assert_eq!(layout(&COLUMNS, &rows, Some(25))[1], "1234567890  a long…  ser…");
        assert_eq!(layout(&COLUMNS, &rows, Some(18))[1], "12345…  a l…  ser…");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let rows = [row(["1234567890", "手机手机手机手机", "server-1"]), row(["", "", ""])];
        for width in 0..60 {
            for line in layout(&COLUMNS, &rows, Some(width)) {
                assert!(columns_of(&line) <= width, "{width}: {line}");
            }
        }
    }

    #[test]
    fn wide_letters_keep_the_columns_straight() {
        let rows = [row(["1", "手机", "x"]), row(["2", "abcd", "y"])];
        let lines = layout(&COLUMNS, &rows, None);
        assert_eq!(lines[1..], ["1   手机  x", "2   abcd  y"]);
    }

    #[test]
    fn names_cannot_steer_the_terminal() {
        assert_eq!(clean("a\x1b[31mb\nc\u{202e}d"), "a?[31mb?c?d");
    }
}
