//! The ledger over HTTP/2: conversations that the tests write, frames that no honest peer sends, and another
//! implementation as a witness.

mod compressed;
mod hostile;
pub(crate) mod layers;
mod resets;
mod start;
pub(crate) mod talk;
mod witness;
