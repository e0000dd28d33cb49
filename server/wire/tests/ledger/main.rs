//! The ledger from outside: conversations whose layers are known because the test wrote them, what is told of them step by
//! step, what no honest peer sends, and the corpus of the fuzz target.
#![allow(clippy::unwrap_used)]

mod compressed;
mod conversation;
mod corpus;
mod explainer;
mod hostile;
mod http2;
mod layers;
mod script;
