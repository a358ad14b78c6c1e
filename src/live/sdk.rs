//! The official SDK's clients: for a server on this machine, or for AWS.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_sfn::types::{ExecutionStatus, HistoryEventType};
use aws_sdk_sqs::config::{Credentials, Region};
use aws_sdk_sqs::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, MessageSystemAttributeName, QueueAttributeName};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

use crate::live::target::{CallError, Depth, Event, Happened, Listed, Received, Standing, Target, Which};

/// Beyond the long poll: after so long without an answer a call has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the services are.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A server on this machine, at this URL.
    Loopback(String),
    /// AWS, in this Region.
    Aws(String),
}

/// Clients of all services, with one configuration: no retries of their own.
#[derive(Clone, Debug)]
pub struct Clients {
    /// SQS.
    pub sqs: aws_sdk_sqs::Client,
    /// Step Functions.
    pub sfn: aws_sdk_sfn::Client,
    /// Lambda.
    pub lambda: aws_sdk_lambda::Client,
    config: aws_config::SdkConfig,
}

impl Clients {
    /// For a place; `wait_s` is the longest long poll. A server on this machine is shown made-up credentials, and nothing of
    /// the user's environment, files or proxies is read for it.
    pub async fn new(place: &Place, wait_s: u32) -> Clients {
        let timeouts =
            TimeoutConfig::builder().operation_timeout(PATIENCE + Duration::from_secs(u64::from(wait_s))).build();
        let config = match place {
            Place::Loopback(url) => {
                let made_up = Credentials::new("simulate", "simulate", None, None, "made up");
                aws_config::SdkConfig::builder()
                    .behavior_version(BehaviorVersion::latest())
                    .region(Region::new("us-east-1"))
                    .endpoint_url(url)
                    .credentials_provider(aws_sdk_sqs::config::SharedCredentialsProvider::new(made_up))
                    .http_client(Builder::new().build_http())
                    .retry_config(RetryConfig::disabled())
                    .timeout_config(timeouts)
                    .build()
            }
            Place::Aws(region) => {
                let client = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
                aws_config::defaults(BehaviorVersion::latest())
                    .region(Region::new(region.clone()))
                    .http_client(client)
                    .retry_config(RetryConfig::disabled())
                    .timeout_config(timeouts)
                    .load()
                    .await
            }
        };
        Clients {
            sqs: aws_sdk_sqs::Client::new(&config),
            sfn: aws_sdk_sfn::Client::new(&config),
            lambda: aws_sdk_lambda::Client::new(&config),
            config,
        }
    }

    /// The account whose credentials these are.
    ///
    /// # Errors
    ///
    /// The service's words.
    pub async fn account(&self) -> Result<String, String> {
        let said = aws_sdk_sts::Client::new(&self.config).get_caller_identity().send().await.map_err(words)?;
        Ok(said.account().unwrap_or_default().to_owned())
    }
}

/// The services of one design.
#[derive(Clone, Debug)]
pub struct SdkTarget {
    /// The clients.
    pub clients: Clients,
    /// The design's state machine.
    pub machine: String,
    /// The queue and its dead-letter queue, where the design has them.
    pub queue: String,
    /// See `queue`.
    pub dead_letters: String,
    /// The queue in which a function reports, where there is one.
    pub reports: String,
}

/// The service's own words.
pub fn words<E>(error: SdkError<E>) -> String
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        _ => DisplayErrorContext(error).to_string(),
    }
}

/// The code of an error without its prefixes.
fn code<E: ProvideErrorMetadata>(error: &SdkError<E>) -> &str
where
    SdkError<E>: ProvideErrorMetadata,
{
    error.code().unwrap_or_default().rsplit(['#', '.']).next().unwrap_or_default()
}

/// What a service said about a thing; `None` if it says, by the code of its error and nothing else, that there is no such
/// thing.
///
/// # Errors
///
/// Any other error, in the service's words.
pub fn if_there<T, E>(said: Result<T, SdkError<E>>) -> Result<Option<T>, String>
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    const ABSENT: [&str; 5] = [
        "NonExistentQueue",
        "QueueDoesNotExist",
        "StateMachineDoesNotExist",
        "ResourceNotFound",
        "ResourceNotFoundException",
    ];
    match said {
        Ok(said) => Ok(Some(said)),
        Err(error) if ABSENT.contains(&code(&error)) => Ok(None),
        Err(error) => Err(words(error)),
    }
}

/// As far as the driver treats errors differently. Services name the end of a task in three ways.
fn call_error<E>(error: SdkError<E>) -> CallError
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    match code(&error) {
        "ThrottlingException" | "Throttling" | "RequestThrottled" | "TooManyRequestsException" => CallError::Throttled,
        "TaskTimedOut" | "TaskDoesNotExist" | "InvalidToken" => CallError::TaskOver,
        "ReceiptHandleIsInvalid" | "InvalidParameterValue" => CallError::StaleReceipt,
        "ExecutionAlreadyExists" => CallError::NameTaken,
        _ => CallError::Other(words(error)),
    }
}

fn milliseconds(at: &aws_sdk_sfn::primitives::DateTime) -> u64 {
    at.to_millis().ok().and_then(|ms| u64::try_from(ms).ok()).unwrap_or(0)
}

impl SdkTarget {
    /// A queue alone.
    pub fn of_queue(clients: &Clients, url: &str) -> SdkTarget {
        let none = String::new;
        let clients = clients.clone();
        SdkTarget { clients, machine: none(), queue: url.into(), dead_letters: none(), reports: none() }
    }

    fn url(&self, which: Which) -> &str {
        match which {
            Which::Main => &self.queue,
            Which::DeadLetter => &self.dead_letters,
            Which::Reports => &self.reports,
        }
    }
}

impl Target for SdkTarget {
    async fn start(&self, name: &str, input: &str) -> Result<u64, CallError> {
        let call = self.clients.sfn.start_execution().state_machine_arn(&self.machine).name(name).input(input);
        let said = call.send().await.map_err(call_error)?;
        Ok(milliseconds(said.start_date()))
    }

    async fn receive(&self, which: Which, most: u32, wait_s: u32) -> Result<Vec<Received>, CallError> {
        let call = self
            .clients
            .sqs
            .receive_message()
            .queue_url(self.url(which))
            .max_number_of_messages(most.min(10) as i32)
            .wait_time_seconds(wait_s as i32)
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp);
        let said = call.send().await.map_err(call_error)?;
        let received = |message: aws_sdk_sqs::types::Message| Received {
            sent_ms: message
                .attributes()
                .and_then(|all| all.get(&MessageSystemAttributeName::SentTimestamp))
                .and_then(|text| text.parse().ok()),
            message_id: message.message_id.unwrap_or_default(),
            receipt: message.receipt_handle.unwrap_or_default(),
            body: message.body.unwrap_or_default(),
        };
        Ok(said.messages.unwrap_or_default().into_iter().map(received).collect())
    }

    async fn delete(&self, which: Which, receipts: &[String]) -> Result<Vec<Result<(), CallError>>, CallError> {
        let mut call = self.clients.sqs.delete_message_batch().queue_url(self.url(which));
        for (place, receipt) in receipts.iter().enumerate() {
            let entry = DeleteMessageBatchRequestEntry::builder().id(place.to_string()).receipt_handle(receipt).build();
            call = call.entries(entry.map_err(|error| CallError::Other(error.to_string()))?);
        }
        let said = call.send().await.map_err(call_error)?;
        let failed: BTreeMap<&str, &str> = said.failed().iter().map(|one| (one.id(), one.code())).collect();
        let of = |place: usize| match failed.get(place.to_string().as_str()) {
            None => Ok(()),
            Some(code) if code.contains("ReceiptHandle") || code.contains("InvalidParameterValue") => {
                Err(CallError::StaleReceipt)
            }
            Some(code) => Err(CallError::Other((*code).to_owned())),
        };
        Ok((0..receipts.len()).map(of).collect())
    }

    async fn depth(&self, which: Which) -> Result<Depth, CallError> {
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        ];
        let mut call = self.clients.sqs.get_queue_attributes().queue_url(self.url(which));
        for name in &names {
            call = call.attribute_names(name.clone());
        }
        let said = call.send().await.map_err(call_error)?;
        let number = |name: &QueueAttributeName| {
            said.attributes().and_then(|all| all.get(name)).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0)
        };
        Ok(Depth { waiting: number(&names[0]) + number(&names[1]), in_flight: number(&names[2]) })
    }

    async fn succeed(&self, token: &str, output: &str) -> Result<(), CallError> {
        let call = self.clients.sfn.send_task_success().task_token(token).output(output);
        call.send().await.map(|_| ()).map_err(call_error)
    }

    async fn fail(&self, token: &str, error: &str, cause: &str) -> Result<(), CallError> {
        let call = self.clients.sfn.send_task_failure().task_token(token).error(error).cause(cause);
        call.send().await.map(|_| ()).map_err(call_error)
    }

    async fn beat(&self, token: &str) -> Result<(), CallError> {
        self.clients.sfn.send_task_heartbeat().task_token(token).send().await.map(|_| ()).map_err(call_error)
    }

    async fn count(&self, standing: Standing, prefix: &str) -> Result<u64, CallError> {
        let call = self.clients.sfn.list_executions().state_machine_arn(&self.machine);
        let mut pages = call.status_filter(status(standing)).max_results(1000).into_paginator().send();
        let mut count = 0;
        while let Some(page) = pages.next().await {
            let page = page.map_err(call_error)?;
            count += page.executions().iter().filter(|one| one.name().starts_with(prefix)).count() as u64;
        }
        Ok(count)
    }

    async fn list(&self) -> Result<Vec<Listed>, CallError> {
        let call = self.clients.sfn.list_executions().state_machine_arn(&self.machine).max_results(1000);
        let mut pages = call.into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            found.extend(page.map_err(call_error)?.executions().iter().map(|one| Listed {
                name: one.name().to_owned(),
                arn: one.execution_arn().to_owned(),
                standing: standing(one.status()),
                stopped_ms: one.stop_date().map(milliseconds),
            }));
        }
        Ok(found)
    }

    async fn history(&self, arn: &str) -> Result<Vec<Event>, CallError> {
        let call = self.clients.sfn.get_execution_history().execution_arn(arn).include_execution_data(true);
        let mut pages = call.max_results(1000).into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            found.extend(page.map_err(call_error)?.events().iter().filter_map(event));
        }
        Ok(found)
    }
}

fn status(standing: Standing) -> ExecutionStatus {
    match standing {
        Standing::Running => ExecutionStatus::Running,
        Standing::Succeeded => ExecutionStatus::Succeeded,
        Standing::Failed => ExecutionStatus::Failed,
        Standing::TimedOut => ExecutionStatus::TimedOut,
        Standing::Aborted => ExecutionStatus::Aborted,
    }
}

fn standing(status: &ExecutionStatus) -> Standing {
    match status {
        ExecutionStatus::Succeeded => Standing::Succeeded,
        ExecutionStatus::Failed => Standing::Failed,
        ExecutionStatus::TimedOut => Standing::TimedOut,
        ExecutionStatus::Aborted => Standing::Aborted,
        _ => Standing::Running,
    }
}

/// An event of a history, if the driver reads it.
fn event(event: &aws_sdk_sfn::types::HistoryEvent) -> Option<Event> {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let what = match event.r#type() {
        HistoryEventType::TaskScheduled => Happened::Scheduled,
        HistoryEventType::TaskSucceeded => {
            Happened::Succeeded(text(event.task_succeeded_event_details().and_then(|details| details.output())))
        }
        HistoryEventType::TaskFailed | HistoryEventType::TaskStartFailed | HistoryEventType::TaskSubmitFailed => {
            let details = event.task_failed_event_details();
            Happened::Failed(
                text(details.and_then(|details| details.error())),
                text(details.and_then(|details| details.cause())),
            )
        }
        HistoryEventType::TaskTimedOut => Happened::TimedOut,
        HistoryEventType::ExecutionTimedOut => Happened::ExecutionTimedOut,
        _ => return None,
    };
    Some(Event { at_ms: milliseconds(event.timestamp()), what })
}
