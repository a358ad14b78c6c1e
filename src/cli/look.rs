//! What the screen can show: how wide it is, whether it has more than ASCII, and colour.

use std::io::IsTerminal;

use clap::ValueEnum;

/// Columns of whatever is not a terminal, so that what is piped is always the same, and the most that is used.
pub(super) const COLUMNS: usize = 80;
/// Less than this is not legible, whatever a terminal says.
const FEWEST: usize = 40;

/// When colour is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR or TERM=dumb says otherwise
    #[default]
    Auto,
    /// Always, also into a pipe
    Always,
    /// Never
    Never,
}

impl Colour {
    /// From now on, on stdout and stderr.
    pub(super) fn choose(self) {
        let choice = match self {
            Colour::Auto => anstream::ColorChoice::Auto,
            Colour::Always => anstream::ColorChoice::Always,
            Colour::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}

/// Columns for a summary: what COLUMNS says, else the terminal's own, from 40 to 80; 80 into a pipe.
pub(super) fn width() -> usize {
    let said = set("COLUMNS").and_then(|columns| columns.parse::<usize>().ok()).filter(|columns| *columns > 0);
    let measured = || {
        let size = std::io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
        size.map(|(width, _)| usize::from(width.0)).filter(|columns| *columns > 0)
    };
    said.or_else(measured).unwrap_or(COLUMNS).clamp(FEWEST, COLUMNS)
}

/// Whether signs beyond ASCII can be shown: unless the locale says that it has none.
pub(super) fn unicode() -> bool {
    let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
    locale.is_none_or(|name| name.to_uppercase().replace('-', "").contains("UTF8"))
}

/// Whether stderr is watched by a person, on a terminal that can move its cursor.
pub(super) fn watched() -> bool {
    std::io::stderr().is_terminal() && set("TERM").is_none_or(|name| name != "dumb")
}

fn set(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
