//! System calls, one small module each. The only `unsafe` code of feedbench is in here, each with its reason.

pub mod bind_late;
pub mod cores;
pub mod cpu_time;
pub mod files;
pub mod memory;
pub mod ports;
pub mod run_delay;
pub mod tcp_info;
