//! Hops between the services. AWS promises no latency and publishes none: all are assumed.
//!
//! Log-normals fitted by drawing 200,000 sums to the ends of two measured paths ("Serverless Messaging: Latency Compared",
//! Bite-Sized Serverless, eu-west-1, September 2022, 1,024 messages each, warm functions):
//!
//! | path | hops | p50 | p99 | measured p50 | measured p99 |
//! |---|---|---|---|---|---|
//! | Step Functions Standard to handler, synchronous | start + dispatch + invoke | 99 ms | 251 ms | 99.1 ms | 250 ms |
//! | SQS standard queue to handler | receive + invoke | 16 ms | 106 ms | 16.2 ms | 105 ms |
//!
//! A sum of log-normals is wider below its median than what was measured (p10 61 ms for 73 ms, and 7 ms for 13.7 ms).
//! How a path is split among its hops is a guess, guided by one recorded execution history (AWS SageMaker sample, 2024).

use super::{Fact, Mark, Part, Range, Value, Worse};

const FITTED: &str = "fitted to \"Serverless Messaging: Latency Compared\" (Bite-Sized Serverless, 2022); the split among hops is a guess";

facts! {
    START: &str = "{ p50 = \"48ms\", p99 = \"160ms\", distribution = \"lognormal\" }", Distribution, "latency.start", Always,
        Assumed, FITTED,
        "StartExecution is accepted until the execution enters its first state.",
        High is worse,
        "{ p50 = \"24ms\", p99 = \"80ms\", distribution = \"lognormal\" }",
        "{ p50 = \"96ms\", p99 = \"320ms\", distribution = \"lognormal\" }",
        "decided: half, to twice, both percentiles alike; nobody measured a single hop";
    DISPATCH: &str = "{ p50 = \"38ms\", p99 = \"160ms\", distribution = \"lognormal\" }", Distribution, "latency.dispatch", Always,
        Assumed, FITTED,
        "The state is entered until its Task starts.",
        High is worse,
        "{ p50 = \"19ms\", p99 = \"80ms\", distribution = \"lognormal\" }",
        "{ p50 = \"76ms\", p99 = \"320ms\", distribution = \"lognormal\" }",
        "decided: half, to twice";
    TRANSITION: &str = "{ p50 = \"25ms\", p99 = \"100ms\", distribution = \"lognormal\" }", Distribution, "latency.transition", Always,
        Assumed, "a guess, in proportion to the fitted hops",
        "An answer is accepted until the next state is entered.",
        High is worse,
        "{ p50 = \"12.5ms\", p99 = \"50ms\", distribution = \"lognormal\" }",
        "{ p50 = \"50ms\", p99 = \"200ms\", distribution = \"lognormal\" }",
        "decided: half, to twice";
    SEND: &str = "{ p50 = \"10ms\", p99 = \"80ms\", distribution = \"lognormal\" }", Distribution, "latency.send", Always,
        Assumed, "one call from inside the Region: SQS Developer Guide, \"Increasing throughput using horizontal scaling and action batching\" reckons with 20 ms on average",
        "The Task starts until its message is in the queue.",
        High is worse,
        "{ p50 = \"5ms\", p99 = \"40ms\", distribution = \"lognormal\" }",
        "{ p50 = \"20ms\", p99 = \"160ms\", distribution = \"lognormal\" }",
        "decided: half, to twice";
    RECEIVE: &str = "{ p50 = \"9ms\", p99 = \"98ms\", distribution = \"lognormal\" }", Distribution, "latency.receive", Always,
        Assumed, FITTED,
        "A message is received until the poller has its batch.",
        High is worse,
        "{ p50 = \"4.5ms\", p99 = \"49ms\", distribution = \"lognormal\" }",
        "{ p50 = \"18ms\", p99 = \"196ms\", distribution = \"lognormal\" }",
        "decided: half, to twice";
    INVOKE: &str = "{ p50 = \"5ms\", p99 = \"30ms\", distribution = \"lognormal\" }", Distribution, "latency.invoke", Always,
        Assumed, FITTED,
        "The function is called until Lambda has the call.",
        High is worse,
        "{ p50 = \"2.5ms\", p99 = \"15ms\", distribution = \"lognormal\" }",
        "{ p50 = \"10ms\", p99 = \"60ms\", distribution = \"lognormal\" }",
        "decided: half, to twice";
    CALLBACK: &str = "{ p50 = \"20ms\", p99 = \"80ms\", distribution = \"lognormal\" }", Distribution, "latency.callback", Always,
        Assumed, "a guess, in proportion to the fitted hops",
        "The handler is done until its answer has reached the task.",
        High is worse,
        "{ p50 = \"10ms\", p99 = \"40ms\", distribution = \"lognormal\" }",
        "{ p50 = \"40ms\", p99 = \"160ms\", distribution = \"lognormal\" }",
        "decided: half, to twice";
}
