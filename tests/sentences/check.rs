//! Every number in every sentence of a report is in results.json, or follows from it by a rule that has a name here.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use queuecast::report::words::{count, duration_s, mean_count, percent, rate, share, usd};
use serde_json::Value;

use super::numbers::numbers;
use super::texts::sentences;

/// Numbers as they are said, each with the rules that give it.
pub struct Known(BTreeMap<String, Vec<&'static str>>);

/// What cannot be accounted for: where it stands, the number, the sentence.
pub fn complaints(folder: &Path) -> Vec<String> {
    let known = Known::of(folder);
    let mut wrong = Vec::new();
    for (place, sentence) in sentences(folder) {
        for number in numbers(&sentence) {
            if !known.0.contains_key(&number) {
                wrong.push(format!("{}/{place}: {number} in \u{201c}{}\u{201d}", folder.display(), sentence.trim()));
            }
        }
    }
    wrong
}

/// One row of timeline.csv.
struct Row {
    time_s: f64,
    offered: u64,
    confirmed: u64,
    lost: u64,
    backlog: u64,
    backlog_max: u64,
    in_flight: u64,
    oldest_s: f64,
    concurrency: u64,
    concurrency_max: u64,
    retries: u64,
}

const OUTCOMES: [&str; 6] = ["confirmed", "declined", "failed", "timed_out", "refused", "open"];

impl Known {
    pub fn of(folder: &Path) -> Known {
        let text = fs::read_to_string(folder.join("results.json")).expect("a report has results");
        let results: Value = serde_json::from_str(&text).unwrap();
        let mut known = Known(BTreeMap::new());
        known.leaves(&results, "");
        known.counts_of_things(&results);
        let origin = results["origin_s"].as_f64().unwrap();
        for (name, design) in results["designs"].as_object().unwrap() {
            known.orders(&results, design);
            known.instants(design, origin, "an instant on the charts' clock");
            known.of_one_design(&results, design);
            let rows = timeline(folder, name);
            if !rows.is_empty() {
                known.over_time(&results, design, &rows);
            }
            known.latencies(folder, name, &results);
        }
        known.instants(&results["arithmetic"], origin, "an instant on the charts' clock, by arithmetic");
        known.instants(&results["faults"], origin, "a fault's instant on the charts' clock");
        known.by_hand(&results);
        known.between_designs(&results);
        known.scenario(folder, &results);
        known
    }

    fn add(&mut self, rule: &'static str, said: String) {
        self.0.entry(said).or_default().push(rule);
    }

    fn time(&mut self, rule: &'static str, seconds: f64) {
        self.add(rule, duration_s(seconds.abs()));
    }

    fn number(&mut self, rule: &'static str, value: f64) {
        self.add(rule, count(value.max(0.0).round() as u64));
        self.add(rule, mean_count(value.max(0.0)));
    }

    /// Every number of results.json, in the words for its unit.
    fn leaves(&mut self, value: &Value, path: &str) {
        match value {
            Value::Object(fields) => {
                for (name, field) in fields {
                    self.leaves(field, &format!("{path}.{name}"));
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.leaves(item, path)),
            Value::Number(number) => self.leaf(number.as_f64().unwrap(), path),
            Value::String(words) if !path.contains("fingerprint") => {
                for said in numbers(words) {
                    self.add("words of the scenario", said);
                }
            }
            _ => {}
        }
    }

    fn leaf(&mut self, value: f64, path: &str) {
        let last = path.rsplit('.').next().unwrap();
        let in_table_of_times = path.contains("_s.") && !matches!(last, "count" | "waited");
        match last {
            "seed" | "schema_version" | "model" => {}
            "amount" => {
                self.time("the amount of a fault", value);
                self.add("the amount of a fault", percent(value));
            }
            "share" | "measured" | "limit_value" => {
                self.add("a share", percent(value));
                self.time("an objective's time", value);
                self.number("an objective's count", value);
            }
            "capacity_per_s" => self.add("the capacity by arithmetic", rate(value)),
            _ if path.contains("cost_usd") => self.add("money", usd(value)),
            _ if in_table_of_times || last.ends_with("_s") && !last.ends_with("gb_s") => self.time("a time", value),
            _ => self.number("a count", value),
        }
    }

    fn counts_of_things(&mut self, results: &Value) {
        let read = results["assumptions"].as_array().unwrap().iter().filter(|fact| fact["mark"] != "A");
        self.add("facts that were read", count(read.count() as u64));
        for (list, good) in [("slo", "met"), ("expect", "held")] {
            let all = results[list].as_array().unwrap();
            let held = all.iter().filter(|one| one[good] == true).count();
            for number in [all.len(), held, all.len() - held] {
                self.add("objectives and claims, counted", count(number as u64));
            }
        }
        self.add("the end of the interval's level", "95\u{a0}%".to_owned());
        self.add("the unit of a price", "1,000".to_owned());
        self.add("orders from which on a p99 is sure", "8,000".to_owned());
    }

    /// Outcomes and causes, sums of them, and their shares of the orders offered, or of those let in.
    fn orders(&mut self, results: &Value, design: &Value) {
        let of = |name: &str| design["orders"][name].as_u64().unwrap();
        let offered = of("offered");
        let door: Vec<u64> = results["designs"]
            .as_object()
            .unwrap()
            .values()
            .map(|one| one["orders"]["refused"].as_u64().unwrap())
            .collect();
        let door = if door.iter().all(|one| *one == door[0]) { door[0] } else { 0 };
        let lost = of("failed") + of("timed_out") + of("refused");
        let unconfirmed = offered - of("confirmed") - of("declined");
        let mut parts: Vec<u64> = OUTCOMES.iter().map(|name| of(name)).collect();
        parts.extend([lost, unconfirmed, offered - of("confirmed"), unconfirmed - door, lost + of("open")]);
        parts.extend(design["causes"].as_object().unwrap().values().map(|cause| cause.as_u64().unwrap()));
        for part in parts {
            self.add("orders", count(part));
            for whole in [offered, offered - door] {
                self.add("a share of the orders", share(part, whole));
                self.add("of all the orders but", count(whole));
            }
        }
        for slo in results["slo"].as_array().unwrap() {
            for goal in numbers(&slo["limit"].as_str().unwrap().replace('%', "\u{a0}%")) {
                self.add("an objective's goal", goal);
            }
            if let Some(measured) = slo["measured"].as_f64().filter(|_| within(slo).is_some()) {
                let in_time = (measured * offered as f64).round() as u64;
                for part in [in_time, of("confirmed").saturating_sub(in_time)] {
                    self.add("orders in time and late", count(part));
                    self.add("orders in time and late", share(part, offered));
                }
            }
        }
    }

    /// Instants, counted from the origin.
    fn instants(&mut self, value: &Value, origin: f64, rule: &'static str) {
        match value {
            Value::Object(fields) => {
                for (name, field) in fields {
                    let instant = name.ends_with("_at_s") || matches!(name.as_str(), "from_s" | "to_s");
                    match field.as_f64().filter(|_| instant) {
                        Some(at) => self.time(rule, at - origin),
                        None => self.instants(field, origin, rule),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.instants(item, origin, rule)),
            _ => {}
        }
    }

    fn of_one_design(&mut self, results: &Value, design: &Value) {
        let work = &design["work"];
        let of = |name: &str| work[name].as_u64().unwrap();
        let all = of("useful_attempts") + of("wasted_attempts");
        self.add("attempts", count(all));
        self.add("a share of the attempts", share(of("useful_attempts"), all));
        self.add("a share of the attempts", share(of("wasted_attempts"), all));
        for reason in work["wasted_by"].as_object().unwrap().values() {
            self.add("a share of the attempts", share(reason["attempts"].as_u64().unwrap(), all));
        }
        self.tries(design, all);
        self.stages(design);
        let cost = &design["cost_usd"];
        let (total, wasted) = (cost["total"].as_f64().unwrap(), cost["wasted"].as_f64().unwrap());
        if total > 0.0 {
            self.add("the wasted share of the bill", percent(wasted / total));
        }
        let runs = results["scenario"]["replications"].as_f64().unwrap();
        let offered = design["orders"]["offered"].as_f64().unwrap().max(1.0);
        for limit in design["limits"].as_array().unwrap() {
            self.time("waiting for a limit, for each order", limit["cost_s"].as_f64().unwrap() * runs / offered);
            let busy = design["lambda"]["mean_concurrency"].as_f64().unwrap() / limit["limit"].as_f64().unwrap();
            self.add("how busy a limit was", percent(busy.min(1.0)));
        }
        let oldest = design["queue"]["max_oldest_message_s"].as_f64();
        let queue = &design["queue"];
        if let (Some(peak), Some(drained)) = (queue["peak_backlog_at_s"].as_f64(), queue["drained_at_s"].as_f64()) {
            self.time("how long the backlog drained", drained - peak);
        }
        for timeout in ["task_timeout_s", "heartbeat_s", "visibility_timeout_s"]
            .iter()
            .filter_map(|name| results["settings"][*name].as_f64())
        {
            self.time("short of a timeout", timeout - oldest.unwrap_or(0.0));
        }
    }

    /// Orders by how often they were tried: each kind, and those at or beyond a number of tries.
    fn tries(&mut self, design: &Value, attempts: u64) {
        let offered = design["orders"]["offered"].as_u64().unwrap();
        let again =
            |row: &Value| row["task_attempts"].as_u64().unwrap().saturating_sub(1) * row["offered"].as_u64().unwrap();
        self.add("retries of tasks", count(design["attempts_per_order"].as_array().unwrap().iter().map(again).sum()));
        self.add("attempts for each order", format!("{:.2}", attempts as f64 / offered.max(1) as f64));
        let rows = design["attempts_per_order"].as_array().unwrap();
        for from in 0..=20 {
            for to in (from..=20).chain([u64::MAX]) {
                let tried = rows.iter().filter(|row| (from..=to).contains(&row["attempts"].as_u64().unwrap()));
                let sum = |column: &str| tried.clone().map(|row| row[column].as_u64().unwrap()).sum::<u64>();
                let (orders, confirmed) = (sum("offered"), sum("confirmed"));
                self.add("orders tried so often", count(orders));
                self.add("their share", share(orders, offered));
                self.add("confirmed of them", count(confirmed));
                self.add("not confirmed of them", count(orders - confirmed));
            }
        }
    }

    /// A stage's share of the mean, and what the shortest stages come to, which a chart shows as one.
    fn stages(&mut self, design: &Value) {
        let stages = design["stages_s"].as_object().unwrap().values();
        for stage in stages.clone() {
            let (mean, p99) = (stage["mean"].as_f64().unwrap_or(0.0), stage["p99"].as_f64().unwrap_or(0.0));
            if mean > 0.0 && mean < 0.000_5 || p99 > 0.0 && p99 < 0.000_5 {
                self.add("under so much", "1\u{a0}ms".to_owned());
            }
            if mean > 0.0 && p99 == 0.0 {
                self.add("of 100 none, at the 99th percentile", "99".to_owned());
            }
        }
        let mut means: Vec<f64> = stages.filter_map(|stage| stage["mean"].as_f64()).collect();
        means.sort_by(f64::total_cmp);
        let whole: f64 = means.iter().sum();
        self.time("a mean of all stages", whole);
        let mut sum = 0.0;
        for (index, mean) in means.iter().enumerate() {
            sum += mean;
            for (time, rule) in [(*mean, "a stage"), (sum, "the shortest stages")] {
                self.time(rule, time);
                self.add(rule, percent(time / whole));
            }
            self.add("so many stages", count(index as u64 + 1));
        }
    }

    /// What charts read off the timeline.
    fn over_time(&mut self, results: &Value, design: &Value, rows: &[Row]) {
        let step = results["timeline_step_s"].as_f64().unwrap();
        let most = |value: fn(&Row) -> u64| rows.iter().map(value).max().unwrap_or(0);
        self.add("the most that waited for a retry", count(most(|row| row.retries)));
        self.add("the most in flight", count(most(|row| row.in_flight)));
        self.add("the most that arrived in a step", rate(most(|row| row.offered) as f64 / step));
        self.add("what was left at the end", count(rows.last().map_or(0, |row| row.backlog)));
        self.time(
            "the oldest message at the beginning of a step",
            rows.iter().map(|row| row.oldest_s).fold(0.0, f64::max),
        );
        self.of_the_first(results, rows, step);
        self.time("the arrivals' length", results["arrivals_end_s"].as_f64().unwrap());
        let end = results["end_s"].as_f64().unwrap();
        // How much of the idle end a chart leaves out: everything after it is stragglers.
        let ended: u64 = rows.iter().map(|row| row.confirmed + row.lost).sum();
        let mut to_come = ended;
        let mut busy = results["arrivals_end_s"].as_f64().unwrap();
        for row in rows {
            if to_come * 1_000 > ended || row.offered > 0 {
                busy = busy.max(row.time_s + step);
            }
            to_come -= row.confirmed + row.lost;
        }
        self.time("what is left out", end - busy * 1.1);
        let shown = rows.iter().filter(|row| row.time_s <= busy * 1.1).map(|row| row.oldest_s);
        self.time("the oldest message at the beginning of a step that is shown", shown.fold(0.0, f64::max));
        self.little(design, rows, step);
        let queue = &design["queue"];
        let Some(peak_at) = queue["peak_backlog_at_s"].as_f64() else { return };
        let peak = queue["peak_backlog"].as_f64().unwrap();
        let low = |row: &&Row| row.time_s <= peak_at && row.backlog as f64 * 100.0 <= peak.floor();
        let began = rows.iter().rev().find(low).map_or(0.0, |row| row.time_s);
        self.time("how long the backlog grew", peak_at - began);
        let (mut hills, mut up) = (0_u64, false);
        for row in rows {
            if !up && row.backlog as f64 * 5.0 > peak {
                (hills, up) = (hills + 1, true);
            } else if up && row.backlog as f64 * 50.0 <= peak {
                up = false;
            }
        }
        self.add("how often the backlog built up", count(hills));
        if let Some(drained) = queue["drained_at_s"].as_f64() {
            let while_draining = rows.iter().filter(|row| row.time_s >= peak_at && row.time_s < drained);
            let confirmed: u64 = while_draining.map(|row| row.confirmed).sum();
            let backlogged = rows.iter().filter(|row| row.time_s >= began && row.time_s < drained);
            let busy: u64 = backlogged.clone().map(|row| row.concurrency).sum();
            self.add("busy while the backlog lasts", format!("{:.1}", busy as f64 / backlogged.count().max(1) as f64));
            self.add("the speed of draining", rate((confirmed as f64 / (drained - peak_at).max(1.0)).round()));
        }
    }

    /// With several replications, what runs over time is of the first: its totals and its peak are those of its timeline.
    fn of_the_first(&mut self, results: &Value, rows: &[Row], step: f64) {
        if results["scenario"]["replications"] == 1 {
            return;
        }
        let sum = |value: fn(&Row) -> u64| rows.iter().map(value).sum::<u64>();
        let (offered, lost) = (sum(|row| row.offered), sum(|row| row.lost));
        for total in [offered, sum(|row| row.confirmed), lost] {
            self.add("a total of the first replication", count(total));
        }
        self.add("a share of the first replication", share(lost, offered));
        let peak = rows.iter().map(|row| row.backlog_max).max().unwrap_or(0);
        self.add("a peak of the first replication", count(peak));
        self.add(
            "a peak of the first replication",
            count(rows.iter().map(|row| row.concurrency_max).max().unwrap_or(0)),
        );
        let origin = results["origin_s"].as_f64().unwrap();
        if let Some(row) = rows.iter().find(|row| row.backlog_max == peak) {
            // The instant of the peak lies in its step.
            for part in 0..=20 {
                self.time(
                    "the peak's instant in the first replication",
                    row.time_s + step * f64::from(part) / 20.0 - origin,
                );
            }
        }
    }

    fn little(&mut self, design: &Value, rows: &[Row], step: f64) {
        let offered = design["orders"]["offered"].as_f64().unwrap();
        let Some(mean) = design["latency_s"]["confirmed"]["mean"].as_f64() else { return };
        let rate_per_s = offered / (rows.len() as f64 * step);
        let (mut inside, mut sum) = (0.0, 0.0);
        for row in rows {
            let next = inside + row.offered as f64 - row.confirmed as f64 - row.lost as f64;
            sum += (inside + next) / 2.0;
            inside = next;
        }
        self.add("Little's law: the rate", rate(rate_per_s));
        for side in [rate_per_s * mean, sum / rows.len() as f64] {
            self.add("Little's law: orders on their way", mean_count((side * 10.0).round() / 10.0));
        }
    }

    /// Where one design overtakes the other, and how many it has confirmed by the times of the objectives.
    fn latencies(&mut self, folder: &Path, design: &str, results: &Value) {
        let offered = results["designs"][design]["orders"]["offered"].as_u64().unwrap();
        let points = latency_points(folder, design);
        if points.is_empty() {
            return;
        }
        if design == "buffered" {
            self.overtaking(&points, &latency_points(folder, "direct"), offered as f64);
        }
        for slo in results["slo"].as_array().unwrap().iter().filter_map(within) {
            let confirmed = points.iter().rev().find(|point| point.0 <= slo).map_or(0, |point| point.1);
            let later = points.last().map_or(0, |point| point.1) - confirmed;
            for (rule, orders) in [("confirmed within an objective's time", confirmed), ("confirmed later", later)] {
                self.add(rule, count(orders));
                self.add(rule, share(orders, offered));
            }
        }
        self.add("not confirmed", share(offered.saturating_sub(points.last().map_or(0, |point| point.1)), offered));
    }

    /// Buffered, having been behind, has confirmed more for the first time: between two points of its distribution.
    fn overtaking(&mut self, buffered: &[(f64, u64)], direct: &[(f64, u64)], offered: f64) {
        let of_direct = |at: f64| direct.iter().rev().find(|point| point.0 <= at).map_or(0, |point| point.1);
        let lead = |point: &(f64, u64)| (point.1 as f64 - of_direct(point.0) as f64) / offered;
        for pair in buffered.windows(2).filter(|pair| lead(&pair[0]) <= 0.0 && lead(&pair[1]) >= 0.0) {
            for part in 0..=400 {
                let at = pair[0].0 + (pair[1].0 - pair[0].0) * f64::from(part) / 400.0;
                self.time("where buffered overtakes direct", at * 1.001);
                self.time("where buffered overtakes direct", at * 0.999);
            }
        }
    }

    fn by_hand(&mut self, results: &Value) {
        let runs = results["scenario"]["replications"].as_f64().unwrap();
        for design in results["designs"].as_object().unwrap().values() {
            for outcome in ["confirmed", "refused"] {
                self.number("of one replication", design["orders"][outcome].as_f64().unwrap() / runs);
            }
        }
        for changed in results["what_if"].as_array().unwrap() {
            for design in changed["designs"].as_object().unwrap().values() {
                let of = |name: &str| design["orders"][name].as_u64().unwrap();
                self.add("a what-if's share", share(of("confirmed"), of("offered")));
            }
        }
        for fault in results["faults"].as_array().unwrap() {
            let hit = fault["amount"].as_f64().unwrap_or(1.0) * fault["share"].as_f64().unwrap();
            self.add("the share that a fault hits", percent(hit));
        }
    }

    fn between_designs(&mut self, results: &Value) {
        if let Some(difference) = results["comparison"]["latency_p50_s"]["difference"].as_f64() {
            self.time("what the queue adds to the median", difference);
        }
    }

    /// What the scenario says: its phases, its timeouts, the words of its notes. The notes of a report are the checks of the
    /// scenario, which are tested where they are made.
    fn scenario(&mut self, folder: &Path, results: &Value) {
        let text = fs::read_to_string(folder.join("scenario.resolved.toml")).expect("a report has its scenario");
        for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
            let Some((key, value)) = line.split_once('=') else { continue };
            let key = key.trim();
            for word in value.split(['"', ',', '{', '}', ' ']) {
                if let Some(seconds) = seconds(word) {
                    self.time("a time of the scenario", seconds);
                    if matches!(key, "timeout" | "heartbeat" | "visibility_timeout" | "execution_timeout") {
                        for design in results["designs"].as_object().unwrap().values() {
                            let oldest = design["queue"]["max_oldest_message_s"].as_f64().unwrap_or(0.0);
                            self.time("short of a timeout, or past it", seconds - oldest);
                        }
                    }
                }
                if let Some(per_s) = word.strip_suffix("/s").and_then(|number| number.parse::<f64>().ok()) {
                    self.add("a rate of the scenario", rate(per_s));
                }
                if let Ok(number) = word.parse::<f64>().map(f64::abs)
                    && matches!(key, "at_once" | "max_attempts" | "reserved_concurrency")
                {
                    self.number("a count of the scenario", number);
                }
            }
            for said in numbers(value) {
                self.add("words of the scenario", said);
            }
        }
    }
}

/// The time of an objective about orders confirmed within one, in seconds.
fn within(slo: &Value) -> Option<f64> {
    let time = slo["name"].as_str()?.strip_prefix("confirmed_within ")?;
    time.split_whitespace().map(seconds).sum()
}

/// `10min`, `1h 30min`, `0.5s`, one part of it.
fn seconds(word: &str) -> Option<f64> {
    let digits = word.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
    let number: f64 = word[..digits].parse().ok()?;
    let unit = match &word[digits..] {
        "ms" => 0.001,
        "s" => 1.0,
        "min" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    Some(number * unit)
}

/// Seconds, and the orders confirmed within them: the whole distribution of a design.
fn latency_points(folder: &Path, design: &str) -> Vec<(f64, u64)> {
    let text = fs::read_to_string(folder.join("latency.csv")).unwrap();
    let mut within = 0;
    let rows = text.lines().filter_map(|line| line.strip_prefix(design)?.strip_prefix(','));
    let point = |row: &str| {
        let (edge_us, count) = row.split_once(',').unwrap();
        within += count.parse::<u64>().unwrap();
        (edge_us.parse::<f64>().unwrap() / 1e6, within)
    };
    rows.map(point).collect()
}

fn timeline(folder: &Path, design: &str) -> Vec<Row> {
    let Ok(mut reader) = csv::Reader::from_path(folder.join("timeline.csv")) else { return Vec::new() };
    let whole = |field: &str| field.parse().unwrap_or(0);
    let rows = reader.records().map(|row| row.unwrap());
    let of_design = rows.filter(|row| &row[1] == design);
    of_design
        .map(|row| Row {
            time_s: row[0].parse().unwrap(),
            offered: whole(&row[2]),
            confirmed: whole(&row[3]),
            lost: whole(&row[4]),
            backlog: whole(&row[5]),
            backlog_max: whole(&row[6]),
            in_flight: whole(&row[7]),
            oldest_s: row[8].parse().unwrap_or(0.0),
            concurrency: whole(&row[9]),
            concurrency_max: whole(&row[10]),
            retries: whole(&row[14]),
        })
        .collect()
}
