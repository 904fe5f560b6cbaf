//! `test`, `[` and `[[ ]]`.

use super::ast::{Part, Test, Word};
use super::field::Shape;
use super::limits::DEPTH_MAX;
use super::pattern::Pattern;
use super::system::{FileInfo, FileKind};
use super::{Flow, Shell, regex};
use futures::future::{BoxFuture, FutureExt};

impl Shell {
    /// What `[[ ]]` gives: whether it holds, or what is wrong with it.
    pub(super) fn double_brackets<'a>(
        &'a mut self,
        test: &'a Test,
    ) -> BoxFuture<'a, Result<Result<bool, String>, Flow>> {
        async move {
            self.descend().await?;
            let done = self.double_brackets_now(test).await;
            self.depth -= 1;
            done
        }
        .boxed()
    }

    async fn double_brackets_now(&mut self, test: &Test) -> Result<Result<bool, String>, Flow> {
        Ok(match test {
            Test::Or(tests) => self.first_that_is(true, tests).await?,
            Test::And(tests) => self.first_that_is(false, tests).await?,
            Test::Not(test) => self.double_brackets(test).await?.map(|holds| !holds),
            Test::Unary(operator, word) => {
                let value = self.text(word, Shape::Plain).await?;
                self.unary(operator, &value)
            }
            Test::Binary(operator, left, right) => {
                let left = self.text(left, Shape::Plain).await?;
                self.double_binary(operator, &left, right).await?
            }
        })
    }

    /// The first of some tests that gives this, or is wrong, decides; without one, it is the opposite.
    async fn first_that_is(&mut self, holds: bool, tests: &[Test]) -> Result<Result<bool, String>, Flow> {
        for test in tests {
            match self.double_brackets(test).await? {
                Ok(other) if other != holds => {}
                decided => return Ok(decided),
            }
        }
        Ok(Ok(!holds))
    }

    async fn double_binary(
        &mut self,
        operator: &str,
        left: &str,
        right: &Word,
    ) -> Result<Result<bool, String>, Flow> {
        match operator {
            "=" | "==" | "!=" => {
                let pattern = self.text(right, Shape::Pattern).await?;
                let (holds, work) = Pattern::new(&pattern).matches_counting(left);
                self.budget.work(work).await;
                Ok(Ok(holds != (operator == "!=")))
            }
            "=~" => {
                let mut expression = String::new();
                for part in &right.0 {
                    let text = self.text(&Word(vec![part.clone()]), Shape::Plain).await?;
                    match part {
                        Part::Quoted(_) | Part::Double(_) => expression.push_str(&regex_lite::escape(&text)),
                        _ => expression.push_str(&text),
                    }
                }
                Ok(regex::matches(&expression, left))
            }
            _ => {
                let right = self.text(right, Shape::Plain).await?;
                Ok(self.binary(operator, left, &right))
            }
        }
    }

    /// `test` with these arguments.
    pub(super) fn test(&mut self, arguments: &[String]) -> Result<bool, String> {
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        match words.as_slice() {
            [] => return Ok(false),
            [word] => return Ok(!word.is_empty()),
            ["!", word] => return Ok(word.is_empty()),
            [left, operator, right] if is_binary(operator) => return self.binary(operator, left, right),
            ["!", left, operator, right] if is_binary(operator) => {
                return self.binary(operator, left, right).map(|holds| !holds);
            }
            _ => {}
        }
        let mut at = 0;
        let holds = self.test_or(&words, &mut at, 0)?;
        match words.get(at) {
            None => Ok(holds),
            Some(word) if at + 1 < words.len() || at < 2 => {
                Err(format!("{word}: unexpected operator/operand"))
            }
            Some(word) => Err(format!("{word}: unexpected operator/operand")),
        }
    }

    fn test_or(&mut self, words: &[&str], at: &mut usize, depth: usize) -> Result<bool, String> {
        let mut holds = self.test_and(words, at, depth)?;
        while words.get(*at) == Some(&"-o") {
            *at += 1;
            holds |= self.test_and(words, at, depth)?;
        }
        Ok(holds)
    }

    fn test_and(&mut self, words: &[&str], at: &mut usize, depth: usize) -> Result<bool, String> {
        let mut holds = self.test_one(words, at, depth)?;
        while words.get(*at) == Some(&"-a") {
            *at += 1;
            holds &= self.test_one(words, at, depth)?;
        }
        Ok(holds)
    }

    fn test_one(&mut self, words: &[&str], at: &mut usize, depth: usize) -> Result<bool, String> {
        if depth >= DEPTH_MAX {
            return Err("too deep".to_owned());
        }
        let rest = words.get(*at..).unwrap_or_default();
        match rest {
            [] => Err("expression expected".to_owned()),
            [left, operator, right, ..] if is_binary(operator) => {
                *at += 3;
                self.binary(operator, left, right)
            }
            ["!", ..] => {
                *at += 1;
                self.test_one(words, at, depth + 1).map(|holds| !holds)
            }
            ["(", ..] => {
                *at += 1;
                let holds = self.test_or(words, at, depth + 1)?;
                if words.get(*at) != Some(&")") {
                    return Err("missing )".to_owned());
                }
                *at += 1;
                Ok(holds)
            }
            [operator, value, ..] if is_unary(operator) => {
                *at += 2;
                self.unary(operator, value)
            }
            [word, ..] => {
                *at += 1;
                Ok(!word.is_empty())
            }
        }
    }

    fn file(&self, path: &str, follow: bool) -> Option<FileInfo> {
        if path.is_empty() {
            return None;
        }
        match path {
            "/dev/null" | "/dev/tty" | "/dev/zero" => self
                .system
                .stat(path, follow)
                .ok()
                .or(Some(FileInfo { kind: FileKind::File, mode: 0o666, size: 0, mtime_s: 0, inode: 0 })),
            _ => self.system.stat(&self.absolute(path), follow).ok(),
        }
    }

    fn unary(&mut self, operator: &str, value: &str) -> Result<bool, String> {
        let file = |test: fn(&FileInfo) -> bool| self.file(value, true).is_some_and(|file| test(&file));
        Ok(match operator {
            "-n" => !value.is_empty(),
            "-z" => value.is_empty(),
            "-e" | "-a" => file(|_| true),
            "-f" => file(|file| file.kind == FileKind::File),
            "-d" => file(|file| file.kind == FileKind::Directory),
            "-s" => file(|file| file.size > 0),
            "-r" => file(|file| file.mode & 0o444 != 0),
            "-w" => file(|file| file.mode & 0o222 != 0),
            "-x" => file(|file| file.mode & 0o111 != 0),
            "-h" | "-L" => self.file(value, false).is_some_and(|file| file.kind == FileKind::Link),
            "-b" | "-p" | "-S" | "-u" | "-g" | "-k" => false,
            "-c" => value == "/dev/null" || value == "/dev/tty",
            "-t" => value.parse().is_ok_and(|number| self.descriptors.terminal(number)),
            "-o" => false,
            "-v" => self.variables.get(value).is_some(),
            _ => return Err(format!("{operator}: unexpected operator/operand")),
        })
    }

    fn binary(&mut self, operator: &str, left: &str, right: &str) -> Result<bool, String> {
        let numbers = |compare: fn(&i32, &i32) -> bool, shell: &mut Self| {
            let mut number = |text: &str| super::arithmetic::evaluate(text, &mut shell.variables);
            Ok::<bool, String>(compare(&number(left)?, &number(right)?))
        };
        let changed = |path| self.file(path, true).map(|file| file.mtime_s);
        Ok(match operator {
            "=" | "==" => left == right,
            "!=" => left != right,
            "<" => left < right,
            ">" => left > right,
            "-nt" => changed(left) > changed(right),
            "-ot" => changed(left) < changed(right),
            "-ef" => {
                let inode = |path| self.file(path, true).map(|file| file.inode);
                inode(left).is_some() && inode(left) == inode(right)
            }
            "-eq" => numbers(i32::eq, self)?,
            "-ne" => numbers(i32::ne, self)?,
            "-lt" => numbers(i32::lt, self)?,
            "-le" => numbers(i32::le, self)?,
            "-gt" => numbers(i32::gt, self)?,
            "-ge" => numbers(i32::ge, self)?,
            _ => return Err(format!("{operator}: unexpected operator/operand")),
        })
    }
}

fn is_binary(word: &str) -> bool {
    matches!(
        word,
        "=" | "==" | "!=" | "<" | ">" | "-nt" | "-ot" | "-ef" | "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge"
    )
}

fn is_unary(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next() == Some('-')
        && letters.next().is_some_and(|letter| "nzefdsrwxhLbpSugkctovaG".contains(letter))
        && letters.next().is_none()
}
