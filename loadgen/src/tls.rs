//! The clients' end of TLS.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use anyhow::Context as _;
use feedbench_wire::control::LoadPlan;
use feedbench_wire::io::tls::{Connector, Failed};
use feedbench_wire::io::{Meter, Tls};
use tokio::io::{AsyncRead, AsyncWrite};

/// How long a handshake may take, beside its two round trips.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What the clients of a worker do TLS with, or do not.
pub(crate) struct ClientTls {
    connector: Option<Connector>,
    /// Each client's own, with the sessions that only it takes up again; `None` where nobody does.
    apart: Option<RefCell<HashMap<u32, Connector>>>,
}

impl ClientTls {
    /// As the plan says.
    ///
    /// # Errors
    /// When there is nobody to trust.
    pub(crate) fn of(plan: &LoadPlan) -> anyhow::Result<ClientTls> {
        let connector = plan.tls.as_ref().map(|trust| Connector::new(trust, plan.scenario.protocol));
        let connector = connector.transpose().context("cannot speak TLS")?;
        let resumes = connector.is_some() && plan.scenario.tls_resumption;
        Ok(ClientTls { connector, apart: resumes.then(RefCell::default) })
    }

    /// What a client does the handshake of its next connection with; `None` in clear.
    pub(crate) fn of_client(&self, client: u32) -> Option<Connector> {
        let connector = self.connector.as_ref()?;
        Some(match &self.apart {
            None => connector.clone(),
            Some(apart) => apart.borrow_mut().entry(client).or_insert_with(|| connector.apart()).clone(),
        })
    }
}

/// Does the handshake over a stream that was just connected.
///
/// # Errors
/// When it fails, or takes longer than 10 s and two round trips.
pub(crate) async fn secure<S: AsyncRead + AsyncWrite + Unpin>(
    connector: &Connector,
    stream: S,
    meter: &Meter,
    rtt: Duration,
) -> Result<Tls<S>, Failed<S>> {
    connector.connect(stream, meter, TIMEOUT + 2 * rtt).await
}
