//! Options and arguments of the shell itself.

use super::super::{Done, Shell};

impl Shell {
    /// `$-`.
    pub(in crate::shell) fn option_letters(&self) -> String {
        let options = &self.options;
        let letters =
            [(options.errexit, 'e'), (options.noglob, 'f'), (options.nounset, 'u'), (options.xtrace, 'x')];
        letters.iter().filter(|(on, _)| *on).map(|(_, letter)| *letter).collect()
    }

    pub(super) async fn set(&mut self, arguments: &[String]) -> Done {
        if arguments.is_empty() {
            let lines: String =
                self.variables.all().map(|(name, value, _)| format!("{name}={}\n", quoted(value))).collect();
            self.print(lines).await?;
            return Ok(0);
        }
        let mut rest = arguments;
        while let Some((first, behind)) = rest.split_first() {
            if first == "--" {
                self.arguments = behind.into();
                return Ok(0);
            }
            let on = first.starts_with('-');
            let Some(letters) = first.strip_prefix(['-', '+']).filter(|letters| !letters.is_empty()) else {
                break;
            };
            rest = behind;
            for letter in letters.chars() {
                let name = match (letter, rest.split_first()) {
                    ('o', None) => continue,
                    ('o', Some((name, behind))) => {
                        rest = behind;
                        name.clone()
                    }
                    _ => letter.to_string(),
                };
                if !self.option(&name, on) {
                    return self.builtin_complains("set", &format!("-{name}: unknown option"), 1).await;
                }
            }
        }
        if !rest.is_empty() {
            self.arguments = rest.into();
        }
        Ok(0)
    }

    pub(in crate::shell) fn option(&mut self, name: &str, on: bool) -> bool {
        match name {
            "e" | "errexit" => self.options.errexit = on,
            "x" | "xtrace" => self.options.xtrace = on,
            "u" | "nounset" => self.options.nounset = on,
            "f" | "noglob" => self.options.noglob = on,
            "pipefail" => self.options.pipefail = on,
            "m" | "monitor" | "b" | "notify" | "h" | "posix" | "emacs" | "vi" | "a" | "allexport" | "sh" => {}
            _ => return false,
        }
        true
    }

    pub(super) async fn shift(&mut self, arguments: &[String]) -> Done {
        let count = match arguments.first().map(|text| text.parse::<usize>()) {
            None => 1,
            Some(Ok(count)) => count,
            Some(Err(_)) => return self.builtin_complains("shift", "bad number", 1).await,
        };
        match self.arguments.get(count..) {
            Some(rest) => self.arguments = rest.into(),
            None => return self.builtin_complains("shift", "nothing to shift", 1).await,
        }
        Ok(0)
    }

    /// One more option of the arguments, into a variable.
    pub(super) async fn getopts(&mut self, arguments: &[String]) -> Done {
        let [letters, name, words @ ..] = arguments else {
            return self.builtin_complains("getopts", "missing options argument", 1).await;
        };
        let words: Vec<String> = if words.is_empty() { self.arguments.to_vec() } else { words.to_vec() };
        let number =
            |text: Option<&str>| text.and_then(|text| text.parse::<usize>().ok()).unwrap_or(1).max(1);
        let index = number(self.variables.get("OPTIND"));
        if index == 1 && self.option_index != 1 {
            self.option_at = 1;
        }
        let word = words.get(index - 1).filter(|word| word.len() > 1 && word.starts_with('-'));
        let Some(word) = word.filter(|word| *word != "--") else {
            let end = if words.get(index - 1).is_some_and(|word| word == "--") { index + 1 } else { index };
            self.assign("OPTIND", &end.to_string()).await?;
            self.assign(name, "?").await?;
            return Ok(1);
        };
        let mut at = word.chars().skip(self.option_at);
        let letter = at.next().unwrap_or('?');
        let rest: String = at.collect();
        let known = letters.trim_start_matches(':').find(letter).filter(|_| letter != ':');
        let takes = known.is_some_and(|at| {
            letters
                .trim_start_matches(':')
                .get(at + letter.len_utf8()..)
                .is_some_and(|behind| behind.starts_with(':'))
        });
        let (mut index, mut value, mut found) = (index, None, letter);
        if takes && !rest.is_empty() {
            (index, value, self.option_at) = (index + 1, Some(rest), 1);
        } else if takes {
            value = words.get(index).cloned();
            (index, self.option_at) = (index + 2, 1);
            if value.is_none() {
                (index, found) = (index - 1, if letters.starts_with(':') { ':' } else { '?' });
                self.complain_option(letters, &format!("-{letter}: requires argument")).await;
                value = letters.starts_with(':').then(|| letter.to_string());
            }
        } else if rest.is_empty() {
            (index, self.option_at) = (index + 1, 1);
        } else {
            self.option_at += 1;
        }
        if known.is_none() {
            found = '?';
            self.complain_option(letters, &format!("-{letter}: unknown option")).await;
            value = letters.starts_with(':').then(|| letter.to_string());
        }
        self.option_index = index;
        self.assign("OPTIND", &index.to_string()).await?;
        self.assign(name, &found.to_string()).await?;
        match value {
            Some(value) => self.assign("OPTARG", &value).await?,
            None => self.variables.unset("OPTARG").unwrap_or_default(),
        }
        Ok(0)
    }

    async fn complain_option(&mut self, letters: &str, text: &str) {
        if !letters.starts_with(':') {
            self.complain(text).await;
        }
    }

    pub(super) async fn ulimit(&mut self, arguments: &[String]) -> Done {
        if arguments.iter().all(|argument| argument.starts_with('-')) {
            self.print("unlimited\n").await?;
        }
        Ok(0)
    }

    pub(super) async fn umask(&mut self, arguments: &[String]) -> Done {
        match arguments.iter().find(|argument| !argument.starts_with('-')) {
            None => self.print(format!("{:03o}\n", self.umask)).await?,
            Some(mask) => match u32::from_str_radix(mask, 8).ok().filter(|mask| *mask <= 0o777) {
                Some(mask) => self.umask = mask,
                None => return self.builtin_complains("umask", &format!("{mask}: bad mask"), 1).await,
            },
        }
        Ok(0)
    }
}

/// A value as the shell would read it back.
pub(in crate::shell) fn quoted(value: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./:,+@%".contains(letter);
    if !value.is_empty() && value.chars().all(plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', "'\\''"))
}
