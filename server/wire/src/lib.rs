//! The contract on the socket: event codec, framings, readers, clock, I/O stack
