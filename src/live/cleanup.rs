//! Removes what a manifest lists, and nothing else: only by the name it was given, and only with the tag of its run.

use aws_sdk_sfn::types::ExecutionStatus;

use crate::live::manifest::{Kind, Manifest, Resource};
use crate::live::provision::TAG;
use crate::live::sdk::{Clients, words};

/// What became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cleared {
    /// Removed, or found not to be there, by name.
    pub removed: Vec<String>,
    /// Left where it is, with the reason.
    pub left: Vec<String>,
}

impl Cleared {
    /// Whether nothing is left behind.
    pub fn is_clean(&self) -> bool {
        self.left.is_empty()
    }
}

/// Removes everything in the manifest, the last first; the manifest goes with the last of it.
pub async fn clear(clients: &Clients, manifest: &mut Manifest) -> Cleared {
    let mut cleared = Cleared::default();
    for resource in manifest.resources.clone().into_iter().rev() {
        match remove(clients, &resource, &manifest.run).await {
            Ok(()) => {
                cleared.removed.push(resource.name.clone());
                if let Err(trouble) = manifest.removed(&resource.name) {
                    cleared.left.push(trouble);
                }
            }
            Err(reason) => cleared.left.push(format!("{}: {reason}", resource.name)),
        }
    }
    if cleared.is_clean() {
        manifest.discard();
    }
    cleared
}

async fn remove(clients: &Clients, resource: &Resource, run: &str) -> Result<(), String> {
    match resource.kind {
        Kind::Queue => remove_queue(clients, resource, run).await,
        Kind::StateMachine => remove_machine(clients, resource, run).await,
        Kind::Function => remove_function(clients, resource, run).await,
    }
}

/// Whoever has another tag is not ours.
fn check_tag(tag: Option<&str>, run: &str) -> Result<(), String> {
    match tag {
        Some(tag) if tag == run => Ok(()),
        Some(tag) => Err(format!("its tag {TAG} is {tag}; it is left alone")),
        None => Err(format!("it has no tag {TAG}; it is left alone")),
    }
}

/// Whether a service says that there is no such thing.
fn is_absent(words: &str) -> bool {
    ["NonExistentQueue", "QueueDoesNotExist", "StateMachineDoesNotExist", "ResourceNotFound", "does not exist"]
        .iter()
        .any(|name| words.contains(name))
}

async fn remove_queue(clients: &Clients, resource: &Resource, run: &str) -> Result<(), String> {
    let url = match &resource.id {
        Some(url) => url.clone(),
        None => match clients.sqs.get_queue_url().queue_name(&resource.name).send().await.map_err(words) {
            Ok(said) => said.queue_url().unwrap_or_default().to_owned(),
            Err(words) if is_absent(&words) => return Ok(()),
            Err(words) => return Err(words),
        },
    };
    match clients.sqs.list_queue_tags().queue_url(&url).send().await.map_err(words) {
        Ok(said) => check_tag(said.tags().and_then(|tags| tags.get(TAG)).map(String::as_str), run)?,
        Err(words) if is_absent(&words) => return Ok(()),
        Err(words) => return Err(words),
    }
    match clients.sqs.delete_queue().queue_url(&url).send().await.map_err(words) {
        Err(words) if !is_absent(&words) => Err(words),
        _ => Ok(()),
    }
}

async fn remove_machine(clients: &Clients, resource: &Resource, run: &str) -> Result<(), String> {
    let arn = match &resource.id {
        Some(arn) => arn.clone(),
        None => match find_machine(clients, &resource.name).await? {
            Some(arn) => arn,
            None => return Ok(()),
        },
    };
    match clients.sfn.list_tags_for_resource().resource_arn(&arn).send().await.map_err(words) {
        Ok(said) => {
            let tag = said.tags().iter().find(|tag| tag.key() == Some(TAG)).and_then(|tag| tag.value());
            check_tag(tag, run)?;
        }
        Err(words) if is_absent(&words) => return Ok(()),
        Err(words) => return Err(words),
    }
    stop_executions(clients, &arn).await?;
    match clients.sfn.delete_state_machine().state_machine_arn(&arn).send().await.map_err(words) {
        Err(words) if !is_absent(&words) => Err(words),
        _ => Ok(()),
    }
}

/// The ARN of a state machine by its name.
async fn find_machine(clients: &Clients, name: &str) -> Result<Option<String>, String> {
    let mut token = None;
    loop {
        let said = clients.sfn.list_state_machines().set_next_token(token).send().await.map_err(words)?;
        if let Some(found) = said.state_machines().iter().find(|one| one.name() == name) {
            return Ok(Some(found.state_machine_arn().to_owned()));
        }
        token = said.next_token().map(str::to_owned);
        if token.is_none() {
            return Ok(None);
        }
    }
}

/// Whatever still runs would wait for an answer that never comes.
async fn stop_executions(clients: &Clients, arn: &str) -> Result<(), String> {
    loop {
        let call = clients.sfn.list_executions().state_machine_arn(arn).status_filter(ExecutionStatus::Running);
        let said = call.max_results(100).send().await.map_err(words)?;
        if said.executions().is_empty() {
            return Ok(());
        }
        let mut stopped = 0;
        for one in said.executions() {
            let ended = clients.sfn.stop_execution().execution_arn(one.execution_arn()).send().await;
            stopped += u32::from(ended.is_ok());
        }
        if stopped == 0 {
            return Err("its executions could not be stopped".into());
        }
    }
}

async fn remove_function(clients: &Clients, resource: &Resource, run: &str) -> Result<(), String> {
    match clients.lambda.get_function().function_name(&resource.name).send().await.map_err(words) {
        Ok(said) => check_tag(said.tags().and_then(|tags| tags.get(TAG)).map(String::as_str), run)?,
        Err(words) if is_absent(&words) => return Ok(()),
        Err(words) => return Err(words),
    }
    match clients.lambda.delete_function().function_name(&resource.name).send().await.map_err(words) {
        Err(words) if !is_absent(&words) => Err(words),
        _ => Ok(()),
    }
}
