//! The load generator: thousands of clients over one transport at a time
