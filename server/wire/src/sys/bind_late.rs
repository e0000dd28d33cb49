//! `IP_BIND_ADDRESS_NO_PORT`: binds a source address and leaves the choice of the port to `connect()` (ip(7)).
//!
//! Without it `bind()` takes a port that no other connection of the machine may use, and may take a listener's.

use std::io;
use std::mem::size_of;
use std::os::fd::{AsFd, AsRawFd};

/// Sets the option on a socket that is not bound yet.
///
/// # Errors
/// The kernel's, on a socket that is not an IPv4 one.
#[allow(unsafe_code)]
pub fn set(socket: &impl AsFd) -> io::Result<()> {
    let on: libc::c_int = 1;
    // SAFETY: the kernel reads one int, which `on` is, while it lives.
    let status = unsafe {
        libc::setsockopt(
            socket.as_fd().as_raw_fd(),
            libc::IPPROTO_IP,
            libc::IP_BIND_ADDRESS_NO_PORT,
            (&raw const on).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
