//! What an account may do in a Region.

use super::{Fact, Mark, Part, Value};

const QUOTAS: &str =
    "Step Functions Developer Guide, \"Step Functions service quotas\", Standard workflows; raised on request";

facts! {
    START_EXECUTION: (u32, f64) = (1_300, 300.0), Bucket, "account.start_execution", Always,
        High, QUOTAS,
        "StartExecution calls in us-east-1, us-west-2 and eu-west-1; beyond it a call is refused.";
    STATE_TRANSITION: (u32, f64) = (5_000, 5_000.0), Bucket, "account.state_transition", Always,
        High, QUOTAS,
        "State transitions in those Regions; beyond it a transition waits.";
    SEND_TASK: (u32, f64) = (3_000, 500.0), Bucket, "account.send_task", Always,
        High, QUOTAS,
        "SendTaskSuccess and SendTaskFailure calls in those Regions, a bucket each; beyond it a call is refused.";
    START_EXECUTION_ELSEWHERE: (u32, f64) = (800, 150.0), Bucket, "account.start_execution, elsewhere", Always,
        High, QUOTAS,
        "StartExecution calls in the other Regions.";
    STATE_TRANSITION_ELSEWHERE: (u32, f64) = (800, 800.0), Bucket, "account.state_transition, elsewhere", Always,
        High, QUOTAS,
        "State transitions in the other Regions.";
    SEND_TASK_ELSEWHERE: (u32, f64) = (1_500, 300.0), Bucket, "account.send_task, elsewhere", Always,
        High, QUOTAS,
        "SendTaskSuccess and SendTaskFailure calls in the other Regions.";
}
