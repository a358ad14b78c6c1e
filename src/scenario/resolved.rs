//! The resolved scenario: every value that counts, defaults filled in, as a scenario file of its own.
//!
//! Reading it gives the same values again. The fingerprint is taken of its canonical form, without comments, so it
//! says nothing about which values were typed and which were defaults.

/// One key in the resolved scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    key: String,
    /// TOML; `None`: the key has no value.
    value: Option<String>,
    default: bool,
}

impl Line {
    /// A key with a value in canonical form.
    pub fn value(key: &str, value: impl Into<String>, default: bool) -> Line {
        Line { key: key.to_string(), value: Some(value.into()), default }
    }

    /// A key without a value, which means that there is no such limit.
    pub fn none(key: &str) -> Line {
        Line { key: key.to_string(), value: None, default: true }
    }

    /// Whether the file says so.
    pub fn is_given(&self) -> bool {
        !self.default
    }

    /// Whether both mean the same; "none" is what no value means.
    pub fn says_the_same(&self, other: &Line) -> bool {
        let meaning = |line: &Line| line.value.clone().unwrap_or_else(|| "\"none\"".to_string());
        self.key == other.key && meaning(self) == meaning(other)
    }

    /// Whether the key has a value.
    pub fn has_value(&self) -> bool {
        self.value.is_some()
    }
}

/// The tables of a resolved scenario in their order.
#[derive(Clone, Debug, Default)]
pub struct Resolved {
    sections: Vec<(String, Vec<Line>)>,
}

impl Resolved {
    /// Adds a table; `header` with its brackets, empty for the top of the file.
    pub fn section(&mut self, header: &str, lines: Vec<Line>) {
        self.sections.push((header.to_string(), lines));
    }

    /// The file, defaults marked.
    pub fn text(&self) -> String {
        let lines = self.write(|line| match (&line.value, line.default) {
            (Some(value), true) => Some(format!("{} = {value}  # default", line.key)),
            (Some(value), false) => Some(format!("{} = {value}", line.key)),
            (None, _) => Some(format!("# {}: none", line.key)),
        });
        format!("# The scenario with every default filled in; it can be run as it is.\n{lines}")
    }

    /// The blake3 hash of the canonical form, in hexadecimal.
    pub fn fingerprint(&self) -> String {
        let canonical = self.write(|line| line.value.as_ref().map(|value| format!("{} = {value}", line.key)));
        blake3::hash(canonical.as_bytes()).to_hex().to_string()
    }

    fn write(&self, line: impl Fn(&Line) -> Option<String>) -> String {
        let mut text = String::new();
        for (header, lines) in &self.sections {
            if !header.is_empty() {
                text.push('\n');
                text.push_str(header);
                text.push('\n');
            }
            for shown in lines.iter().filter_map(&line) {
                text.push_str(&shown);
                text.push('\n');
            }
        }
        text
    }
}

/// `{ a = 1, b = 2 }` of the lines that have a value.
pub fn inline(lines: &[Line]) -> String {
    let parts: Vec<String> =
        lines.iter().filter_map(|line| line.value.as_ref().map(|value| format!("{} = {value}", line.key))).collect();
    format!("{{ {} }}", parts.join(", "))
}
