//! `find`.

use super::mode::WALK_MAX;
use super::output::{CLOSED, Printer};
use crate::files::stat::{Kind, Stat};
use crate::guest::Guest;
use crate::pipe::{Closed, Input};
use crate::program::{Process, Running};
use crate::shell::pattern::Pattern;
use crate::shell::run_program;

/// Tests of one expression.
const TESTS_MAX: usize = 100;
/// Names that `-exec … +` gives one command.
const BATCH_MAX: usize = 1000;

#[derive(Debug, Clone)]
enum Test {
    Name(Pattern, bool),
    Path(Pattern),
    Kind(char),
    /// How it compares to a number of units, and the unit.
    Size(std::cmp::Ordering, u64, u64),
    /// Changed so many days ago.
    Days(std::cmp::Ordering, i64),
    Newer(i64),
    Empty,
    Print(&'static str),
    Delete,
    Exec(Vec<String>, bool),
    /// The next alternative begins.
    Or,
    Not,
}

#[derive(Debug, Default)]
struct Search {
    tests: Vec<Test>,
    depth_max: Option<usize>,
    depth_min: usize,
}

/// Finds files.
pub(super) fn find(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        // Links are never gone through: a walk ends.
        let links = process.arguments().iter().take_while(|word| matches!(word.as_str(), "-L" | "-H" | "-P"));
        let arguments = process.arguments().get(links.count()..).unwrap_or_default();
        let first =
            arguments.iter().position(|word| word.starts_with(['-', '!', '('])).unwrap_or(arguments.len());
        let (tops, words) = arguments.split_at_checked(first).unwrap_or((arguments, &[]));
        let search = match parse(&guest, &process, words) {
            Ok(search) => search,
            Err(why) => return process.complain(why).await,
        };
        let tops = if tops.is_empty() { vec![".".to_owned()] } else { tops.to_vec() };
        search_all(&guest, &process, &search, &tops).await.unwrap_or(CLOSED)
    })
}

fn parse(guest: &Guest, process: &Process, words: &[String]) -> Result<Search, String> {
    let mut search = Search::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if search.tests.len() >= TESTS_MAX {
            return Err("too many tests".to_owned());
        }
        let mut value = || words.next().map(String::as_str).ok_or_else(|| format!("'{word}' needs 1 arg"));
        let test = match word.as_str() {
            "-name" => Test::Name(Pattern::new(value()?), false),
            "-iname" => Test::Name(Pattern::new(&value()?.to_lowercase()), true),
            "-path" | "-wholename" => Test::Path(Pattern::new(value()?)),
            "-type" => Test::Kind(value()?.chars().next().unwrap_or('f')),
            "-maxdepth" => {
                search.depth_max = Some(value()?.parse().map_err(|_| "bad -maxdepth".to_owned())?);
                continue;
            }
            "-mindepth" => {
                search.depth_min = value()?.parse().map_err(|_| "bad -mindepth".to_owned())?;
                continue;
            }
            "-size" => sized(value()?)?,
            "-mtime" => {
                let (order, days) = compared(value()?);
                Test::Days(order, days.parse().map_err(|_| "bad -mtime".to_owned())?)
            }
            "-newer" => {
                let file = value()?;
                let stat = guest.stat(&process.path(file)).map_err(|why| format!("{file}: {why}"))?;
                Test::Newer(stat.mtime_s)
            }
            "-empty" => Test::Empty,
            "-print" => Test::Print("\n"),
            "-print0" => Test::Print("\0"),
            "-delete" => Test::Delete,
            "-exec" | "-ok" => {
                let mut command = Vec::new();
                let mut many = None;
                for word in words.by_ref() {
                    if word == ";" || word == "+" && command.last().is_some_and(|last| last == "{}") {
                        many = Some(word == "+");
                        break;
                    }
                    command.push(word.clone());
                }
                Test::Exec(command, many.ok_or("-exec needs ;")?)
            }
            "-o" | "-or" => Test::Or,
            "!" | "-not" => Test::Not,
            "-a" | "-and" | "-true" | "-depth" | "-xdev" | "-follow" => continue,
            _ => return Err(format!("bad arg '{word}'")),
        };
        search.tests.push(test);
    }
    Ok(search)
}

/// `+n`, `-n` or `n`.
fn compared(text: &str) -> (std::cmp::Ordering, &str) {
    use std::cmp::Ordering::{Equal, Greater, Less};
    match text.strip_prefix('+') {
        Some(rest) => (Greater, rest),
        None => text.strip_prefix('-').map_or((Equal, text), |rest| (Less, rest)),
    }
}

fn sized(text: &str) -> Result<Test, String> {
    let (order, number) = compared(text);
    let digits = number.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = match number.get(digits.len()..).unwrap_or_default() {
        "" | "b" => 512,
        "c" => 1,
        "k" => 1 << 10,
        "M" => 1 << 20,
        "G" => 1 << 30,
        _ => return Err(format!("bad -size '{text}'")),
    };
    digits.parse().map(|number| Test::Size(order, number, unit)).map_err(|_| format!("bad -size '{text}'"))
}

/// A file that was found: as it is named, its path, and how deep it is.
struct Found {
    name: String,
    path: String,
    stat: Stat,
    depth: usize,
}

async fn search_all(
    guest: &Guest,
    process: &Process,
    search: &Search,
    tops: &[String],
) -> Result<u8, Closed> {
    let mut run = Run { guest, process, printer: Printer::new(&process.stdout), batch: Vec::new(), code: 0 };
    let deleting = search.tests.iter().any(|test| matches!(test, Test::Delete));
    for top in tops {
        let path = process.path(top);
        let stat = match guest.lstat(&path) {
            Ok(stat) => stat,
            Err(why) => {
                run.code = process.complain(format!("'{top}': {why}")).await;
                continue;
            }
        };
        let mut open = vec![Found { name: top.clone(), path, stat, depth: 0 }];
        // What is to be removed comes behind what is in it.
        let mut later = Vec::new();
        let mut seen = 0;
        while let Some(found) = open.pop() {
            seen += 1;
            if seen > WALK_MAX {
                break;
            }
            tokio::task::consume_budget().await;
            if found.stat.kind == Kind::Directory && search.depth_max.is_none_or(|max| found.depth < max) {
                match guest.list(&found.path) {
                    Ok(list) => open.extend(list.into_iter().rev().map(|(name, stat)| Found {
                        name: format!("{}/{name}", found.name.trim_end_matches('/')),
                        path: format!("{}/{name}", found.path.trim_end_matches('/')),
                        stat,
                        depth: found.depth + 1,
                    })),
                    Err(why) => run.code = process.complain(format!("'{}': {why}", found.name)).await,
                }
            }
            if found.depth < search.depth_min {
                continue;
            }
            if deleting { later.push(found) } else { run.look(search, &found).await? }
        }
        for found in later.into_iter().rev() {
            run.look(search, &found).await?;
        }
    }
    run.flush(search).await?;
    run.printer.flush().await?;
    Ok(run.code)
}

struct Run<'a> {
    guest: &'a Guest,
    process: &'a Process,
    printer: Printer,
    batch: Vec<String>,
    code: u8,
}

impl Run<'_> {
    /// Tests a file, and does with it what is asked.
    async fn look(&mut self, search: &Search, found: &Found) -> Result<(), Closed> {
        let acts =
            search.tests.iter().any(|test| matches!(test, Test::Print(_) | Test::Delete | Test::Exec(..)));
        for tests in search.tests.split(|test| matches!(test, Test::Or)) {
            let mut holds = true;
            let mut not = false;
            for test in tests {
                if matches!(test, Test::Not) {
                    not = !not;
                    continue;
                }
                holds = self.test(test, search, found).await? != std::mem::take(&mut not);
                if !holds {
                    break;
                }
            }
            if holds {
                if !acts {
                    self.printer.line(&found.name).await?;
                }
                return Ok(());
            }
        }
        Ok(())
    }

    async fn test(&mut self, test: &Test, search: &Search, found: &Found) -> Result<bool, Closed> {
        let stat = &found.stat;
        Ok(match test {
            Test::Name(pattern, fold) => {
                let name = super::links::last_part(&found.name);
                if *fold { pattern.matches(&name.to_lowercase()) } else { pattern.matches(name) }
            }
            Test::Path(pattern) => pattern.matches(&found.name),
            Test::Kind(letter) => match stat.kind {
                Kind::File => *letter == 'f',
                Kind::Directory => *letter == 'd',
                Kind::Link => *letter == 'l',
            },
            Test::Size(order, number, unit) => stat.size.div_ceil(*unit).cmp(number) == *order,
            Test::Days(order, days) => {
                let now_s = self.guest.clock().wall_ms().div_euclid(1000);
                (now_s.saturating_sub(stat.mtime_s) / 86_400).cmp(days) == *order
            }
            Test::Newer(mtime_s) => stat.mtime_s > *mtime_s,
            Test::Empty => match stat.kind {
                Kind::Directory => self.guest.list(&found.path).is_ok_and(|list| list.is_empty()),
                Kind::File | Kind::Link => stat.size == 0,
            },
            Test::Print(end) => {
                self.printer.print(format!("{}{end}", found.name)).await?;
                true
            }
            Test::Delete => {
                let removed = match stat.kind {
                    Kind::Directory => self.guest.rmdir(&found.path),
                    Kind::File | Kind::Link => self.guest.unlink(&found.path),
                };
                if let Err(why) = &removed {
                    self.code = self.process.complain(format!("'{}': {why}", found.name)).await;
                }
                removed.is_ok()
            }
            Test::Exec(_, true) => {
                self.batch.push(found.name.clone());
                if self.batch.len() >= BATCH_MAX {
                    self.flush(search).await?;
                }
                true
            }
            Test::Exec(command, false) => {
                let argv = command.iter().map(|word| word.replace("{}", &found.name)).collect();
                self.exec(argv).await? == 0
            }
            Test::Or | Test::Not => true,
        })
    }

    /// Runs the commands that take many names.
    async fn flush(&mut self, search: &Search) -> Result<(), Closed> {
        let batch = std::mem::take(&mut self.batch);
        let command = search.tests.iter().find_map(|test| match test {
            Test::Exec(command, true) => Some(command),
            _ => None,
        });
        if let Some(command) = command.filter(|_| !batch.is_empty()) {
            let own = command.iter().filter(|word| *word != "{}").cloned();
            if self.exec(own.chain(batch).collect()).await? != 0 {
                self.code = 1;
            }
        }
        Ok(())
    }

    async fn exec(&mut self, argv: Vec<String>) -> Result<u8, Closed> {
        self.printer.flush().await?;
        let name = argv.first().cloned().unwrap_or_default();
        let process = Process { argv, stdin: Input::empty(), ..self.process.clone() };
        Ok(match run_program(self.guest, process) {
            Ok(running) => running.await,
            Err(_) => self.process.complain(format!("exec {name}: No such file or directory")).await,
        })
    }
}
