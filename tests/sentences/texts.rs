//! The sentences of a report: what a reader sees, without markup, code, the scenario itself, ticks of axes and the line that
//! says what made it.

use std::fs;
use std::path::Path;

/// Where a sentence stands, and what it says.
pub type Sentence = (String, String);

/// All sentences of the page, of the summary and of the charts, as far as the folder has them.
pub fn sentences(folder: &Path) -> Vec<Sentence> {
    let mut all = Vec::new();
    let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
    if let Some(page) = read("index.html") {
        let (body, pictures) = without_pictures(&page);
        all.extend(of_markup("index.html", &body));
        for picture in pictures {
            all.extend(of_picture("index.html", &picture));
        }
    }
    if let Some(summary) = read("summary.md") {
        let own = summary.split("\n## Notes").next().unwrap_or_default();
        let lines = own.lines().filter(|line| !line.starts_with("simulate "));
        all.extend(lines.map(|line| ("summary.md".to_owned(), without_code(line))));
    }
    let charts = fs::read_dir(folder.join("charts")).into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut charts: Vec<_> = charts.filter(|path| path.extension().is_some_and(|kind| kind == "svg")).collect();
    charts.sort();
    for chart in charts {
        let name = format!("charts/{}", chart.file_name().unwrap().to_string_lossy());
        all.extend(of_picture(&name, &fs::read_to_string(&chart).unwrap()));
    }
    all
}

fn without_pictures(page: &str) -> (String, Vec<String>) {
    let (mut body, mut pictures) = (String::new(), Vec::new());
    let mut rest = page;
    while let Some((before, after)) = rest.split_once("<svg ") {
        let (picture, behind) = after.split_once("</svg>").expect("a picture ends");
        body.push_str(before);
        pictures.push(format!("<svg {picture}</svg>"));
        rest = behind;
    }
    body.push_str(rest);
    (body, pictures)
}

/// Without the elements that are no sentences of the report's own: style, script, the scenario, code, the numbers behind
/// charts (held against timeline.csv elsewhere), the words, the foot.
fn of_markup(name: &str, markup: &str) -> Vec<Sentence> {
    let mut text = markup.to_owned();
    for (from, to) in [
        ("<style>", "</style>"),
        ("<script>", "</script>"),
        ("<pre", "</pre>"),
        ("<code>", "</code>"),
        ("<details class=\"data\"", "</details>"),
        ("<section id=\"glossary\">", "</section>"),
        // The checks of the scenario, which are tested where they are made.
        ("<section id=\"notes\">", "</section>"),
        ("<footer>", "</footer>"),
    ] {
        while let Some((before, after)) = text.split_once(from) {
            let (_, after) = after.split_once(to).expect("it ends");
            text = format!("{before} {after}");
        }
    }
    // A line of its own for every element that holds words.
    let mut lines = vec![String::new()];
    for part in text.split('<') {
        let (tag, words) = part.split_once('>').unwrap_or(("", part));
        if !matches!(tag, "i aria-hidden=\"true\"" | "b" | "/b" | "/i" | "span" | "/span" | "br" | "small" | "/small") {
            lines.push(String::new());
        }
        let line = lines.last_mut().unwrap();
        line.push(' ');
        line.push_str(&plain(words));
    }
    lines.retain(|line| !line.trim().is_empty());
    lines.into_iter().map(|line| (name.to_owned(), line)).collect()
}

/// Title, description and labels; regular letters that are a number alone are ticks of an axis.
fn of_picture(name: &str, svg: &str) -> Vec<Sentence> {
    let mut all = Vec::new();
    for element in ["title", "desc"] {
        if let Some((_, after)) = svg.split_once(&format!("<{element}")) {
            let words = after.split_once('>').unwrap().1.split_once(&format!("</{element}>")).unwrap().0;
            all.push((format!("{name} {element}"), plain(words)));
        }
    }
    for text in svg.split("<text").skip(1) {
        let (tag, rest) = text.split_once('>').unwrap();
        let words = plain(rest.split('<').next().unwrap_or_default());
        let tick = !tag.contains("font-weight")
            && !words.chars().any(|letter| letter.is_alphabetic() && !"mshink".contains(letter));
        if !tick && !words.starts_with("simulate ") {
            all.push((format!("{name} label"), words));
        }
    }
    all
}

fn plain(words: &str) -> String {
    let words = words.replace('\n', " ");
    words.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}

fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<&str>>().join(" ")
}
