//! Creates what a run needs: each thing is named, tagged, and in the manifest before it is created.

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{FunctionCode, Runtime};
use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::json;
use tokio::sync::watch;

use crate::live::manifest::{Kind, Manifest};
use crate::live::plan::Plan;
use crate::live::sdk::{Clients, SdkTarget, words};
use crate::live::{function, machine};
use crate::measure::findings::Design;
use crate::time::NANOS_PER_SEC;

/// The tag that names the run; nothing without it is ever removed.
pub const TAG: &str = "simulate:run";
/// The tag that says until when it can be of any use.
pub const EXPIRES: &str = "simulate:expires";

/// What is there already, or may be used.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// A queue that is there: its URL.
    pub queue: Option<String>,
    /// Its dead-letter queue.
    pub dead_letters: Option<String>,
    /// A state machine that sends to that queue.
    pub machine: Option<String>,
    /// The role of state machines.
    pub role: String,
    /// The role of functions.
    pub function_role: String,
    /// Further names under which the target raises a throttle.
    pub throttle_names: Vec<&'static str>,
    /// The date after which whatever is left may be removed by anybody.
    pub expires: String,
}

/// Why creation stopped.
#[derive(Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Somebody interrupted.
    Interrupted,
    /// Something went wrong, in words.
    Failed(String),
}

impl From<String> for Stopped {
    fn from(words: String) -> Stopped {
        Stopped::Failed(words)
    }
}

/// Creates, one thing after the other.
pub struct Site<'a> {
    /// The clients.
    pub clients: &'a Clients,
    /// The manifest.
    pub manifest: &'a mut Manifest,
    /// What is there already.
    pub given: &'a Given,
    /// True once somebody has interrupted.
    pub stop: watch::Receiver<bool>,
}

impl Site<'_> {
    /// Everything for one design. A call that is under way is waited for: what it creates must be known.
    ///
    /// # Errors
    ///
    /// Somebody interrupted, or a service refused.
    pub async fn create(&mut self, plan: &Plan) -> Result<SdkTarget, Stopped> {
        match plan.design {
            Design::Buffered => self.buffered(plan).await,
            Design::Direct => self.direct(plan).await,
        }
    }

    fn go_on(&self) -> Result<(), Stopped> {
        if *self.stop.borrow() { Err(Stopped::Interrupted) } else { Ok(()) }
    }

    fn name(&self, what: &str) -> String {
        format!("{}-{what}", self.manifest.run)
    }

    fn tags(&self) -> Vec<(&'static str, String)> {
        vec![(TAG, self.manifest.run.clone()), (EXPIRES, self.given.expires.clone())]
    }

    async fn buffered(&mut self, plan: &Plan) -> Result<SdkTarget, Stopped> {
        let dead_letters = match (&self.given.dead_letters, plan.queue.max_receive_count) {
            (Some(url), _) => url.clone(),
            (None, Some(_)) if self.given.queue.is_none() => {
                let attributes = vec![(QueueAttributeName::MessageRetentionPeriod, "1209600".to_owned())];
                self.queue("dead-letters", attributes).await?
            }
            (None, _) => String::new(),
        };
        let queue = match self.given.queue.clone() {
            Some(url) => self.empty(url).await?,
            None => self.main_queue(plan, &dead_letters).await?,
        };
        let machine = match self.given.machine.clone() {
            Some(arn) => arn,
            None => self.machine("buffered", machine::buffered(plan, &queue)).await?,
        };
        Ok(SdkTarget { clients: self.clients.clone(), machine, queue, dead_letters })
    }

    /// A queue that is given must not hold anything: it would be taken for ours, or lost.
    async fn empty(&self, url: String) -> Result<String, Stopped> {
        use crate::live::target::{Target, Which};
        let target = SdkTarget {
            clients: self.clients.clone(),
            machine: String::new(),
            queue: url.clone(),
            dead_letters: String::new(),
        };
        match target.depth(Which::Main).await {
            Ok(depth) if depth.messages == 0 => Ok(url),
            Ok(depth) => Err(Stopped::Failed(format!(
                "error: the queue holds {} messages already\n  = help: give an empty queue, or leave --queue-url out",
                depth.messages
            ))),
            Err(error) => Err(Stopped::Failed(format!("error: {url}: {error}"))),
        }
    }

    async fn main_queue(&mut self, plan: &Plan, dead_letters: &str) -> Result<String, Stopped> {
        let seconds = |length: crate::time::SimDuration| (length.0 / NANOS_PER_SEC).to_string();
        let mut attributes = vec![
            (QueueAttributeName::VisibilityTimeout, seconds(plan.queue.visibility_timeout)),
            (QueueAttributeName::DelaySeconds, seconds(plan.queue.delay)),
        ];
        if let Some(retention) = plan.queue.retention {
            attributes.push((QueueAttributeName::MessageRetentionPeriod, seconds(retention)));
        }
        if let Some(most) = plan.queue.max_receive_count {
            let arn = self.queue_arn(dead_letters).await?;
            let policy = json!({ "deadLetterTargetArn": arn, "maxReceiveCount": most });
            attributes.push((QueueAttributeName::RedrivePolicy, policy.to_string()));
        }
        self.queue("orders", attributes).await
    }

    async fn queue(&mut self, what: &str, attributes: Vec<(QueueAttributeName, String)>) -> Result<String, Stopped> {
        self.go_on()?;
        let name = self.name(what);
        self.manifest.announce(Kind::Queue, &name)?;
        let mut call = self.clients.sqs.create_queue().queue_name(&name);
        for (key, value) in attributes {
            call = call.attributes(key, value);
        }
        for (key, value) in self.tags() {
            call = call.tags(key, value);
        }
        let said = call.send().await.map_err(|error| refused("queue", &name, words(error)))?;
        let url = said.queue_url().unwrap_or_default().to_owned();
        self.manifest.created(&name, &url)?;
        Ok(url)
    }

    async fn queue_arn(&self, url: &str) -> Result<String, Stopped> {
        let call = self.clients.sqs.get_queue_attributes().queue_url(url);
        let said = call.attribute_names(QueueAttributeName::QueueArn).send().await;
        let said = said.map_err(|error| refused("attributes of the queue", url, words(error)))?;
        Ok(said.attributes().and_then(|all| all.get(&QueueAttributeName::QueueArn)).cloned().unwrap_or_default())
    }

    async fn machine(&mut self, what: &str, definition: serde_json::Value) -> Result<String, Stopped> {
        self.go_on()?;
        let name = self.name(what);
        self.manifest.announce(Kind::StateMachine, &name)?;
        let mut call = self.clients.sfn.create_state_machine().name(&name);
        call = call.definition(definition.to_string()).role_arn(&self.given.role);
        for (key, value) in self.tags() {
            call = call.tags(aws_sdk_sfn::types::Tag::builder().key(key).value(value).build());
        }
        let said = call.send().await.map_err(|error| refused("state machine", &name, words(error)))?;
        self.manifest.created(&name, said.state_machine_arn())?;
        Ok(said.state_machine_arn().to_owned())
    }

    async fn direct(&mut self, plan: &Plan) -> Result<SdkTarget, Stopped> {
        let machine = match self.given.machine.clone() {
            Some(arn) => arn,
            None => {
                let function = self.function(plan).await?;
                self.machine("direct", machine::direct(plan, &function, &self.given.throttle_names)).await?
            }
        };
        let target =
            SdkTarget { clients: self.clients.clone(), machine, queue: String::new(), dead_letters: String::new() };
        self.warm_up(plan, &target).await?;
        Ok(target)
    }

    async fn function(&mut self, plan: &Plan) -> Result<String, Stopped> {
        self.go_on()?;
        let name = self.name("function");
        self.manifest.announce(Kind::Function, &name)?;
        let code = FunctionCode::builder().zip_file(Blob::new(function::archive())).build();
        let timeout = plan.function.timeout.map_or(900, |limit| (limit.0.div_ceil(NANOS_PER_SEC)).clamp(1, 900));
        let mut call = self.clients.lambda.create_function().function_name(&name).code(code);
        call = call.runtime(Runtime::from("python3.12")).handler(function::HANDLER).role(&self.given.function_role);
        call = call.timeout(timeout as i32).memory_size(plan.function.memory_mb.clamp(128, 10_240) as i32);
        for (key, value) in self.tags() {
            call = call.tags(key, value);
        }
        let said = call.send().await.map_err(|error| refused("function", &name, words(error)))?;
        let arn = said.function_arn().unwrap_or_default().to_owned();
        self.manifest.created(&name, &arn)?;
        self.go_on()?;
        if plan.function.reserved_concurrency.is_some() {
            let call = self.clients.lambda.put_function_concurrency().function_name(&name);
            let said = call.reserved_concurrent_executions(plan.workers as i32).send().await;
            said.map_err(|error| refused("reserved concurrency of", &name, words(error)))?;
        }
        Ok(arn)
    }

    /// Executions before time zero: what a service does once, and every environment's first call, is not measured.
    async fn warm_up(&self, plan: &Plan, target: &SdkTarget) -> Result<(), Stopped> {
        use crate::live::target::Target;
        let input = json!({ "order": 0, "run": "warm-up", "work": [0.5], "fails": [false] }).to_string();
        for number in 0..plan.workers.min(function::MOST_WARMED) {
            self.go_on()?;
            let name = format!("{}-warm-up-{number}", self.manifest.run);
            target.start(&name, &input).await.map_err(|error| refused("execution", &name, error.to_string()))?;
        }
        for _ in 0..300 {
            self.go_on()?;
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            if matches!(target.any_running().await, Ok(false)) {
                return Ok(());
            }
        }
        Err(Stopped::Failed("error: the function did not answer within a minute\n  = help: look at the target".into()))
    }
}

fn refused(what: &str, name: &str, words: String) -> Stopped {
    Stopped::Failed(format!(
        "error: the {what} {name} could not be made: {words}\n  = help: the permissions are listed in docs/live.md"
    ))
}
