//! `simulate live`: measures instead of predicting, where the feature is built in.

#[cfg(not(feature = "live"))]
mod absent {
    use crate::cli::Ending;
    use crate::cli::options::LiveOptions;

    /// Says how to get it.
    pub(in crate::cli) fn live(_options: &LiveOptions, _unicode: bool) -> Result<bool, Ending> {
        Err(Ending::Refused(
            "error: this build predicts and cannot measure\n  = help: build it with the feature: cargo install --path . --features live"
                .into(),
        ))
    }
}

#[cfg(feature = "live")]
mod cloud;
#[cfg(feature = "live")]
mod present;

#[cfg(not(feature = "live"))]
pub(super) use absent::live;
#[cfg(feature = "live")]
pub(super) use present::live;
