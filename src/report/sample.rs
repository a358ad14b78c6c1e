//! A made-up result for tests: orders as a fluid, a queue as a level, no randomness but a little ripple.

use crate::facts::{self, InForce};
use crate::measure::findings::{
    CallbackFindings, ClaimVerdict, CostFindings, Design, DesignFindings, FaultHits, Findings, HistogramCounts,
    InventoryFindings, LambdaFindings, LatencyFindings, Orders, Percentiles, QueueFindings, SloVerdict, StageFindings,
    StepFunctionsFindings, TimelineRow, Unit, Usage, WaitFindings, WorkAmount, WorkFindings,
};
use crate::measure::tries::Tried;
use crate::observation::{Cause, Stage};
use crate::report::subject::{FaultMark, PhaseMark, Report, Subject};
use crate::time::{SimDuration, SimTime};
use std::collections::BTreeMap;

/// A scenario to make up a result for.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Name, length in seconds, orders per second.
    pub phases: Vec<(Option<&'static str>, f64, f64)>,
    /// Seconds from the beginning to the origin.
    pub origin_s: f64,
    /// Orders per second that the function can confirm.
    pub capacity: f64,
    /// Step of the timeline in seconds.
    pub step_s: f64,
    /// Seconds after which the run ends, if that is before everything is done.
    pub horizon_s: Option<f64>,
    /// Orders that the buffered design loses to timeouts.
    pub buffered_loses: u64,
    /// Whether direct loses what exceeds the capacity (else it has capacity for everything).
    pub direct_loses: bool,
}

/// One that is assumed and one that was read.
fn facts_of_aws() -> Vec<InForce> {
    let of = |key: &str, value: &str, range: Option<&str>| InForce {
        fact: facts::all().find(|fact| fact.key == key).expect("it is listed"),
        value: value.into(),
        range: range.map(Into::into),
    };
    vec![
        of("queue.in_flight_limit", "120000", None),
        of("event_source.error_backoff", "2.8s", Some("1.25s to 5.6s (worse)")),
    ]
}

impl Sample {
    /// The flash sale: a rush of two minutes between calm ones.
    pub fn flash_sale() -> Sample {
        Sample {
            phases: vec![
                (Some("calm"), 120.0, 20.0),
                (Some("doors open"), 10.0, 500.0),
                (Some("rush"), 110.0, 250.0),
                (Some("calm again"), 960.0, 20.0),
            ],
            origin_s: 120.0,
            capacity: 67.0,
            step_s: 1.0,
            horizon_s: None,
            buffered_loses: 3,
            direct_loses: true,
        }
    }

    fn arrivals_end(&self) -> f64 {
        self.phases.iter().map(|phase| phase.1).sum()
    }

    /// Orders per second at a moment, with a ripple.
    fn rate_at(&self, seconds: f64) -> f64 {
        let mut start = 0.0;
        for (i, (_, length, rate)) in self.phases.iter().enumerate() {
            if seconds < start + length {
                let ripple = f64::from(((seconds * 7.0) as u32 + i as u32).wrapping_mul(2_654_435_761) >> 24) / 255.0;
                return rate * (0.94 + 0.12 * ripple);
            }
            start += length;
        }
        0.0
    }

    /// The subject of the report.
    pub fn subject(&self) -> Subject {
        let mut start = 0.0;
        let mut phases = Vec::new();
        for (name, length, rate) in &self.phases {
            phases.push(PhaseMark {
                name: name.map(str::to_owned),
                starts_s: start,
                ends_s: start + length,
                rate: crate::report::words::rate(*rate),
                mean_rate: *rate,
                peak_rate: *rate,
            });
            start += length;
        }
        Subject {
            name: "flash-sale".to_owned(),
            title: "The queue buys time: a flash sale with and without a buffer".to_owned(),
            seed: 13,
            replications: 1,
            fingerprint: "9f3c1a7e".repeat(8),
            resolved: String::new(),
            phases,
            origin_s: self.origin_s,
            arrivals_end_s: start,
            concurrency_limit: Some(((self.capacity * 0.3).round() as u64, "reserved_concurrency")),
            capacity_per_s: Some(self.capacity),
            task_timeout_s: Some(900.0),
            heartbeat_s: None,
            visibility_timeout_s: Some(180.0),
            arithmetic: None,
            arrivals_factors: Vec::new(),
            assumptions: None,
            faults: Vec::new(),
            facts: facts_of_aws(),
            notes: Vec::new(),
            version: crate::report::results::VERSION.to_owned(),
            model: crate::report::results::MODEL_VERSION,
            measured: None,
        }
    }

    /// Both designs.
    pub fn findings(&self) -> Findings {
        let designs = vec![self.buffered(), self.direct()];
        let end = designs.iter().map(|design| design.end).max().unwrap_or(SimTime::ZERO);
        let step = SimDuration((self.step_s * 1e9) as u64);
        Findings { designs, end, step, comparison: None, replicated: None }
    }

    fn buffered(&self) -> DesignFindings {
        let mut rows = Vec::new();
        let mut latencies = BTreeMap::new();
        let (mut backlog, mut at, mut peak, mut drained) = (0.0_f64, 0.0, (0.0, 0.0), None);
        let (mut carried, mut owed) = (0.0_f64, 0.0_f64);
        while at < self.arrivals_end() || backlog >= 1.0 {
            if self.horizon_s.is_some_and(|horizon| at >= horizon) {
                break;
            }
            carried += self.rate_at(at) * self.step_s;
            let offered = carried.floor();
            carried -= offered;
            spread(&mut latencies, 0.35 + backlog / self.capacity, 0.1, offered as u64);
            owed += (self.capacity * self.step_s).min(backlog + offered) - owed.max(0.0).fract();
            let confirmed = (self.capacity * self.step_s).min(backlog + offered).floor();
            let busy = (confirmed / self.step_s * 0.3).round() as u64;
            rows.push(TimelineRow {
                time_s: at,
                offered: offered as u64,
                confirmed: confirmed as u64,
                backlog: backlog as u64,
                backlog_max: backlog as u64,
                oldest_message_s: (backlog >= 1.0).then_some(backlog / self.capacity),
                concurrency: busy,
                concurrency_max: busy,
                ..TimelineRow::default()
            });
            backlog += offered - confirmed;
            at += self.step_s;
            if backlog > peak.1 {
                (peak, drained) = ((at, backlog), None);
            } else if backlog < 1.0 && drained.is_none() && peak.1 > 0.0 {
                drained = Some(at);
            }
        }
        let ages = rows.iter().filter_map(|row| row.oldest_message_s);
        let queue = QueueFindings {
            sent: rows.iter().map(|row| row.offered).sum(),
            max_oldest_message_s: ages.fold(0.0, f64::max),
            peak_backlog: peak.1 as u64,
            peak_backlog_at_s: (peak.1 > 0.0).then_some(peak.0),
            drained_at_s: drained,
            ..QueueFindings::default()
        };
        let left = backlog as u64;
        finish(Design::Buffered, rows, latencies, (self.buffered_loses, left), Some(queue), self.step_s)
    }

    fn direct(&self) -> DesignFindings {
        let mut rows: Vec<TimelineRow> = Vec::new();
        let mut latencies = BTreeMap::new();
        let (mut at, mut carried) = (0.0, 0.0_f64);
        let mut waiting: Vec<f64> = Vec::new();
        while at < self.arrivals_end() + 12.0 {
            carried += self.rate_at(at) * self.step_s;
            let offered = carried.floor();
            carried -= offered;
            let room = if self.direct_loses { (self.capacity * self.step_s).floor() } else { f64::MAX };
            let confirmed = offered.min(room);
            waiting.push(offered - confirmed);
            let lag = (9.0 / self.step_s).ceil() as usize;
            let lost = if waiting.len() > lag { waiting[waiting.len() - 1 - lag] } else { 0.0 };
            let pending: f64 = waiting[waiting.len().saturating_sub(lag)..].iter().sum();
            let slow = if pending > 0.0 { 2.5 } else { 0.25 };
            spread(&mut latencies, slow, slow * 0.6, confirmed as u64);
            let busy = (confirmed / self.step_s * 0.3).round() as u64;
            rows.push(TimelineRow {
                time_s: at,
                offered: offered as u64,
                confirmed: confirmed as u64,
                lost: lost as u64,
                concurrency: busy,
                concurrency_max: busy,
                retries_waiting: pending as u64,
                ..TimelineRow::default()
            });
            at += self.step_s;
        }
        let lost = rows.iter().map(|row| row.lost).sum();
        finish(Design::Direct, rows, latencies, (lost, 0), None, self.step_s)
    }

    /// An objective for both designs.
    pub fn slo(findings: &Findings, target: f64, within_s: f64) -> Vec<SloVerdict> {
        let verdict = |design: &DesignFindings| {
            let within = design.confirmed_within(within_s);
            let measured = within as f64 / design.orders.offered.max(1) as f64;
            SloVerdict {
                name: format!("confirmed_within {}s", within_s),
                design: design.design,
                limit: format!(">= {}%", target * 100.0),
                limit_value: target,
                measured: Some(measured),
                unit: Unit::Share,
                met: measured >= target,
                within_s: Some(within_s),
            }
        };
        findings.designs.iter().map(verdict).collect()
    }
}

/// A result with two faults; the second has no name of its own and touches buffered only.
pub fn with_faults(mut subject: Subject, mut findings: Findings) -> (Subject, Findings) {
    let origin = subject.origin_s;
    let both = vec![Design::Buffered, Design::Direct];
    let fault = |name: &str, from_s, to_s, (target, effect), amount, designs| {
        let share = if amount == Some(0.2) { 0.1 } else { 1.0 };
        let (target, effect): (&'static str, &'static str) = (target, effect);
        FaultMark {
            name: name.into(),
            from_s,
            to_s,
            target: target.into(),
            effect: effect.into(),
            amount,
            share,
            designs,
        }
    };
    subject.faults = vec![
        fault("the inventory is down", origin + 60.0, origin + 120.0, ("inventory", "outage"), None, both),
        fault("callback drop", origin - 30.0, origin + 300.0, ("callback", "drop"), Some(0.2), vec![Design::Buffered]),
    ];
    if let Some(buffered) = findings.designs.first_mut() {
        buffered.faults = vec![FaultHits { orders: 4_000, hits: 4_100 }, FaultHits { orders: 1, hits: 1 }];
    }
    (subject, findings)
}

/// Spreads a number of orders over some latencies around a mean.
fn spread(latencies: &mut BTreeMap<u64, u64>, mean: f64, width: f64, orders: u64) {
    for i in 0..orders {
        let seconds = mean + width * ((i % 17) as f64 / 8.0 - 1.0) * 0.9;
        // A log-linear histogram: about 5 significant bits.
        let micros = (seconds.max(0.02) * 1e6) as u64;
        let coarse = micros.ilog2().saturating_sub(6);
        *latencies.entry(((micros >> coarse) + 1) << coarse).or_insert(0) += 1;
    }
}

/// Nearest ranks over so many orders.
pub fn percentiles(latencies: &BTreeMap<u64, u64>, total: u64) -> Percentiles {
    let at = |parts: u64| {
        let rank = (total * parts).div_ceil(1_000).max(1);
        let mut seen = 0;
        latencies.iter().find_map(|(edge, count)| {
            seen += count;
            (seen >= rank).then_some(*edge as f64 / 1e6)
        })
    };
    Percentiles { p50: at(500), p90: at(900), p95: at(950), p99: at(990), p999: at(999) }
}

/// The findings of a design from its timeline and latencies; `lost` and `open` orders were not confirmed.
pub fn finish(
    design: Design,
    mut rows: Vec<TimelineRow>,
    mut latencies: BTreeMap<u64, u64>,
    (lost, open): (u64, u64),
    queue: Option<QueueFindings>,
    step: f64,
) -> DesignFindings {
    let offered: u64 = rows.iter().map(|row| row.offered).sum();
    let confirmed = offered.saturating_sub(lost + open);
    // Whatever is lost was not confirmed: the slowest are taken back.
    let mut surplus = latencies.values().sum::<u64>().saturating_sub(confirmed);
    while let (true, Some(mut last)) = (surplus > 0, latencies.last_entry()) {
        let taken = surplus.min(*last.get());
        *last.get_mut() -= taken;
        surplus -= taken;
        if *last.get() == 0 {
            last.remove();
        }
    }
    if let (Design::Buffered, true, Some(row)) = (design, lost > 0, rows.last_mut()) {
        row.lost = lost;
    }
    let most = rows.iter().map(|row| row.concurrency).max().unwrap_or(0);
    DesignFindings {
        design,
        end: SimTime((rows.len() as f64 * step * 1e9) as u64),
        orders: Orders {
            offered,
            confirmed,
            failed: if design == Design::Direct { lost } else { 0 },
            timed_out: if design == Design::Buffered { lost } else { 0 },
            open,
            ..Orders::default()
        },
        causes: Cause::ALL.map(|cause| match (cause, design) {
            (Cause::Throttled, Design::Direct) | (Cause::Running, Design::Buffered) => lost,
            (Cause::WaitingInQueue, _) => open,
            _ => 0,
        }),
        work_done_after_giving_up: 0,
        latency: LatencyFindings {
            count: confirmed,
            mean: None,
            max: latencies.keys().next_back().map(|edge| *edge as f64 / 1e6),
            confirmed: Percentiles { p50: (confirmed > 0).then_some(2.0), ..Percentiles::default() },
            all_offered: percentiles(&latencies, offered),
            histogram: HistogramCounts(latencies.into_iter().collect()),
        },
        wait: WaitFindings::default(),
        stages: Stage::ALL.map(|stage| stage_of(design, stage, confirmed)),
        queue,
        events: None,
        tried: tried(design, confirmed, lost, open),
        work: work(&tried(design, confirmed, lost, open), confirmed),
        lambda: LambdaFindings { peak_concurrency: most, ..LambdaFindings::default() },
        inventory: InventoryFindings::default(),
        usage: Usage::default(),
        cost: CostFindings::default(),
        callbacks: CallbackFindings::default(),
        step_functions: StepFunctionsFindings::default(),
        faults: Vec::new(),
        limits: Vec::new(),
        timeline: rows,
    }
}

/// A design's mean and 99th percentile of one stage: buffered waits, direct is tried again and works.
fn stage_of(design: Design, stage: Stage, answered: u64) -> StageFindings {
    let (mean, p99) = match (design, stage) {
        (Design::Buffered, Stage::Queue) => (245.0, 410.0),
        (Design::Buffered, Stage::Redelivery) => (3.6, 180.0),
        (Design::Buffered, Stage::Send | Stage::Callback) => (0.018, 0.042),
        (Design::Direct, Stage::Retry) => (0.41, 7.2),
        (_, Stage::ColdStart) => (0.002, 0.0),
        (_, Stage::Work) => (0.3, 0.62),
        (_, Stage::Start | Stage::Invoke) => (0.011, 0.03),
        _ => (0.0, 0.0),
    };
    let known = |seconds: f64| (answered > 0).then_some(seconds);
    StageFindings { stage, mean: known(mean), p99: known(p99) }
}

/// How often the orders of a design were tried: buffered ones again and again, direct ones not at all once refused.
fn tried(design: Design, confirmed: u64, lost: u64, open: u64) -> Vec<Tried> {
    let row = |task_attempts, attempts, orders: Orders| Tried { task_attempts, attempts, orders };
    let twice = confirmed / 50;
    let once = Orders { offered: confirmed - twice, confirmed: confirmed - twice, ..Orders::default() };
    let again = Orders { offered: twice, confirmed: twice, ..Orders::default() };
    let mut rows = match design {
        Design::Buffered => vec![
            row(1, 0, Orders { offered: open, open, ..Orders::default() }),
            row(1, 1, once),
            row(1, 2, again),
            row(1, 5, Orders { offered: lost, timed_out: lost, ..Orders::default() }),
        ],
        Design::Direct => {
            vec![
                row(1, 1, once),
                row(2, 2, again),
                row(4, 0, Orders { offered: lost, failed: lost, ..Orders::default() }),
            ]
        }
    };
    rows.retain(|row| row.orders.offered > 0);
    rows
}

/// What those attempts were good for.
fn work(tried: &[Tried], confirmed: u64) -> WorkFindings {
    let all: u64 = tried.iter().map(|row| u64::from(row.attempts) * row.orders.offered).sum();
    let amount = |attempts: u64| WorkAmount { attempts, gb_s: attempts as f64 * 0.15 };
    let (wasted, over) = (all - confirmed.min(all), (all - confirmed.min(all)) / 4);
    WorkFindings {
        useful: amount(all - wasted),
        wasted: amount(wasted),
        task_over: amount(over),
        failed: amount(wasted - over),
        ..WorkFindings::default()
    }
}

/// A made-up result with everything that a report is made from.
#[derive(Clone, Debug)]
pub struct Example {
    pub subject: Subject,
    pub findings: Findings,
    pub slo: Vec<SloVerdict>,
    pub claims: Vec<ClaimVerdict>,
}

impl Example {
    /// The flash sale with one objective met and one missed, one claim held and one not.
    pub fn flash_sale() -> Example {
        Example::of(&Sample::flash_sale())
    }

    /// The result of a sample.
    pub fn of(sample: &Sample) -> Example {
        let findings = sample.findings();
        let mut slo = Sample::slo(&findings, 0.985, 600.0);
        slo.extend(Sample::slo(&findings, 0.9999, 60.0));
        let claim = |claim: &str, that: &str, held| ClaimVerdict { claim: claim.into(), that: that.into(), held };
        let claims = vec![
            claim("the queue confirms more", "buffered.orders.confirmed > direct.orders.confirmed", true),
            claim("nobody waits", "buffered.wait_s.waited == 0", false),
        ];
        Example { subject: sample.subject(), findings, slo, claims }
    }

    /// The same with two faults; the second has no name of its own and touches buffered only.
    pub fn with_faults(mut self) -> Example {
        (self.subject, self.findings) = with_faults(self.subject, self.findings);
        self
    }

    /// Its report.
    pub fn report(&self) -> Report<'_> {
        Report { subject: &self.subject, findings: &self.findings, slo: &self.slo, claims: &self.claims, what_if: &[] }
    }
}
