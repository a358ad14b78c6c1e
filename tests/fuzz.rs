//! What a user may put into a file, and what chance makes of it: reading a scenario, a trace or a list of durations never
//! panics, never hangs and never takes memory without bound, and what was read is written so that it is read back.
//!
//! Every execution is a pure function of (seed, number): a pick from the corpus, and a few mutations. As a test some
//! thousands are run, the same ones each time. More by hand:
//!
//! ```text
//! FUZZ_EXECUTIONS=10000000 FUZZ_SEED=2 cargo test --release --test fuzz -- --nocapture
//! FUZZ_SECONDS=25 cargo test --test fuzz -- --nocapture      until the time is over
//! FUZZ_FROM=123456 FUZZ_EXECUTIONS=1 …                        a single execution again
//! ```

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use queuecast::experiment::arithmetic::arithmetic;
use queuecast::random::{Draw, OrderKey, Purpose, Streams};
use queuecast::scenario::{Overrides, Source, load, load_curve};
use queuecast::workload::Workload;

/// Executions of each target where nothing else is said.
const EXECUTIONS: u64 = 3_000;
/// Bytes that one execution may hold at once; inputs are a few kilobytes.
const MOST_BYTES: usize = 256 << 20;
/// An execution takes a fraction of a millisecond; one of this length has hung.
const LONGEST: Duration = Duration::from_secs(60);
/// Characters of an input at most.
const LONGEST_INPUT: usize = 30_000;

/// Counts what each thread holds.
struct Counting;

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

/// A thread at its end counts no more.
fn count(change: impl Fn(usize) -> usize) {
    let _ = HELD.try_with(|held| {
        held.set(change(held.get()));
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(held.get())));
    });
}

// SAFETY: all is done by the system's allocator; counting neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(|held| held.saturating_add(layout.size()));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count(|held| held.saturating_sub(layout.size()));
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Milliseconds since the start of the process at which the execution under way began, by target; 0 between two.
static BEGAN: [AtomicU64; 2] = [AtomicU64::new(0), AtomicU64::new(0)];

struct Chance(Draw);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        (self.0.next_u64() % bound.max(1) as u64) as usize
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

/// Numbers at and beyond every edge.
const NUMBERS: [&str; 34] = [
    "0",
    "1",
    "-1",
    "0.0",
    "-0.0",
    "1e308",
    "1e-308",
    "5e-324",
    "1e999",
    "nan",
    "-nan",
    "inf",
    "-inf",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "170141183460469231731687303715884105728",
    "0x7fffffffffffffff",
    "0b1",
    "0o7",
    "1_000",
    "0.000000001",
    "0.0000000005",
    "99999999999999999999999999999999999999999999",
    "1.7976931348623157e308",
    "3155760000",
    "3155760001",
    "1e9",
    "1000000000000",
    "100000000000",
];

const UNITS: [&str; 22] = [
    "ns", "us", "µs", "ms", "s", "min", "h", "d", "/s", "/min", "/h", "/d", "%", "MB", "GB", "", " ", "m", "y", "/",
    "%%", "s s",
];

/// Keys and values of the format, and what TOML is made of.
const WORDS: [&str; 75] = [
    "rate",
    "duration",
    "ramp_to",
    "decay_to",
    "wave = { amplitude = \"100%\", period = \"1ns\" }",
    "at_once",
    "trace",
    "spacing",
    "batch",
    "modulation = { cv = 10, correlation = \"1ns\" }",
    "origin = true",
    "name",
    "repeat",
    "max_orders",
    "horizon",
    "until-drained",
    "warm_up",
    "cool_down",
    "seed",
    "profile = \"textbook\"",
    "textbook",
    "\n[[arrivals]]\nrate = \"1/s\"\nduration = \"1s\"\n",
    "\n[[arrivals]]\nat_once = 5\n",
    "\n[queue]\n",
    "\n[lambda]\n",
    "\n[direct]\n",
    "\n[inventory]\n",
    "\n[account]\n",
    "\n[slo]\n",
    "\n[latency]\n",
    "\n[event_source]\n",
    "\n[step_functions]\n",
    "\n[[expect]]\n",
    "\n[[what_if]]\nchange = \"x\"\nset = [\"seed=2\"]\n",
    "\n[cost]\n",
    "reserved_concurrency",
    "visibility_timeout",
    "batch_size",
    "error_rate",
    "timeout",
    "samples = \"durations.csv\"",
    "distribution = \"pareto\"",
    "distribution = \"lognormal\"",
    "distribution = \"hyperexponential\"",
    "shape = 1e-6",
    "distribution = \"geometric\"",
    "min = \"1ns\"",
    "max = \"100d\"",
    "mean = \"1s\"",
    "cv = 1000",
    "p50",
    "p99",
    "period",
    "amplitude",
    "correlation",
    "\"none\"",
    "none",
    "true",
    "false",
    "1979-05-27T07:32:00Z",
    "{",
    "}",
    "[",
    "]",
    "=",
    ",",
    "\"",
    "'''",
    "\"\"\"",
    "\n",
    "#",
    "\\u0000",
    "\\",
    "a.b.c",
    "\u{feff}",
];

/// A few changes to a text.
fn mutate(text: &str, corpus: &[String], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=chance.below(6) {
        let at = chance.below(bytes.len() + 1);
        let end = (at + chance.below(40)).min(bytes.len());
        match chance.below(12) {
            0 if at < bytes.len() => bytes[at] ^= 1 << chance.below(8),
            1 => drop(bytes.drain(at..end)),
            2 => splice(&mut bytes, at, at, text.as_bytes().get(at..end).unwrap_or_default()),
            3 | 4 => splice(&mut bytes, at, at, chance.pick(&WORDS).as_bytes()),
            5..=7 => replace_number(&mut bytes, at, chance),
            8 => {
                let word = format!("\"{}{}\"", chance.pick(&NUMBERS), chance.pick(&UNITS));
                splice(&mut bytes, at, at, word.as_bytes());
            }
            9 => replace_value(&mut bytes, at, chance),
            10 => {
                let other = &corpus[chance.below(corpus.len())];
                let from = chance.below(other.len());
                let to = (from + chance.below(300)).min(other.len());
                splice(&mut bytes, at, at, &other.as_bytes()[from..to]);
            }
            _ => {
                let depth = chance.below(3_000);
                let open: &str = chance.pick(&["[", "{a=", "[[", "a.", "{a.b="]);
                splice(&mut bytes, at, at, open.repeat(depth).as_bytes());
            }
        }
    }
    bytes.truncate(LONGEST_INPUT);
    bytes
}

fn splice(bytes: &mut Vec<u8>, from: usize, to: usize, new: &[u8]) {
    bytes.splice(from..to, new.iter().copied());
}

/// The first number at or after a place becomes another.
fn replace_number(bytes: &mut Vec<u8>, at: usize, chance: &mut Chance) {
    let Some(from) = bytes[at..].iter().position(u8::is_ascii_digit).map(|offset| at + offset) else { return };
    let length = bytes[from..].iter().position(|byte| !byte.is_ascii_digit() && *byte != b'.');
    let to = length.map_or(bytes.len(), |length| from + length);
    splice(bytes, from, to, chance.pick(&NUMBERS).as_bytes());
}

/// The value of the line at a place becomes another.
fn replace_value(bytes: &mut Vec<u8>, at: usize, chance: &mut Chance) {
    let Some(from) = bytes[at..].iter().position(|byte| *byte == b'=').map(|offset| at + offset + 1) else { return };
    let to = bytes[from..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |length| from + length);
    let value = match chance.below(4) {
        0 => chance.pick(&NUMBERS).to_string(),
        1 => format!(" \"{}{}\"", chance.pick(&NUMBERS), chance.pick(&UNITS)),
        2 => format!(" {}", chance.pick(&WORDS)),
        _ => format!(" {{ mean = \"{}s\", {} }}", chance.pick(&NUMBERS), chance.pick(&WORDS)),
    };
    splice(bytes, from, to, value.as_bytes());
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("{name} is a whole number")))
}

/// Runs one target for as long as was asked for.
fn fuzz(target: usize, name: &str, corpus: &[String], execute: impl Fn(&[u8])) {
    let start = Instant::now();
    let until = setting("FUZZ_SECONDS").map(Duration::from_secs);
    let seed = setting("FUZZ_SEED").unwrap_or(1);
    let from = setting("FUZZ_FROM").unwrap_or(0);
    let most = setting("FUZZ_EXECUTIONS").unwrap_or(if until.is_some() { u64::MAX } else { EXECUTIONS });
    let (mut executions, mut peak) = (0, 0);
    std::thread::scope(|scope| {
        let (done, over) = std::sync::mpsc::channel::<()>();
        scope.spawn(move || watch(target, name, start, &over));
        while executions < most && until.is_none_or(|until| start.elapsed() < until) {
            let number = from + executions;
            let mut chance = Chance(Draw::new(OrderKey(seed ^ ((target as u64) << 48)), Purpose::Work, number));
            let text = &corpus[chance.below(corpus.len())];
            let input = mutate(text, corpus, &mut chance);
            BEGAN[target].store(1 + start.elapsed().as_millis() as u64, Ordering::Relaxed);
            let before = HELD.get();
            PEAK.set(before);
            let ended = catch_unwind(AssertUnwindSafe(|| execute(&input)));
            let held = PEAK.get() - before;
            BEGAN[target].store(0, Ordering::Relaxed);
            peak = peak.max(held);
            let what = format!("{name}, seed {seed}, execution {number}");
            assert!(ended.is_ok(), "{what}: a panic on\n{}", String::from_utf8_lossy(&input));
            assert!(held < MOST_BYTES, "{what}: {held} bytes on\n{}", String::from_utf8_lossy(&input));
            executions += 1;
            if executions.is_multiple_of(100_000) {
                println!("{name}: {executions} executions in {:.0} s", start.elapsed().as_secs_f64());
            }
        }
        drop(done);
    });
    let rate = executions as f64 / start.elapsed().as_secs_f64();
    println!(
        "{name}: {executions} executions from {from} of seed {seed}, {rate:.0} a second, {} kB at most",
        peak / 1_000
    );
}

/// Ends the process if an execution hangs.
fn watch(target: usize, name: &str, start: Instant, over: &std::sync::mpsc::Receiver<()>) {
    while over.recv_timeout(Duration::from_secs(1)) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
        let began = BEGAN[target].load(Ordering::Relaxed);
        if began > 0 && start.elapsed() > Duration::from_millis(began) + LONGEST {
            eprintln!("{name}: an execution hangs; the last hundred thousand begun are those to look at");
            std::process::abort();
        }
    }
}

/// Every scenario there is, right ones and wrong ones.
fn scenarios() -> Vec<String> {
    let mut files = Vec::new();
    for folder in ["scenarios", "benches/scenarios", "tests/errors"] {
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).expect(folder) {
            files.push(entry.expect("an entry").path());
        }
    }
    files.sort();
    let toml = files.iter().filter(|path| path.extension().is_some_and(|kind| kind == "toml"));
    toml.map(|path| fs::read_to_string(path).expect("a scenario")).collect()
}

#[test]
fn any_scenario_is_taken_or_refused() {
    fuzz(0, "scenario", &scenarios(), |input| {
        let text = String::from_utf8_lossy(input).into_owned();
        let source = |text: String| Source { shown: "fuzz.toml".into(), name: "fuzz".into(), text };
        match load(&source(text), &Overrides::default()) {
            Ok(loaded) => {
                load_curve(&loaded.scenario, 66);
                arithmetic(&loaded.scenario);
                let again = load(&source(loaded.resolved.clone()), &Overrides::default());
                let again = again.unwrap_or_else(|shown| panic!("{shown}\nin\n{}", loaded.resolved));
                assert_eq!(again.fingerprint, loaded.fingerprint, "{}\n{}", loaded.resolved, again.resolved);
            }
            Err(shown) => assert!(shown.ends_with("nothing was run\n"), "{shown}"),
        }
    });
}

const TRACES: [&str; 8] = [
    "0.5\n1\n1\n2.25\n",
    "time,service\n0.5,0.02\n1s,20ms\n1,0.5\n9,1e-3\n",
    "# a sale\nid,arrival_s,duration\n1,0,0.1\n2,0.5,0.1\n",
    "\u{feff}\"time\"\r\n\"1\"\r\n\"2\"\r\n",
    "0,1\n0,1\n0,1\n",
    "1h 30min\n2h\n1d\n",
    "duration\n0.1\n0.2\n0.7\n",
    "5e-05\n1e-3\n0.1\n",
];

#[test]
fn any_file_of_numbers_is_taken_or_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("numbers.csv");
    let corpus: Vec<String> = TRACES.map(ToString::to_string).to_vec();
    let shown = folder.path().join("fuzz.toml").display().to_string();
    let read = |text: &str| {
        let text = format!("profile = \"textbook\"\n{text}");
        load(&Source { shown: shown.clone(), name: "fuzz".into(), text }, &Overrides::default())
    };
    fuzz(1, "numbers", &corpus, |input| {
        fs::write(&path, input).expect("written");
        if let Ok(loaded) = read("[[arrivals]]\ntrace = \"numbers.csv\"") {
            let spec = &loaded.scenario.workload;
            let mut workload = Workload::new(spec, &Streams::new(1, 0));
            let mut last = None;
            let orders =
                std::iter::from_fn(|| workload.next_order()).inspect(|order| last = Some(order.arrives_at)).count();
            assert_eq!((orders as f64, last), (spec.expected_orders(), Some(workload.end())));
            load_curve(&loaded.scenario, 66);
        }
        let samples = "[[arrivals]]\nat_once = 5\n[lambda]\nduration = { samples = \"numbers.csv\" }";
        if let Ok(loaded) = read(samples) {
            assert!(loaded.scenario.buffered.function.duration.mean().is_finite());
        }
    });
}
