//! One list of systems is both test and document: each is run through the scenario file with several seeds, and what comes
//! out is held against its exact values here and printed in `docs/validation.md`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use queuecast::experiment::{Progress, RunSettings, run};
use queuecast::measure::findings::{Design, DesignFindings, Findings};
use queuecast::measure::quantities::each;
use queuecast::scenario::{Overrides, Source, load};

/// The first seed of every comparison; an auditor that checks every observation is on for it.
pub const FIRST_SEED: u64 = 1001;
/// How many seeds a system is run with unless it says otherwise.
const SEEDS: u64 = 32;
/// The largest distance from the exact value, in standard errors.
pub const BOUND: f64 = 4.0;

/// One run of a scenario in the textbook profile.
pub fn findings(text: &str, designs: &[Design], seed: u64) -> Findings {
    let source = Source { shown: "theory.toml".into(), name: "theory".into(), text: text.into() };
    let overrides = Overrides { seed: Some(seed), ..Overrides::default() };
    let loaded = load(&source, &overrides).unwrap_or_else(|refusal| panic!("{refusal}"));
    let settings = RunSettings {
        designs: designs.to_vec(),
        threads: 1,
        resolution: None,
        verify: seed == FIRST_SEED,
        orders: false,
    };
    run(&loaded.scenario, &settings, &Progress::default()).unwrap_or_else(|breach| panic!("{breach}")).findings
}

/// What one design did in one run in the textbook profile.
pub fn simulate(text: &str, design: Design, seed: u64) -> DesignFindings {
    let found = findings(&format!("profile = 'textbook'\n{text}"), &[design], seed);
    found.designs.into_iter().next().expect("one design was run")
}

/// One run of a system: its findings, and its numbers by their paths in results.json.
pub struct Run {
    /// All that was found.
    pub found: DesignFindings,
    values: BTreeMap<String, f64>,
}

impl Run {
    fn new(mut found: DesignFindings) -> Run {
        let mut values = BTreeMap::new();
        each(&mut found, &mut |path, quantity| {
            values.extend(quantity.value().map(|value| (path.to_owned(), value)));
        });
        Run { found, values }
    }

    /// A number of results.json below the design, or the quotient of two: `a / b`.
    fn value(&self, path: &str) -> f64 {
        let one = |path: &str| *self.values.get(path).unwrap_or_else(|| panic!("there is no {path}"));
        path.split_once(" / ").map_or_else(|| one(path), |(above, below)| one(above) / one(below))
    }
}

type Measure = Box<dyn Fn(&Run) -> f64 + Send + Sync>;

/// One quantity of a system.
struct Point {
    quantity: String,
    /// Where the run has it.
    from: String,
    measure: Measure,
    exact: f64,
    /// The largest standard error allowed, relative to the exact value; 0: the quantity knows no chance.
    precision: f64,
}

/// One scenario with what theory says of it.
pub struct System {
    name: String,
    design: Design,
    text: String,
    seeds: u64,
    source: &'static str,
    checked: &'static str,
    points: Vec<Point>,
    always: fn(&DesignFindings),
}

impl System {
    /// A scenario without its profile, which is textbook.
    pub fn new(name: impl Into<String>, design: Design, text: impl Into<String>) -> System {
        System {
            name: name.into(),
            design,
            text: text.into(),
            seeds: SEEDS,
            source: "",
            checked: "",
            points: Vec::new(),
            always: |_| (),
        }
    }

    /// Where its formulas are from.
    pub fn source(self, source: &'static str) -> System {
        System { source, ..self }
    }

    /// How the exact values were checked by other means.
    pub fn checked(self, checked: &'static str) -> System {
        System { checked, ..self }
    }

    /// Another number of seeds.
    pub fn seeds(self, seeds: u64) -> System {
        System { seeds, ..self }
    }

    /// What holds in every run.
    pub fn always(self, always: fn(&DesignFindings)) -> System {
        System { always, ..self }
    }

    /// A quantity by its path in results.json, or the quotient of two.
    pub fn point(self, quantity: &str, path: &'static str, exact: f64, precision: f64) -> System {
        self.custom(quantity, path, exact, precision, move |run| run.value(path))
    }

    /// A quantity that is computed from a run; `from` says how.
    pub fn custom(
        mut self,
        quantity: &str,
        from: &str,
        exact: f64,
        precision: f64,
        measure: impl Fn(&Run) -> f64 + Send + Sync + 'static,
    ) -> System {
        let (quantity, from, measure) = (quantity.to_owned(), from.to_owned(), Box::new(measure));
        self.points.push(Point { quantity, from, measure, exact, precision });
        self
    }

    fn measured(self) -> Measured {
        let text = format!("profile = 'textbook'\n{}\n", self.text);
        let values: Vec<Vec<f64>> = (FIRST_SEED..FIRST_SEED + self.seeds)
            .map(|seed| {
                let found = findings(&text, &[self.design], seed).designs.remove(0);
                (self.always)(&found);
                let run = Run::new(found);
                self.points.iter().map(|point| (point.measure)(&run)).collect()
            })
            .collect();
        let rows = self.points.into_iter().enumerate().map(|(index, point)| {
            let (simulated, error) = mean_and_error(values.iter().map(|value| value[index]));
            let Point { quantity, from, exact, precision, .. } = point;
            Row { quantity, from, exact, precision, simulated, error }
        });
        let rows = rows.collect();
        Measured {
            name: self.name,
            design: self.design,
            text,
            seeds: self.seeds,
            source: self.source,
            checked: self.checked,
            rows,
        }
    }
}

/// The mean of independent values, and its standard error.
fn mean_and_error(values: impl ExactSizeIterator<Item = f64> + Clone) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.clone().sum::<f64>() / count;
    let squares = values.map(|value| (value - mean) * (value - mean)).sum::<f64>();
    (mean, if count > 1.0 { (squares / (count - 1.0) / count).sqrt() } else { 0.0 })
}

/// A quantity as it came out over all seeds.
pub struct Row {
    /// In words.
    pub quantity: String,
    /// Where the run has it.
    pub from: String,
    /// By theory.
    pub exact: f64,
    /// The mean over the seeds.
    pub simulated: f64,
    /// Its standard error, from the seeds.
    pub error: f64,
    precision: f64,
}

impl Row {
    /// How many standard errors lie between the two; none where there is no chance.
    pub fn off(&self) -> Option<f64> {
        (self.precision > 0.0).then(|| (self.simulated - self.exact) / self.error)
    }

    fn fault(&self) -> Option<String> {
        let Row { quantity, exact, simulated, error, precision, .. } = self;
        let said = format!("{quantity}: {simulated} ± {error}, exact {exact}");
        match self.off() {
            None => ((simulated - exact).abs() > 1e-9 * exact.abs()).then_some(said),
            Some(off) if off.is_nan() || off.abs() > BOUND => Some(format!("{said}: {off:.2} standard errors")),
            Some(_) => (*error > precision * exact.abs()).then(|| format!("{said}: too vague")),
        }
    }
}

/// A system that was run.
pub struct Measured {
    /// What it is called.
    pub name: String,
    /// Which design.
    pub design: Design,
    /// Its scenario.
    pub text: String,
    /// How many runs.
    pub seeds: u64,
    /// Where its formulas are from.
    pub source: &'static str,
    /// How the exact values were checked by other means.
    pub checked: &'static str,
    /// Its quantities.
    pub rows: Vec<Row>,
}

/// Systems of one kind.
pub struct Family {
    /// A heading.
    pub title: &'static str,
    /// What they have in common.
    pub about: &'static str,
    systems: fn() -> Vec<System>,
    measured: OnceLock<Vec<Measured>>,
}

impl Family {
    /// Nothing is run yet.
    pub const fn new(title: &'static str, about: &'static str, systems: fn() -> Vec<System>) -> Family {
        Family { title, about, systems, measured: OnceLock::new() }
    }

    /// Runs the systems, once, whoever asks first.
    pub fn measured(&self) -> &[Measured] {
        self.measured.get_or_init(|| (self.systems)().into_iter().map(System::measured).collect())
    }

    /// Every quantity lies where theory says.
    pub fn holds(&self) {
        let mut faults = Vec::new();
        for system in self.measured() {
            faults.extend(system.rows.iter().filter_map(|row| Some(format!("{}: {}", system.name, row.fault()?))));
        }
        assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    }
}
