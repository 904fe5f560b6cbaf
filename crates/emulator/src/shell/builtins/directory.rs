//! `cd` and `pwd`.

use super::super::system::FileKind;
use super::super::{Done, Shell};

/// Components that a path may have.
const COMPONENTS_MAX: usize = 512;

impl Shell {
    pub(super) async fn cd(&mut self, arguments: &[String]) -> Done {
        let arguments: Vec<&String> =
            arguments.iter().filter(|argument| !matches!(argument.as_str(), "--" | "-P" | "-L")).collect();
        let (target, say) = match arguments.as_slice() {
            [] => (self.variables.get("HOME").unwrap_or("/").to_owned(), false),
            [target] if target.as_str() == "-" => match self.variables.get("OLDPWD") {
                Some(old) => (old.to_owned(), true),
                None => return self.builtin_complains("cd", "no OLDPWD", 2).await,
            },
            [target] => ((*target).clone(), false),
            _ => return self.builtin_complains("cd", "too many arguments", 2).await,
        };
        if target.is_empty() {
            return Ok(0);
        }
        let path = normal(&self.absolute(&target));
        let why = match self.system.stat(&path, true) {
            Ok(file) if file.kind == FileKind::Directory && file.mode & 0o111 == 0 => {
                "Permission denied".to_owned()
            }
            Ok(file) if file.kind == FileKind::Directory => {
                let old = std::mem::replace(&mut self.cwd, path.clone());
                self.assign("OLDPWD", &old).await?;
                self.assign("PWD", &path).await?;
                if say {
                    self.print(format!("{path}\n")).await?;
                }
                return Ok(0);
            }
            Ok(_) => "Not a directory".to_owned(),
            Err(why) => why.to_string(),
        };
        self.builtin_complains("cd", &format!("{target}: {why}"), 2).await
    }

    pub(super) async fn pwd(&mut self) -> Done {
        self.print(format!("{}\n", self.cwd)).await?;
        Ok(0)
    }
}

/// The path without `.`, `..` and doubled slashes.
fn normal(path: &str) -> String {
    let mut components: Vec<&str> = Vec::new();
    for component in path.split('/').take(COMPONENTS_MAX) {
        match component {
            "" | "." => {}
            ".." => {
                components.pop();
            }
            _ => components.push(component),
        }
    }
    format!("/{}", components.join("/"))
}
