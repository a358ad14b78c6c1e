//! Mistakes in a scenario, each with its place, collected and shown all at once.

use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Renderer, Snippet};

/// A place in one of the texts a scenario is made of: bytes `start..end` of the file (`text` 0) or of a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// 0 is the file; the flags follow.
    pub text: usize,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// One mistake.
#[derive(Clone, Debug)]
pub struct Mistake {
    message: String,
    place: Place,
    /// Apart, so that a result with a mistake stays small.
    details: Box<Details>,
}

#[derive(Clone, Debug, Default)]
struct Details {
    label: String,
    second: Option<(Place, String)>,
    help: Option<String>,
}

impl Mistake {
    /// A mistake at a place.
    pub fn at(place: Place, message: impl Into<String>) -> Mistake {
        Mistake { message: message.into(), place, details: Box::default() }
    }

    /// What is wrong, in one sentence.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What stands beside the carets.
    pub fn label(mut self, label: impl Into<String>) -> Mistake {
        self.details.label = label.into();
        self
    }

    /// The other place that this one contradicts.
    pub fn and(mut self, place: Option<Place>, label: impl Into<String>) -> Mistake {
        self.details.second = place.map(|place| (place, label.into()));
        self
    }

    /// What to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Mistake {
        self.details.help = Some(help.into());
        self
    }
}

/// A text that places refer to.
#[derive(Clone, Debug)]
pub struct Text {
    /// What the `-->` line calls it.
    pub shown: String,
    /// The text itself.
    pub text: String,
}

/// All mistakes found, in the order of their places: the file first, then the flags.
pub fn render(texts: &[Text], mut mistakes: Vec<Mistake>) -> String {
    mistakes.sort_by_key(|mistake| mistake.place);
    let renderer = Renderer::plain().term_width(110);
    let mut shown = String::new();
    for mistake in &mistakes {
        shown.push_str(&renderer.render(&[group(texts, mistake)]));
        shown.push_str("\n\n");
    }
    let count = mistakes.len();
    let noun = if count == 1 { "mistake" } else { "mistakes" };
    shown.push_str(&format!("{count} {noun}; nothing was run\n"));
    shown
}

fn group<'a>(texts: &'a [Text], mistake: &'a Mistake) -> Group<'a> {
    let primary = annotation(texts, AnnotationKind::Primary, mistake.place, &mistake.details.label);
    let mut first = snippet(texts, mistake.place).annotation(primary);
    let mut elements: Vec<Element<'a>> = Vec::new();
    match &mistake.details.second {
        Some((place, label)) if place.text == mistake.place.text => {
            first = first.annotation(annotation(texts, AnnotationKind::Context, *place, label));
            elements.push(first.into());
        }
        Some((place, label)) => {
            elements.push(first.into());
            let context = annotation(texts, AnnotationKind::Context, *place, label);
            elements.push(snippet(texts, *place).annotation(context).into());
        }
        None => elements.push(first.into()),
    }
    if let Some(help) = &mistake.details.help {
        elements.push(Level::HELP.message(help.as_str()).into());
    }
    Level::ERROR.primary_title(mistake.message.as_str()).elements(elements)
}

fn snippet<'a>(texts: &'a [Text], place: Place) -> Snippet<'a, Annotation<'a>> {
    let text = &texts[place.text];
    Snippet::source(text.text.as_str()).path(text.shown.as_str())
}

fn annotation<'a>(texts: &[Text], kind: AnnotationKind, place: Place, label: &'a str) -> Annotation<'a> {
    let end = texts[place.text].text.len();
    let span = place.start.min(end)..place.end.min(end);
    let annotation = kind.span(span);
    if label.is_empty() { annotation } else { annotation.label(label) }
}

/// The known word nearest to a misspelt one, if any is near enough to be meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().max(word.len()).div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// "did you mean …?" or what there is to choose from.
pub fn suggestion(word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => format!("known are {}", listed(known)),
    }
}

/// Breaks a long sentence at its spaces, so that it stays readable beside the other lines.
pub fn wrapped(sentence: &str) -> String {
    const WIDTH: usize = 90;
    let mut lines = vec![String::new()];
    for word in sentence.split(' ') {
        let line = lines.last_mut().expect("there is always a line");
        if line.is_empty() {
            line.push_str(word);
        } else if line.len() + word.len() < WIDTH {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_string());
        }
    }
    lines.join("\n")
}

/// `a`, `b` and `c`.
pub fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        None => "none".to_string(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word_and_a_stranger_finds_none() {
        let known = ["visibility_timeout", "delay", "timeout"];
        assert_eq!(nearest("visibility_timout", known), Some("visibility_timeout"));
        assert_eq!(nearest("Delay", known), Some("delay"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(suggestion("colour", &known), "known are `visibility_timeout`, `delay` and `timeout`");
    }

    #[test]
    fn mistakes_are_shown_in_the_order_of_their_places_and_counted() {
        let texts = [Text { shown: "a.toml".into(), text: "seed = -1\ntitle = 3\n".into() }];
        let place = |start, end| Place { text: 0, start, end };
        let shown = render(
            &texts,
            vec![
                Mistake::at(place(18, 19), "second").help("do this"),
                Mistake::at(place(7, 9), "first").label("here").and(Some(place(18, 19)), "there"),
            ],
        );
        assert!(shown.find("first").expect("first") < shown.find("second").expect("second"), "{shown}");
        assert!(shown.contains("a.toml:1:8") && shown.contains("help: do this") && shown.contains("there"), "{shown}");
        assert!(shown.ends_with("2 mistakes; nothing was run\n"), "{shown}");
    }
}
