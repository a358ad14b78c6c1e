//! `[account]`: the Region and what an account may do there.

use crate::facts::account as facts;
use crate::model::bucket::BucketSettings;
use crate::scenario::defaults::Defaults;
use crate::scenario::diagnostics::{Mistake, nearest};
use crate::scenario::reader::{NONE, Reader};
use crate::scenario::resolved::{Line, inline};
use crate::scenario::tree::{Node, Value};
use crate::scenario::units::show_rate;
use crate::scenario::values::{RATE, quoted, wrong_type};
use crate::system::spec::AccountSpec;

/// The default Region of the aws profile.
pub const REGION: &str = "us-east-1";

/// Regions with the larger Step Functions quotas ("Step Functions service quotas").
const LARGE: [&str; 3] = [REGION, "us-west-2", "eu-west-1"];
/// The other commercial Regions.
const OTHERS: [&str; 31] = [
    "us-east-2",
    "us-west-1",
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
];

/// The token buckets of Step Functions in a Region.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Quotas {
    start_execution: BucketSettings,
    state_transition: BucketSettings,
    send_task: BucketSettings,
}

/// What the table says.
pub struct AccountTable {
    /// What the account allows.
    pub spec: AccountSpec,
    /// The Region it is in, if it is anywhere.
    pub region: Option<String>,
    /// Lines of `[account]`.
    pub lines: Vec<Line>,
}

/// Reads the table. A Region fills in the quotas of Step Functions there, in either profile.
pub fn read(mut reader: Reader<'_, '_>, defaults: &Defaults) -> AccountTable {
    let region = read_region(&mut reader, defaults.region);
    let quotas = region.as_deref().map(quotas_of);
    let concurrency_limit = reader.count_limit("concurrency_limit", 1, defaults.concurrency_limit);
    let other_concurrency = reader.whole_or("other_concurrency", 0, u64::from(u32::MAX), 0);
    let spec = AccountSpec {
        concurrency_limit,
        other_concurrency: u32::try_from(other_concurrency).expect("checked against the largest"),
        start_execution: bucket(&mut reader, "start_execution", quotas.map(|quotas| quotas.start_execution)),
        state_transition: bucket(&mut reader, "state_transition", quotas.map(|quotas| quotas.state_transition)),
        send_task: bucket(&mut reader, "send_task", quotas.map(|quotas| quotas.send_task)),
        environment_rate: bucket(&mut reader, "environment_rate", defaults.environment_rate),
        requests_per_concurrency: defaults.requests_per_concurrency,
    };
    AccountTable { spec, region, lines: reader.finish() }
}

fn read_region(reader: &mut Reader<'_, '_>, default: Option<&str>) -> Option<String> {
    let shown = default.map(|name| (name.to_string(), quoted(name)));
    reader.limit("region", shown, |reader| {
        let found = reader.text("region")?;
        let known = || LARGE.into_iter().chain(OTHERS);
        if known().any(|name| name == found.value) {
            reader.record("region", quoted(found.value), false);
            return Some(found.value.to_string());
        }
        let help = match nearest(found.value, known()) {
            Some(candidate) => format!("did you mean {candidate:?}?"),
            None => format!("write a commercial Region such as {REGION:?}, or {NONE:?}"),
        };
        reader.mistakes.push(Mistake::at(found.place, format!("unknown Region {:?}", found.value)).help(help));
        None
    })
}

/// Bucket size and refill.
fn quotas_of(region: &str) -> Quotas {
    let bucket = |(size, refill_per_s): (u32, f64)| BucketSettings { size, refill_per_s };
    if LARGE.contains(&region) {
        Quotas {
            start_execution: bucket(facts::START_EXECUTION),
            state_transition: bucket(facts::STATE_TRANSITION),
            send_task: bucket(facts::SEND_TASK),
        }
    } else {
        Quotas {
            start_execution: bucket(facts::START_EXECUTION_ELSEWHERE),
            state_transition: bucket(facts::STATE_TRANSITION_ELSEWHERE),
            send_task: bucket(facts::SEND_TASK_ELSEWHERE),
        }
    }
}

/// `{ size = 1300, refill = "300/s" }`, or "none".
fn bucket(reader: &mut Reader<'_, '_>, key: &'static str, default: Option<BucketSettings>) -> Option<BucketSettings> {
    let shown = default.map(|bucket| (bucket, show(bucket)));
    reader.limit(key, shown, |reader| {
        let node = reader.node(key)?;
        let (bucket, canonical) = bucket_of(reader.mistakes, node, key)?;
        reader.record(key, canonical, false);
        Some(bucket)
    })
}

/// A bucket in the canonical form of the resolved scenario.
pub fn show(bucket: BucketSettings) -> String {
    format!("{{ size = {}, refill = {} }}", bucket.size, quoted(&show_rate(bucket.refill_per_s)))
}

fn bucket_of(mistakes: &mut Vec<Mistake>, node: &Node, key: &str) -> Option<(BucketSettings, String)> {
    const EXAMPLE: &str = "write for example { size = 1300, refill = \"300/s\" }, or \"none\"";
    let Value::Table(table) = &node.value else {
        mistakes.push(wrong_type(node, key, "a token bucket", EXAMPLE));
        return None;
    };
    let before = mistakes.len();
    let mut reader = Reader::open(mistakes, table, node.place, &format!("`{key}`"));
    let size = reader.whole("size", 1, u64::from(u32::MAX));
    let refill = reader.value("refill", &RATE);
    for key in ["size", "refill"] {
        if reader.key_place(key).is_none() {
            let mistake = Mistake::at(reader.place, format!("a token bucket needs `{key}`")).help(EXAMPLE);
            reader.mistakes.push(mistake);
        }
    }
    if let Some(refill) = refill
        && refill.value == 0.0
    {
        let mistake = Mistake::at(refill.place, "`refill` must be more than zero").label("it would never refill");
        reader.mistakes.push(mistake.help("write a rate such as \"300/s\", or \"none\" for no limit"));
    }
    let lines = reader.finish();
    if mistakes.len() > before {
        return None;
    }
    let size = u32::try_from(size?.value).expect("checked against the largest");
    Some((BucketSettings { size, refill_per_s: refill?.value }, inline(&lines)))
}
