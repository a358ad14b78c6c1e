//! `simulate completions` and `simulate man`: what a package puts beside the command, made of the options themselves.

use clap::{Command, CommandFactory};
use clap_complete::Shell;

use super::{CommandLine, Ending, print};
use crate::scenario::nearest;

const NAME: &str = "simulate";

/// Completions of a shell.
pub(super) fn completions(shell: Shell) -> Result<(), Ending> {
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut CommandLine::command(), NAME, &mut bytes);
    print(&String::from_utf8_lossy(&bytes))
}

/// The manual page of the command, or of one of its commands.
pub(super) fn man(command: Option<&str>) -> Result<(), Ending> {
    let mut whole = CommandLine::command();
    whole.build();
    let page = match command {
        None => whole,
        Some(name) => part(&whole, name)?,
    };
    let mut bytes = Vec::new();
    clap_mangen::Man::new(page)
        .render(&mut bytes)
        .map_err(|error| Ending::Failed(format!("error: cannot make the manual page: {error}")))?;
    print(&String::from_utf8_lossy(&bytes))
}

fn part(whole: &Command, name: &str) -> Result<Command, Ending> {
    if let Some(found) = whole.get_subcommands().find(|command| command.get_name() == name) {
        return Ok(found.clone());
    }
    let names = || whole.get_subcommands().map(Command::get_name);
    let help = match nearest(name, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the commands are {}", names().collect::<Vec<_>>().join(", ")),
    };
    Err(Ending::Refused(format!("error: there is no command `{name}`\n  = help: {help}")))
}
