//! The limits of a scenario: what results.json lists of each, and what the auditor holds a run to.

use crate::facts::event_source::MOST_POLLERS;
use crate::measure::findings::Design;
use crate::measure::limits::{LimitSetting, Uses};
use crate::observation::RateLimit;
use crate::scenario::Scenario;
use crate::system::BufferedSpec;
use crate::system::spec::{AccountSpec, FunctionSpec, InventorySpec};
use crate::time::SimTime;

/// What both designs have.
struct Common<'a> {
    function: &'a FunctionSpec,
    inventory: Option<&'a InventorySpec>,
    account: &'a AccountSpec,
}

fn common(scenario: &Scenario, design: Design) -> Common<'_> {
    let (function, inventory, platform) = match design {
        Design::Buffered => {
            let spec = &scenario.buffered;
            (&spec.function, spec.inventory.as_ref(), &spec.platform)
        }
        Design::Direct => {
            let spec = &scenario.direct;
            (&spec.function, spec.inventory.as_ref(), &spec.platform)
        }
    };
    Common { function, inventory, account: &platform.account }
}

/// The limits that bear on a design, in the order of the way of an order.
pub fn limits(scenario: &Scenario, design: Design) -> Vec<LimitSetting> {
    let Common { function, inventory, account } = common(scenario, design);
    let mut limits = Vec::new();
    let mut add = |name: &'static str, limit: Option<u64>, uses: Uses| {
        limits.extend(limit.map(|limit| LimitSetting { name, limit, uses }));
    };
    let rate = |limit: RateLimit| (limit.name(), Uses::Tokens(limit));
    let (name, uses) = rate(RateLimit::StartExecution);
    add(name, account.start_execution.map(|bucket| bucket.size.into()), uses);
    let (name, uses) = rate(RateLimit::StateTransition);
    add(name, account.state_transition.map(|bucket| bucket.size.into()), uses);
    if design == Design::Buffered || is_asynchronous(scenario, design) {
        let (name, uses) = rate(RateLimit::SendTask);
        add(name, account.send_task.map(|bucket| bucket.size.into()), uses);
    }
    if design == Design::Buffered {
        add("in_flight_limit", scenario.buffered.queue.in_flight_limit, Uses::InFlight);
        add("event_source_ramp", ramp(&scenario.buffered), Uses::Ramp);
        add("maximum_concurrency", scenario.buffered.event_source.maximum_concurrency.map(u64::from), Uses::Batches);
    }
    add("reserved_concurrency", function.reserved_concurrency.map(u64::from), Uses::Environments);
    if function.reserved_concurrency.is_none() {
        add("account_concurrency", account.shared_concurrency().map(u64::from), Uses::Environments);
    }
    let (name, uses) = rate(RateLimit::EnvironmentRate);
    add(name, account.environment_rate.map(|bucket| bucket.size.into()), uses);
    let (name, uses) = rate(RateLimit::RequestRate);
    let concurrency = function.concurrency(account).map(u64::from);
    add(name, account.requests_per_concurrency.zip(concurrency).map(|(per, most)| u64::from(per) * most), uses);
    let connections = inventory.and_then(|inventory| inventory.settings.max_connections);
    add("inventory_connections", connections.map(u64::from), Uses::Connections);
    limits
}

/// Batches at the top of the ramp.
fn ramp(spec: &BufferedSpec) -> Option<u64> {
    let source = &spec.event_source;
    source.scale_interval.map(|_| u64::from(MOST_POLLERS.min(source.maximum_concurrency.unwrap_or(u32::MAX))))
}

/// Environments of a function that may be busy at once.
pub(super) fn concurrency_limit(scenario: &Scenario, design: Design) -> Option<u64> {
    let Common { function, account, .. } = common(scenario, design);
    function.concurrency(account).map(u64::from)
}

/// Whether a design invokes its function asynchronously, out of Lambda's own queue.
pub(crate) fn is_asynchronous(scenario: &Scenario, design: Design) -> bool {
    design == Design::Direct && scenario.direct.asynchronous.is_some()
}

/// Whether the function calls an inventory.
pub(crate) fn has_inventory(scenario: &Scenario, design: Design) -> bool {
    common(scenario, design).inventory.is_some()
}

/// How many provisioned environments are asked for during the run, and when.
pub(super) fn provisioned_asked(scenario: &Scenario, design: Design) -> Option<(u32, SimTime)> {
    let function = common(scenario, design).function;
    function.provisioning.map(|later| (function.provisioned_concurrency, later.asked_at))
}

/// Memory of the function.
pub(crate) fn memory_mb(scenario: &Scenario, design: Design) -> u32 {
    common(scenario, design).function.memory_mb
}
