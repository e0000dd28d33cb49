//! Ctrl-C and SIGTERM: the first asks to stop and to write what was measured, the second ends at once.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Was the command asked to stop?
#[derive(Clone, Debug)]
pub(crate) struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// Listens from now on.
    ///
    /// # Errors
    /// When the kernel refuses a signal handler.
    pub(crate) fn listen() -> anyhow::Result<Interrupt> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let (sender, receiver) = watch::channel(false);
        tokio::spawn(async move {
            for asked in 1.. {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                if asked > 1 {
                    // The children end with their standard input.
                    std::process::exit(130);
                }
                sender.send_replace(true);
            }
        });
        Ok(Interrupt(receiver))
    }

    /// Asked to stop?
    pub(crate) fn asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until asked to stop.
    pub(crate) async fn wait(&mut self) {
        if self.0.wait_for(|&asked| asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
