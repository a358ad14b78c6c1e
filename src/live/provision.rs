//! Creates what a run needs: each thing is named, tagged, and in the manifest before it is created.

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{Environment, FunctionCode, FunctionResponseType, Runtime, ScalingConfig};
use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::json;
use tokio::sync::watch;

use crate::live::manifest::{Kind, Manifest};
use crate::live::plan::Plan;
use crate::live::sdk::{Clients, SdkTarget, words};
use crate::live::target::{Depth, Standing, Target, Which};
use crate::live::{Worker, function, machine};
use crate::measure::findings::Design;
use crate::time::NANOS_PER_SEC;

/// The tag that names the run; nothing without it is ever removed.
pub const TAG: &str = "simulate:run";
/// The tag that says until when it can be of any use.
pub const EXPIRES: &str = "simulate:expires";

/// How long a service may take to have something ready, in looks.
const PATIENCE: u32 = 300;
const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_millis(200);

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
    /// Whether functions send heartbeats.
    pub heartbeats: bool,
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
        let dead_letters = match (self.given.dead_letters.clone(), plan.queue.max_receive_count) {
            (Some(url), _) => self.given_queue("dead-letters", url).await?,
            (None, Some(_)) if self.given.queue.is_none() => {
                let attributes = vec![(QueueAttributeName::MessageRetentionPeriod, "1209600".to_owned())];
                self.queue("dead-letters", attributes).await?
            }
            (None, _) => String::new(),
        };
        let queue = match self.given.queue.clone() {
            Some(url) => self.given_queue("orders", url).await?,
            None => self.main_queue(plan, &dead_letters).await?,
        };
        let reports = match plan.worker {
            Worker::Pool => String::new(),
            Worker::Lambda => self.consumer(plan, &queue).await?,
        };
        let machine = self.machine_for("buffered", machine::buffered(plan, &queue)).await?;
        Ok(SdkTarget { clients: self.clients.clone(), machine, queue, dead_letters, reports })
    }

    /// A queue that is given must not hold anything: it would be taken for ours, or lost. What the run leaves in it is
    /// taken out afterwards.
    async fn given_queue(&mut self, what: &str, url: String) -> Result<String, Stopped> {
        self.go_on()?;
        match SdkTarget::of_queue(self.clients, &url).depth(Which::Main).await.map(Depth::messages) {
            Ok(0) => {
                let name = self.name(what);
                self.manifest.uses(Kind::Messages, &name, &url)?;
                Ok(url)
            }
            Ok(messages) => Err(Stopped::Failed(format!(
                "error: the queue {url} holds {messages} messages already\n  = help: give an empty queue, or none"
            ))),
            Err(error) => Err(Stopped::Failed(format!("error: the queue {url} cannot be asked: {error}"))),
        }
    }

    /// The state machine that is given, or a new one.
    async fn machine_for(&mut self, what: &str, definition: serde_json::Value) -> Result<String, Stopped> {
        let Some(arn) = self.given.machine.clone() else { return self.machine(what, definition).await };
        self.go_on()?;
        let name = self.name("executions");
        self.manifest.uses(Kind::Executions, &name, &arn)?;
        Ok(arn)
    }

    /// The function behind the queue, with its mapping; the queue in which it reports.
    async fn consumer(&mut self, plan: &Plan, queue: &str) -> Result<String, Stopped> {
        let reports = self.queue("reports", Vec::new()).await?;
        let name = self.name(&function::name_of(plan.design));
        self.function(plan, &reports).await?;
        self.invoke_once(plan, &name).await?;
        self.go_on()?;
        self.manifest.announce(Kind::Mapping, &name)?;
        let mut call = self.clients.lambda.create_event_source_mapping().function_name(&name);
        call = call.event_source_arn(self.queue_arn(queue).await?).batch_size(plan.queue.batch_size as i32);
        let scaling = ScalingConfig::builder().maximum_concurrency(plan.workers.min(1_000) as i32).build();
        call = call.scaling_config(scaling);
        if plan.queue.report_batch_item_failures {
            call = call.function_response_types(FunctionResponseType::ReportBatchItemFailures);
        }
        let said = call.send().await.map_err(|error| refused("event source mapping of", &name, words(error)))?;
        let uuid = said.uuid().unwrap_or_default().to_owned();
        self.manifest.created(Kind::Mapping, &name, &uuid)?;
        self.until_enabled(&uuid).await?;
        Ok(reports)
    }

    /// A mapping polls some time after it was created.
    async fn until_enabled(&self, uuid: &str) -> Result<(), Stopped> {
        for _ in 0..PATIENCE {
            self.go_on()?;
            let said = self.clients.lambda.get_event_source_mapping().uuid(uuid).send().await;
            let said = said.map_err(|error| refused("event source mapping", uuid, words(error)))?;
            if said.state() == Some("Enabled") {
                return Ok(());
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Err(Stopped::Failed("error: the event source mapping was not enabled within a minute".into()))
    }

    /// Every environment is called once before time zero: what it does at its first call is not measured.
    async fn invoke_once(&self, plan: &Plan, name: &str) -> Result<(), Stopped> {
        let call = |_| {
            let payload = Blob::new(json!({ "warm_up": 0.5 }).to_string());
            self.clients.lambda.invoke().function_name(name).payload(payload).send()
        };
        let calls: Vec<_> = (0..plan.workers.min(function::MOST_WARMED)).map(call).map(tokio::spawn).collect();
        for call in calls {
            let said = call.await.map_err(|error| error.to_string())?;
            let said = said.map_err(|error| refused("function", name, words(error)))?;
            if let Some(wrong) = said.function_error() {
                let told = said.payload().map(|told| String::from_utf8_lossy(told.as_ref()).into_owned());
                return Err(refused("function", name, format!("{wrong}: {}", told.unwrap_or_default())));
            }
        }
        self.go_on()
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
        self.manifest.created(Kind::Queue, &name, &url)?;
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
        self.manifest.created(Kind::StateMachine, &name, said.state_machine_arn())?;
        Ok(said.state_machine_arn().to_owned())
    }

    async fn direct(&mut self, plan: &Plan) -> Result<SdkTarget, Stopped> {
        let function = match self.given.machine {
            Some(_) => String::new(),
            None => self.function(plan, "").await?,
        };
        let definition = machine::direct(plan, &function, &self.given.throttle_names);
        let machine = self.machine_for("direct", definition).await?;
        let target = SdkTarget { machine, ..SdkTarget::of_queue(self.clients, "") };
        self.warm_up(plan, &target).await?;
        Ok(target)
    }

    async fn function(&mut self, plan: &Plan, reports: &str) -> Result<String, Stopped> {
        self.go_on()?;
        let name = self.name(&function::name_of(plan.design));
        self.manifest.announce(Kind::Function, &name)?;
        let code = FunctionCode::builder().zip_file(Blob::new(function::archive(plan.design))).build();
        let timeout = plan.function.timeout.map_or(900, |limit| (limit.0.div_ceil(NANOS_PER_SEC)).clamp(1, 900));
        let mut call = self.clients.lambda.create_function().function_name(&name).code(code);
        call = call.runtime(Runtime::from("python3.12")).handler(function::HANDLER).role(&self.given.function_role);
        call = call.timeout(timeout as i32).memory_size(plan.function.memory_mb.clamp(128, 10_240) as i32);
        let settings = function::settings(plan, &self.manifest.run, reports, self.heartbeats);
        call = call.environment(Environment::builder().variables(function::SETTINGS, settings.to_string()).build());
        for (key, value) in self.tags() {
            call = call.tags(key, value);
        }
        let said = call.send().await.map_err(|error| refused("function", &name, words(error)))?;
        let arn = said.function_arn().unwrap_or_default().to_owned();
        self.manifest.created(Kind::Function, &name, &arn)?;
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
        let input = json!({ "order": 0, "run": "warm-up", "work": [0.5], "fails": [false] }).to_string();
        let prefix = self.name("warm-up-");
        for number in 0..plan.workers.min(function::MOST_WARMED) {
            self.go_on()?;
            let name = format!("{prefix}{number}");
            target.start(&name, &input).await.map_err(|error| refused("execution", &name, error.to_string()))?;
        }
        for _ in 0..PATIENCE {
            self.go_on()?;
            tokio::time::sleep(LOOK_AGAIN).await;
            if matches!(target.count(Standing::Running, &prefix).await, Ok(0)) {
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
