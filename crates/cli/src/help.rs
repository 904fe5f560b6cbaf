//! The top-level help: verbs in two groups.

use clap::Command;

/// The operator verbs; all others are client verbs. Those that everybody needs come last.
const OPERATOR: [&str; 9] =
    ["serve", "demo", "project", "user", "access-key", "image", "server", "adb-key", "phone"];
const OWN: [&str; 2] = ["completions", "man"];

/// Gives a command a help that groups its verbs.
pub fn grouped(command: Command) -> Command {
    let of = |group: &dyn Fn(&str) -> bool| -> String {
        let verbs = command.get_subcommands().filter(|verb| group(verb.get_name()));
        verbs
            .map(|verb| format!("  {:<13}{}\n", verb.get_name(), verb.get_about().unwrap_or_default()))
            .collect()
    };
    let client = of(&|name| !OPERATOR.contains(&name) && !OWN.contains(&name) && name != "help");
    let operator = of(&|name| OPERATOR.contains(&name));
    let own = of(&|name| OWN.contains(&name));
    let template = format!(
        "{{about}}\n\n{{usage-heading}} {{usage}}\n\n\
        Client verbs, which use a service over its API:\n{client}\n\
        Operator verbs, which run a service and fill it:\n{operator}\n\
        About this program:\n{own}\n\
        Options:\n{{options}}\n\n\
        First steps:\n  \
        phoneyard demo                      a service with ten phones; writes demo-data/demo.env\n  \
        . demo-data/demo.env                tell the client verbs where it is and who you are\n  \
        phoneyard phones list\n  \
        phoneyard restart --all --wait\n\n\
        `phoneyard VERB --help` tells all about a verb.\n"
    );
    command.help_template(template)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_are_shown_in_their_group() {
        let verb = |name: &'static str| Command::new(name).about(format!("does {name}"));
        let command = Command::new("x").subcommands(["restart", "serve", "man"].map(verb));
        let help = grouped(command).render_help().to_string();
        let at = |text: &str| help.find(text).unwrap_or_else(|| panic!("{text} is not in {help}"));
        assert!(at("Client verbs") < at("does restart"));
        assert!(at("does restart") < at("Operator verbs"));
        assert!(at("Operator verbs") < at("does serve") && at("does serve") < at("does man"));
    }
}
