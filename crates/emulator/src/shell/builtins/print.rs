//! `echo`.

use super::super::escape::{Style, unescape};
use super::super::{Done, Shell};

impl Shell {
    pub(super) async fn echo(&mut self, arguments: &[String]) -> Done {
        let (mut line, mut escapes) = (true, true);
        let mut rest = arguments;
        while let Some((first, behind)) = rest.split_first() {
            let Some(letters) = first.strip_prefix('-').filter(|letters| !letters.is_empty()) else { break };
            if !letters.chars().all(|letter| matches!(letter, 'n' | 'e' | 'E')) {
                break;
            }
            for letter in letters.chars() {
                match letter {
                    'n' => line = false,
                    _ => escapes = letter == 'e',
                }
            }
            rest = behind;
        }
        let mut text = rest.join(" ");
        if escapes {
            let unescaped = unescape(&text, Style::Echo);
            text = unescaped.text;
            line &= !unescaped.ended;
        }
        if line {
            text.push('\n');
        }
        self.print(text).await?;
        Ok(0)
    }
}
