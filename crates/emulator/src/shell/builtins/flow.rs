//! What leaves loops, functions and shells, and what waits.

use super::super::{Done, Flow, Shell};

impl Shell {
    pub(super) async fn leave(&mut self, name: &str, arguments: &[String]) -> Done {
        let number = match arguments.first().map(|argument| argument.parse::<i64>()) {
            None => None,
            Some(Ok(number)) => Some(number),
            Some(Err(_)) => {
                let text =
                    format!("{}: bad number", arguments.first().map(String::as_str).unwrap_or_default());
                return self.builtin_complains(name, &text, 1).await;
            }
        };
        // An exit code is what fits into a byte.
        let code = number.map_or(self.status, |number| number.to_le_bytes()[0]);
        let levels =
            number.and_then(|number| u32::try_from(number).ok()).unwrap_or(1).clamp(1, self.loops.max(1));
        match name {
            "exit" => Err(Flow::Exit(code)),
            "return" => Err(Flow::Return(code)),
            _ if self.loops == 0 => self.builtin_complains(name, &format!("can't {name}"), 0).await,
            "break" => Err(Flow::Break(levels)),
            _ => Err(Flow::Continue(levels)),
        }
    }

    pub(super) async fn wait_command(&mut self, arguments: &[String]) -> Done {
        if arguments.is_empty() {
            for job in std::mem::take(&mut self.jobs) {
                job.wait().await;
            }
            return Ok(0);
        }
        let mut code = 0;
        for argument in arguments {
            let pid = argument.trim_start_matches('%').parse::<u32>().ok();
            code = match self.jobs.iter().position(|job| Some(job.pid) == pid) {
                Some(at) => self.jobs.swap_remove(at).wait().await,
                None => 127,
            };
        }
        Ok(code)
    }

    pub(super) async fn jobs_command(&mut self) -> Done {
        let mut text = String::new();
        for (at, job) in self.jobs.iter().enumerate() {
            let state = if job.ended() { "Done" } else { "Running" };
            text.push_str(&format!("[{}] {} {state}\n", at + 1, job.pid));
        }
        self.print(text).await?;
        Ok(0)
    }

    pub(super) async fn time(&mut self, arguments: &[String]) -> Done {
        let began = tokio::time::Instant::now();
        let code = self.call(arguments).await?;
        let ms = began.elapsed().as_millis();
        let real = format!("{}m{:02}.{:02}s", ms / 60_000, ms / 1000 % 60, ms / 10 % 100);
        let line = format!("{real:>10} real {:>10} user {:>10} system\n", "0m00.00s", "0m00.00s");
        let _ = self.descriptors.output(2).write(line).await;
        Ok(code)
    }

    /// Keeps what is to run at the shell's end; nothing here sends signals.
    pub(super) fn trap(&mut self, arguments: &[String]) -> Done {
        let arguments = if arguments.first().is_some_and(|first| first == "--") {
            arguments.get(1..).unwrap_or_default()
        } else {
            arguments
        };
        if let [action, signals @ ..] = arguments
            && signals.iter().any(|signal| matches!(signal.as_str(), "EXIT" | "0"))
        {
            self.exit_trap = (action != "-" && !action.is_empty()).then(|| action.clone());
        }
        Ok(0)
    }

    /// Runs what `trap … EXIT` asked for.
    pub(in crate::shell) async fn run_trap(&mut self) {
        if let Some(action) = self.exit_trap.take() {
            let _ = self.nested_script(&action).await;
        }
    }
}
