//! `phoneyard completions` and `phoneyard man`.

use crate::failure::Failure;
use crate::out::write;
use clap::Command;
use clap_complete::Shell;

/// The completions of a shell.
///
/// # Errors
/// Standard output cannot be written.
pub fn completions(mut command: Command, shell: Shell) -> Result<u8, Failure> {
    let name = command.get_name().to_string();
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut text);
    write(&String::from_utf8_lossy(&text)).map(|()| 0)
}

/// The manual page of a verb, or of the whole.
///
/// # Errors
/// There is no such verb, or standard output cannot be written.
pub fn man(mut command: Command, verb: &[String]) -> Result<u8, Failure> {
    command.build();
    let mut page = &command;
    for word in verb {
        page = page
            .find_subcommand(word)
            .ok_or_else(|| Failure::usage(format!("there is no verb '{}'", verb.join(" "))))?;
    }
    let mut text = Vec::new();
    // A page tells everything, also what the short help leaves out.
    let page = page.clone().mut_args(|argument| argument.hide_short_help(false));
    clap_mangen::Man::new(page)
        .render(&mut text)
        .map_err(|e| Failure::usage(format!("no manual page: {e}")))?;
    write(&String::from_utf8_lossy(&text)).map(|()| 0)
}
