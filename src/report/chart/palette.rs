//! The inks of the charts: one name per meaning, a light and a dark colour each.
//!
//! Every light colour occurs once, so that a style sheet can map it to its dark twin by its attribute alone. The
//! series colours are those of Okabe and Ito, told apart by every kind of colour vision.

use crate::measure::findings::Design;

/// What a stroke, an area or a text means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Canvas and halo.
    Background,
    /// Titles.
    Title,
    /// Annotations.
    Note,
    /// Tick labels and subtitles.
    Quiet,
    /// Horizontal lines, phase lines, rules.
    Grid,
    /// Zero line, tick marks, time limits that are configured.
    Axis,
    /// The rush.
    Band,
    /// While a fault is open.
    Fault,
    /// When that begins and ends.
    FaultEdge,
    /// Offered load: its line.
    Offered,
    /// Offered load: its area.
    OfferedFill,
    /// Offered load: its label.
    OfferedText,
    /// The buffered design: its line.
    Buffered,
    /// The buffered design: its labels.
    BufferedText,
    /// A stock of the buffered design: its area.
    BufferedTint,
    /// Late, in the buffered design.
    BufferedMid,
    /// The direct design: its line.
    Direct,
    /// The direct design: its labels.
    DirectText,
    /// Late, in the direct design.
    DirectMid,
    /// Answered with no: neither confirmed nor lost.
    Declined,
    /// Text on the fill of the buffered design.
    OnDark,
    /// Text on every other fill.
    OnLight,
    /// A limit or an objective.
    Limit,
    /// Never confirmed.
    Hatch,
    /// All replications of the direct design.
    DirectTint,
    /// A stage: at work.
    Work,
    /// A stage: waiting for redelivery.
    Redelivery,
    /// A stage: an environment starts.
    ColdStart,
    /// Every other stage: hops between services.
    Hop,
}

impl Ink {
    /// All inks.
    pub const ALL: [Ink; 29] = [
        Ink::Background,
        Ink::Title,
        Ink::Note,
        Ink::Quiet,
        Ink::Grid,
        Ink::Axis,
        Ink::Band,
        Ink::Fault,
        Ink::FaultEdge,
        Ink::Offered,
        Ink::OfferedFill,
        Ink::OfferedText,
        Ink::Buffered,
        Ink::BufferedText,
        Ink::BufferedTint,
        Ink::BufferedMid,
        Ink::Direct,
        Ink::DirectText,
        Ink::DirectMid,
        Ink::Declined,
        Ink::OnDark,
        Ink::OnLight,
        Ink::Limit,
        Ink::Hatch,
        Ink::DirectTint,
        Ink::Work,
        Ink::Redelivery,
        Ink::ColdStart,
        Ink::Hop,
    ];

    /// The colour on a light ground and on a dark one, as `0xRRGGBB`.
    pub const fn light_and_dark(self) -> (u32, u32) {
        match self {
            Ink::Background => (0xffffff, 0x0e1217),
            Ink::Title => (0x14181d, 0xeef1f5),
            Ink::Note => (0x474f5a, 0xb9c2cd),
            Ink::Quiet => (0x69727e, 0x8f9aa7),
            Ink::Grid => (0xe6e9ed, 0x232a33),
            Ink::Axis => (0x8d97a3, 0x5a6673),
            Ink::Band => (0xf4f5f7, 0x161c23),
            Ink::Fault => (0xe9e5ef, 0x292334),
            Ink::FaultEdge => (0x857c93, 0x8d84a0),
            Ink::Offered => (0x8a9097, 0x8f98a3),
            Ink::OfferedFill => (0xe2e5e9, 0x29313a),
            Ink::OfferedText => (0x6f7680, 0xa3adb8),
            Ink::Buffered => (0x0072b2, 0x56b4e9),
            Ink::BufferedText => (0x00639b, 0x6fc0ee),
            Ink::BufferedTint => (0xd5e8f3, 0x15303f),
            Ink::BufferedMid => (0x7fb8d8, 0x4a93bd),
            Ink::Direct => (0xd55e00, 0xe69f00),
            Ink::DirectText => (0xa84800, 0xf0ae2b),
            Ink::DirectMid => (0xefb389, 0xc08a1c),
            Ink::Declined => (0xc3c9d1, 0x4f5a66),
            Ink::OnDark => (0xfefefe, 0x0f1318),
            Ink::OnLight => (0x13171b, 0x0d1115),
            Ink::Limit => (0x15191e, 0xf1f4f8),
            Ink::Hatch => (0xb9c0c8, 0x4a5562),
            Ink::DirectTint => (0xf9e4d4, 0x35261a),
            Ink::Work => (0x009e73, 0x2fbf93),
            Ink::Redelivery => (0xcc79a7, 0xd993b8),
            Ink::ColdStart => (0xe6d75a, 0xd2c44e),
            Ink::Hop => (0xc4cad2, 0x505b67),
        }
    }

    /// Its name in a style sheet.
    pub const fn name(self) -> &'static str {
        match self {
            Ink::Background => "background",
            Ink::Title => "title",
            Ink::Note => "note",
            Ink::Quiet => "quiet",
            Ink::Grid => "grid",
            Ink::Axis => "axis",
            Ink::Band => "band",
            Ink::Fault => "fault",
            Ink::FaultEdge => "fault-edge",
            Ink::Offered => "offered",
            Ink::OfferedFill => "offered-fill",
            Ink::OfferedText => "offered-text",
            Ink::Buffered => "buffered",
            Ink::BufferedText => "buffered-text",
            Ink::BufferedTint => "buffered-tint",
            Ink::BufferedMid => "buffered-mid",
            Ink::Direct => "direct",
            Ink::DirectText => "direct-text",
            Ink::DirectMid => "direct-mid",
            Ink::Declined => "declined",
            Ink::OnDark => "on-dark",
            Ink::OnLight => "on-light",
            Ink::Limit => "limit",
            Ink::Hatch => "hatch",
            Ink::DirectTint => "direct-tint",
            Ink::Work => "work",
            Ink::Redelivery => "redelivery",
            Ink::ColdStart => "cold-start",
            Ink::Hop => "hop",
        }
    }

    /// The colour on a light ground: red, green, blue.
    pub const fn rgb(self) -> (u8, u8, u8) {
        let [_, red, green, blue] = self.light_and_dark().0.to_be_bytes();
        (red, green, blue)
    }

    /// The line of a design.
    pub const fn line_of(design: Design) -> Ink {
        match design {
            Design::Buffered => Ink::Buffered,
            Design::Direct => Ink::Direct,
        }
    }

    /// What came late in a design.
    pub const fn mid_of(design: Design) -> Ink {
        match design {
            Design::Buffered => Ink::BufferedMid,
            Design::Direct => Ink::DirectMid,
        }
    }

    /// All replications of a design.
    pub const fn tint_of(design: Design) -> Ink {
        match design {
            Design::Buffered => Ink::BufferedTint,
            Design::Direct => Ink::DirectTint,
        }
    }

    /// Text on the fill of a design's line.
    pub const fn on(design: Design) -> Ink {
        match design {
            Design::Buffered => Ink::OnDark,
            Design::Direct => Ink::OnLight,
        }
    }

    /// The labels of a design (a shade with the contrast that text needs).
    pub const fn text_of(design: Design) -> Ink {
        match design {
            Design::Buffered => Ink::BufferedText,
            Design::Direct => Ink::DirectText,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Ink;

    #[test]
    fn every_light_colour_occurs_once_so_that_dark_rules_are_unambiguous() {
        let mut colours: Vec<u32> = Ink::ALL.iter().map(|ink| ink.light_and_dark().0).collect();
        colours.sort_unstable();
        colours.dedup();
        assert_eq!(colours.len(), Ink::ALL.len());
    }
}
