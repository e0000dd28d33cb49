//! A child process of this same binary, ordered over its standard input and heard on its standard output.

use std::marker::PhantomData;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child as Process, ChildStdin, ChildStdout, Command};

/// How long a child may take to end once its standard input has ended.
const END: Duration = Duration::from_secs(2);

/// A child process. Dropped, it is killed.
pub(crate) struct Child<Order, Answer> {
    name: &'static str,
    process: Process,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    hears: PhantomData<fn(Order)>,
    says: PhantomData<fn() -> Answer>,
}

impl<Order: Serialize, Answer: DeserializeOwned> Child<Order, Answer> {
    /// Starts the hidden subcommand `role` in a process group of its own, so that Ctrl-C reaches only the parent.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub(crate) fn start(name: &'static str, role: &str) -> anyhow::Result<Self> {
        let binary = std::env::current_exe().context("cannot find this program's own file")?;
        let mut process = Command::new(binary)
            .arg(role)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start the {name} process"))?;
        let orders = process.stdin.take().context("the child has no standard input")?;
        let stdout = process.stdout.take().context("the child has no standard output")?;
        let answers = BufReader::new(stdout).lines();
        Ok(Child { name, process, orders, answers, hears: PhantomData, says: PhantomData })
    }

    /// Gives an order.
    ///
    /// # Errors
    /// When the child is gone.
    pub(crate) async fn order(&mut self, order: &Order) -> anyhow::Result<()> {
        let mut line = serde_json::to_vec(order).context("an order is plain data")?;
        line.push(b'\n');
        self.orders.write_all(&line).await.with_context(|| format!("the {} process is gone", self.name))
    }

    /// The next answer.
    ///
    /// # Errors
    /// When the child ends without one, or says something else.
    pub(crate) async fn answer(&mut self) -> anyhow::Result<Answer> {
        match self.answers.next_line().await {
            Ok(Some(line)) => serde_json::from_str(&line)
                .with_context(|| format!("the {} process said what is no answer: {line:.80}", self.name)),
            Ok(None) => match self.process.wait().await {
                Ok(status) => bail!("the {} process ended by itself ({status})", self.name),
                Err(error) => bail!("the {} process is gone: {error}", self.name),
            },
            Err(error) => bail!("cannot hear the {} process: {error}", self.name),
        }
    }

    /// Ends the child at once.
    pub(crate) async fn kill(&mut self) {
        // Already gone is as good.
        let _ = self.process.kill().await;
    }

    /// Ends the child: its standard input ends, and it has 2 s to follow.
    pub(crate) async fn end(self) {
        let Child { mut process, orders, .. } = self;
        drop(orders);
        if tokio::time::timeout(END, process.wait()).await.is_err() {
            // Already gone is as good.
            let _ = process.kill().await;
        }
    }
}
