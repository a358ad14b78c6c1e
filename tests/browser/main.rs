//! The report's page in a real browser. Needs a Chromium, so it is asked for: `cargo test --test browser -- --ignored`.

mod devtools;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use devtools::Browser;
use serde_json::{Value, json};

/// Widths in px: a telephone, a desk, and A4 between margins of 16 mm.
const TELEPHONE: u32 = 380;
const DESK: u32 = 1_200;
const PAPER: u32 = 672;
/// Scenarios run for this test besides the committed reports, light ones that look different.
const FRESH: [&str; 4] = [
    "tests/sentences/scenarios/direct-is-fine.toml",
    "tests/sentences/scenarios/queue-is-worse.toml",
    "tests/sentences/scenarios/refused-at-the-door.toml",
    "templates/retry-storm.toml",
];

/// Boxes that stand out to the right of the page, but for those in a part that scrolls by itself.
const TOO_WIDE: &str = "(() => {
  const edge = document.documentElement.clientWidth + 1;
  const all = [...document.body.querySelectorAll('*')].filter(e => !e.closest('.scroll, pre, details:not([open]), svg'));
  const wide = all.filter(e => e.getBoundingClientRect().right > edge).map(e => e.tagName + ' ' + e.className);
  const texts = [...document.querySelectorAll('svg text')].filter(e => {
    const box = e.getBoundingClientRect();
    return box.width && (box.right > edge || box.left < -1);
  }).map(e => e.textContent);
  if (document.documentElement.scrollWidth > edge) wide.push('the page itself: ' + document.documentElement.scrollWidth);
  return wide.concat(texts);
})()";

/// The pictures that can be seen, by name, each with the number of marks that have an extent.
const SEEN: &str = "[...document.querySelectorAll('figure > div > svg')].filter(s => s.getBoundingClientRect().height > 80)
  .map(s => [s.id, s.querySelector('title').textContent,
    [...s.querySelectorAll('polyline, polygon, rect, circle, text, line')].filter(m => { const b = m.getBBox(); return b.width + b.height > 0; }).length])";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folders of the committed reports that hold a page, and of reports made now.
fn reports(place: &Path) -> Vec<PathBuf> {
    let committed = fs::read_dir(root().join("reports")).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = committed.filter(|folder| folder.join("index.html").exists()).collect();
    assert!(!folders.is_empty(), "a page is committed");
    for scenario in FRESH {
        let folder = place.join(Path::new(scenario).file_stem().unwrap());
        let run = Command::new(env!("CARGO_BIN_EXE_simulate"))
            .current_dir(root())
            .args([scenario, "--charts", "svg", "--out"])
            .arg(&folder)
            .output()
            .unwrap();
        assert!(matches!(run.status.code(), Some(0 | 3)), "{scenario}: {}", String::from_utf8_lossy(&run.stderr));
        folders.push(folder);
    }
    folders.sort();
    folders
}

/// The charts that the report has, by its manifest.
fn charts(folder: &Path) -> Vec<String> {
    let manifest: Value = serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    let files = manifest["files"].as_object().unwrap().keys();
    let name = |file: &String| Some(file.strip_prefix("charts/")?.strip_suffix(".svg")?.to_owned());
    let mut names: Vec<String> = files.filter_map(name).collect();
    names.sort();
    assert!(names.len() >= 5, "{names:?}");
    names
}

/// Every chart is there in the one layout, with marks and a name, and in the other it is hidden.
fn shows_every_chart(browser: &mut Browser, names: &[String], layout: &str) -> Vec<(String, String)> {
    let seen = browser.value(SEEN);
    let mut shown: Vec<(String, String)> = Vec::new();
    for picture in seen.as_array().unwrap() {
        assert!(picture[2].as_u64().unwrap() > 8, "{picture} is almost empty");
        shown.push((picture[0].as_str().unwrap().to_owned(), picture[1].as_str().unwrap().to_owned()));
    }
    let mut ids: Vec<&str> = shown.iter().map(|picture| picture.0.as_str()).collect();
    ids.sort_unstable();
    let wanted: Vec<String> = names.iter().map(|name| format!("{name}-{layout}")).collect();
    assert_eq!(ids, wanted);
    shown
}

/// The accessibility tree has an image of the name of every chart shown, and no image or control without a name.
fn tells_every_chart(browser: &mut Browser, shown: &[(String, String)]) {
    let tree = browser.call("Accessibility.getFullAXTree", json!({}));
    let nodes: Vec<(&str, &str)> = tree["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|node| node["ignored"] != true)
        .map(|node| (node["role"]["value"].as_str().unwrap_or(""), node["name"]["value"].as_str().unwrap_or("")))
        .collect();
    let images: Vec<&str> = nodes.iter().filter(|node| matches!(node.0, "image" | "img")).map(|node| node.1).collect();
    for (id, title) in shown {
        assert!(!title.is_empty(), "{id} has no title");
        assert!(
            images.iter().any(|name| name.starts_with(title.trim())),
            "{id}: no image is called {title:?}: {images:?}"
        );
    }
    for (role, name) in &nodes {
        let must = matches!(*role, "image" | "img" | "slider" | "link" | "navigation" | "heading" | "figure" | "group");
        assert!(!must || !name.is_empty() || matches!(*role, "figure" | "group"), "a {role} without a name");
    }
    for role in ["main", "navigation", "heading", "table"] {
        let there = nodes.iter().any(|node| node.0 == role);
        assert!(there || role == "navigation" || role == "table", "no {role} in the tree");
    }
}

/// The cross-hair reads all panels at one time, by keys and by pointer, and says what the table behind the chart says.
fn cross_hair_reads(browser: &mut Browser, name: &str) {
    let reader = format!("document.querySelector('#{name}-wide').parentNode.querySelector('.reader')");
    browser.value(&format!("{reader}.focus()"));
    browser.press("End");
    for _ in 0..3 {
        browser.press("ArrowLeft");
    }
    let told = browser.value(&format!("{reader}.getAttribute('aria-valuetext')"));
    let index = browser.value(&format!("+{reader}.getAttribute('aria-valuenow')"));
    let rows = format!("[...document.querySelectorAll('#{name}-data tbody tr[data-at]')]");
    let cells = browser.value(&format!("[...{rows}[{index}].cells].map(c => c.textContent)"));
    let cells: Vec<&str> = cells.as_array().unwrap().iter().map(|cell| cell.as_str().unwrap()).collect();
    assert!(cells.len() > 1 && cells.iter().all(|cell| told.as_str().unwrap().contains(cell)), "{told}: {cells:?}");
    let drawn =
        browser.value(&format!("[...document.querySelectorAll('#{name}-wide .cross text')].map(t => t.textContent)"));
    let drawn: Vec<&str> = drawn.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    assert_eq!(drawn.len(), cells.len(), "{drawn:?}: one line for each cell");
    assert!(cells.iter().all(|cell| drawn.iter().any(|text| text.ends_with(cell))), "{drawn:?}: {cells:?}");
    browser.press("Escape");
    let left = format!("document.querySelectorAll('#{name}-wide .cross *').length");
    assert_eq!(browser.value(&left), 0, "{name}: Escape takes it away");
    // By pointer, in the middle of the picture.
    browser.value(&format!("document.querySelector('#{name}-wide').scrollIntoView({{ block: 'center' }})"));
    let at = browser.value(&format!(
        "(b => [b.x + b.width / 2, b.y + b.height / 2])(document.querySelector('#{name}-wide').getBoundingClientRect())"
    ));
    browser.point(at[0].as_f64().unwrap(), at[1].as_f64().unwrap());
    let inside = browser.value(&format!(
        "(() => {{ const svg = document.querySelector('#{name}-wide'), box = svg.getBoundingClientRect();
          const texts = [...svg.querySelectorAll('.cross text')].map(t => t.getBoundingClientRect());
          return texts.length > 1 && texts.every(t => t.left >= box.left - 1 && t.right <= box.right + 1 && t.top >= box.top - 1 && t.bottom <= box.bottom + 1); }})()"
    ));
    assert_eq!(inside, true, "{name}: the values stand inside the picture");
    browser.point(1.0, 1.0);
}

fn on_a_screen(browser: &mut Browser, page: &Path, names: &[String]) {
    browser.scripts(true);
    browser.medium("screen", "light");
    browser.width(DESK);
    assert_eq!(browser.open(page), Vec::<String>::new());
    let shown = shows_every_chart(browser, names, "wide");
    tells_every_chart(browser, &shown);
    assert_eq!(browser.value(TOO_WIDE), json!([]), "at {DESK} px");
    for name in ["timeline", "confirmed-within"] {
        cross_hair_reads(browser, name);
    }
    assert_eq!(browser.value("document.querySelector('nav').getBoundingClientRect().width > 100"), true);
    // Every table can be opened, and none breaks the page.
    browser.value("document.querySelectorAll('details').forEach(d => d.open = true)");
    browser.width(TELEPHONE);
    let shown = shows_every_chart(browser, names, "narrow");
    tells_every_chart(browser, &shown);
    assert_eq!(browser.value(TOO_WIDE), json!([]), "at {TELEPHONE} px");
    let small = "[...document.querySelectorAll('svg text, p, td, th, li, dd, dt')].filter(e => { const b = e.getBoundingClientRect();
        return b.height && b.height < 10 && e.textContent.trim(); }).map(e => e.textContent)";
    assert_eq!(browser.value(small), json!([]), "letters that nobody can read");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

fn in_the_dark(browser: &mut Browser, page: &Path, names: &[String]) {
    browser.medium("screen", "dark");
    browser.width(DESK);
    assert_eq!(browser.open(page), Vec::<String>::new());
    shows_every_chart(browser, names, "wide");
    assert_eq!(browser.value("getComputedStyle(document.body).backgroundColor"), "rgb(14, 18, 23)");
    let bright = "[...document.querySelectorAll('svg [stroke=\"#0072b2\"], svg [fill=\"#ffffff\"], svg [fill=\"#14181d\"]')].filter(e =>
        ['rgb(0, 114, 178)', 'rgb(255, 255, 255)', 'rgb(20, 24, 29)'].includes(
          e.hasAttribute('stroke') ? getComputedStyle(e).stroke : getComputedStyle(e).fill)).length";
    assert_eq!(browser.value(bright), 0, "marks that kept the colours of a light ground");
}

fn without_scripts(browser: &mut Browser, page: &Path, names: &[String]) {
    browser.scripts(false);
    for (width, layout) in [(DESK, "wide"), (TELEPHONE, "narrow")] {
        browser.medium("screen", "light");
        browser.width(width);
        // What the browser says of a script that it may not run is not the page's doing.
        browser.open(page);
        let shown = shows_every_chart(browser, names, layout);
        tells_every_chart(browser, &shown);
        assert_eq!(browser.value("document.querySelectorAll('.reader, .cross').length"), 0, "it degrades to nothing");
        assert_eq!(browser.value(TOO_WIDE), json!([]), "without scripts at {width} px");
    }
    browser.scripts(true);
}

/// On paper: light, wide pictures, nothing cut, whatever the reader's screen prefers.
fn on_paper(browser: &mut Browser, page: &Path, names: &[String]) {
    browser.medium("print", "dark");
    browser.width(PAPER);
    assert_eq!(browser.open(page), Vec::<String>::new());
    shows_every_chart(browser, names, "wide");
    assert_eq!(browser.value("getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)");
    let blue = "getComputedStyle(document.querySelector('#timeline-wide [stroke=\"#0072b2\"]')||document.body).stroke";
    assert!(["rgb(0, 114, 178)", "none"].contains(&browser.value(blue).as_str().unwrap()));
    assert_eq!(browser.value(TOO_WIDE), json!([]), "cut on paper");
    let hidden = "[...document.querySelectorAll('nav, .narrow, .reader, .screen')].every(e => !e.getBoundingClientRect().height)";
    assert_eq!(browser.value(hidden), true);
    let cut = "[...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth + 1 && !e.closest('details')).length";
    assert_eq!(browser.value(cut), 0, "a table that scrolls is cut on paper");
    let tall = "[...document.querySelectorAll('.wide')].filter(e => e.getBoundingClientRect().height > 1000).length";
    assert_eq!(browser.value(tall), 0, "a picture taller than the paper");
    let sheet = json!({ "printBackground": false, "paperWidth": 8.27, "paperHeight": 11.69 });
    let printed = browser.call("Page.printToPDF", sheet);
    assert!(printed["data"].as_str().unwrap().len() > 50_000, "the pictures are on it");
}

#[test]
#[ignore = "needs a Chromium: apt-get install chromium, then cargo test --test browser -- --ignored"]
fn every_page_works_in_a_browser() {
    let place = tempfile::tempdir().unwrap();
    let mut browser = Browser::start();
    for folder in reports(place.path()) {
        let (page, names) = (folder.join("index.html"), charts(&folder));
        println!("{}: {} charts", page.display(), names.len());
        on_a_screen(&mut browser, &page, &names);
        in_the_dark(&mut browser, &page, &names);
        without_scripts(&mut browser, &page, &names);
        on_paper(&mut browser, &page, &names);
    }
}

#[test]
#[ignore = "needs a Chromium, as the other"]
fn two_results_stand_side_by_side_in_a_browser() {
    let place = tempfile::tempdir().unwrap();
    let folder = |name: &str| place.path().join(name);
    let simulate = |arguments: &[&str], out: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_simulate"));
        let run = command.current_dir(root()).args(arguments).arg("--out").arg(folder(out)).output().unwrap();
        assert!(matches!(run.status.code(), Some(0 | 3)), "{}", String::from_utf8_lossy(&run.stderr));
    };
    let changed = ["scenarios/flash-sale.toml", "--charts", "none", "--set", "lambda.reserved_concurrency=10"];
    simulate(&changed[..3], "a");
    simulate(&changed, "b");
    simulate(&["report", folder("a").to_str().unwrap(), folder("b").to_str().unwrap()], "both");
    let (page, names) = (folder("both").join("index.html"), charts(&folder("both")));
    let mut browser = Browser::start();
    for (width, layout, least) in [(DESK, "wide", 700), (TELEPHONE, "narrow", 300)] {
        browser.scripts(true);
        browser.medium("screen", "light");
        browser.width(width);
        assert_eq!(browser.open(&page), Vec::<String>::new());
        let shown = shows_every_chart(&mut browser, &names, layout);
        tells_every_chart(&mut browser, &shown);
        assert_eq!(browser.value(TOO_WIDE), json!([]), "at {width} px");
        let room = browser.value("document.querySelector('main').clientWidth").as_u64().unwrap();
        assert!(room > least, "at {width} px the page is {room} px wide");
        without_scripts(&mut browser, &page, &names);
    }
    in_the_dark(&mut browser, &page, &names);
}

#[test]
#[ignore = "needs a Chromium, as the other"]
fn a_page_that_asks_for_something_or_throws_is_found_out() {
    let place = tempfile::tempdir().unwrap();
    let page = place.path().join("index.html");
    let mut browser = Browser::start();
    for (body, word) in [
        ("<img src=\"https://queuecast.invalid/x.png\">", "asks for https://queuecast.invalid/x.png"),
        ("<script>throw new Error('on purpose')</script>", "throws"),
        ("<script>console.log('hello')</script>", "on the console"),
    ] {
        fs::write(&page, format!("<!doctype html><link rel=icon href=\"data:,\"><body>{body}")).unwrap();
        let said = browser.open(&page);
        assert!(said.iter().any(|said| said.contains(word)), "{body}: {said:?}");
    }
    fs::write(&page, "<!doctype html><link rel=icon href=\"data:,\"><body><div style=\"width:500px\">wide</div>")
        .unwrap();
    browser.width(TELEPHONE);
    assert_eq!(browser.open(&page), Vec::<String>::new());
    assert_ne!(browser.value(TOO_WIDE), json!([]), "a box of 500 px stands out of {TELEPHONE}");
}
