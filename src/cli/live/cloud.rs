//! `simulate live --target aws`: what is asked for is shown, and done only if that is said.

use std::time::Duration;

use crate::cli::live::present::{Prepared, given};
use crate::cli::options::{AwsOptions, Measuring};
use crate::cli::{Ending, print};
use crate::live::plan::Plan;
use crate::live::provision::Given;
use crate::live::run::Where;
use crate::live::sdk::Place;
use crate::live::{Settings, Worker, aws};
use crate::measure::findings::Design;
use crate::scenario::Loaded;

/// Everything that is needed for it; `None` if it was shown and is not to be done.
pub(super) fn cloud(
    measuring: &Measuring,
    aws_options: &AwsOptions,
    (loaded, plans, settings): (&Loaded, &[Plan], &Settings),
) -> Result<Option<Prepared>, Ending> {
    let needed =
        |name: &str| Ending::Refused(format!("error: --target aws needs {name}\n  = help: docs/live.md says what for"));
    let region = aws_options.region.as_ref().ok_or_else(|| needed("--region"))?;
    let account = aws_options.account.as_ref().ok_or_else(|| needed("--account"))?;
    measuring.max_orders.ok_or_else(|| needed("--max-orders"))?;
    let most = aws_options.max_cost.ok_or_else(|| needed("--max-cost"))?;
    let role = aws_options.role_arn.as_ref().ok_or_else(|| needed("--role-arn"))?;
    let given = given(measuring);
    let makes_function = plans.iter().any(|plan| aws::makes_function(plan, &given));
    let function_role = match (&aws_options.function_role_arn, makes_function) {
        (Some(role), _) => role.clone(),
        (None, false) => String::new(),
        (None, true) => return Err(needed("--function-role-arn for its function")),
    };
    let cost = aws::cost(plans, &loaded.scenario.prices, settings);
    if cost > most {
        return Err(Ending::Refused(format!(
            "error: the run may cost up to {cost:.2} USD, and --max-cost is {most:.2}\n  = help: fewer orders with --max-orders"
        )));
    }
    if !aws_options.execute {
        let mut roles = vec![role.as_str()];
        roles.extend(Some(function_role.as_str()).filter(|role| !role.is_empty()));
        print(&dry_run((region, account), &roles, (plans, &given), cost))?;
        return Ok(None);
    }
    if let Some((name, _)) =
        std::env::vars_os().find(|(name, _)| name.to_string_lossy().starts_with("AWS_ENDPOINT_URL"))
    {
        let name = name.to_string_lossy().into_owned();
        return Err(Ending::Refused(format!(
            "error: {name} would send the run elsewhere than to AWS\n  = help: unset it; servers on this machine are driven with --endpoint-url"
        )));
    }
    let now = std::time::SystemTime::now() + Duration::from_secs(86_400);
    let given = Given {
        role: role.clone(),
        function_role,
        expires: now.duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs()).to_string(),
        ..given
    };
    let place = Place::Aws(region.clone());
    Ok(Some((Where::There(place), given, Some(account.clone()), format!("AWS in {region}"))))
}

fn dry_run((region, account): (&str, &str), roles: &[&str], (plans, given): (&[Plan], &Given), cost: f64) -> String {
    let pretty = |value: &serde_json::Value| serde_json::to_string_pretty(value).unwrap_or_default();
    let mut said = format!(
        "Nothing was done. With --execute this would be created in {region}, account {account}, and removed afterwards:\n  {}\n\n\
         It would cost at most {cost:.4} USD by the scenario's price list, free tiers left out.\n\n\
         Your own permissions:\n{}\n\nThose of the state machines' role:\n{}\n",
        aws::resources(plans, given).join("\n  "),
        pretty(&aws::policy(region, account, roles)),
        pretty(&aws::workflow_policy(region, account)),
    );
    if plans.iter().any(|plan| plan.design == Design::Buffered && plan.worker == Worker::Lambda) {
        let policy = pretty(&aws::function_policy(region, account));
        said.push_str(&format!("\nThose of the function's role, behind the queue:\n{policy}\n"));
    }
    if plans.iter().any(|plan| aws::makes_function(plan, given)) {
        said.push_str(
            "\nA function whose role may write logs makes a log group /aws/lambda/simulate-…, which is not removed here.\n",
        );
    }
    said
}
