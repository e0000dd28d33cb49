//! `TCP_INFO`: the kernel's own count of a connection's bytes and segments (tcp(7)).

use std::mem::{MaybeUninit, offset_of, size_of};
use std::os::fd::{AsFd, AsRawFd, RawFd};

/// The bit of `tcpi_options` that says so (linux/tcp.h).
const TCPI_OPT_TIMESTAMPS: u8 = 1;

/// What the kernel counted on one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TcpInfo {
    /// Payload bytes sent, those sent again included.
    pub bytes_sent: u64,
    /// Of those, the ones sent again.
    pub bytes_retrans: u64,
    /// Payload bytes received in order; the peer's FIN counts as one.
    pub bytes_received: u64,
    /// Segments sent.
    pub segs_out: u32,
    /// Of those, the ones sent again.
    pub segs_retrans: u32,
    /// Segments received.
    pub segs_in: u32,
    /// What a segment that it sends holds at most (bytes of payload): the maximum segment size less the options of each.
    pub segment_bytes: u32,
    /// Do segments carry the timestamps option (RFC 7323)?
    pub timestamps: bool,
}

/// Asks the kernel about a socket. `None` when it does not tell (not TCP, or a kernel older than 4.19).
pub fn read(socket: &impl AsFd) -> Option<TcpInfo> {
    read_file(socket.as_fd().as_raw_fd())
}

/// Every connection that this process has open (`/proc/self/fd`), in no order.
pub fn of_process() -> Vec<TcpInfo> {
    let files = std::fs::read_dir("/proc/self/fd").into_iter().flatten();
    let files = files.filter_map(|file| file.ok()?.file_name().to_str()?.parse().ok());
    // A file that is closed meanwhile is none that the kernel tells of.
    files.filter_map(read_file).filter(|info: &TcpInfo| info.segs_in > 0).collect()
}

#[allow(unsafe_code)]
fn read_file(file: RawFd) -> Option<TcpInfo> {
    let mut info = MaybeUninit::<libc::tcp_info>::zeroed();
    let mut length = size_of::<libc::tcp_info>() as libc::socklen_t;
    // SAFETY: the kernel writes at most `length` bytes, which is the size of `info`, and all-zero is a valid tcp_info.
    let (status, info) = unsafe {
        let status =
            libc::getsockopt(file, libc::IPPROTO_TCP, libc::TCP_INFO, info.as_mut_ptr().cast(), &raw mut length);
        (status, info.assume_init())
    };
    // An older kernel fills less of the structure: the last field used must lie within what it wrote.
    let needed = offset_of!(libc::tcp_info, tcpi_bytes_retrans) + size_of::<u64>();
    (status == 0 && length as usize >= needed).then_some(TcpInfo {
        bytes_sent: info.tcpi_bytes_sent,
        bytes_retrans: info.tcpi_bytes_retrans,
        bytes_received: info.tcpi_bytes_received,
        segs_out: info.tcpi_segs_out,
        segs_retrans: info.tcpi_total_retrans,
        segs_in: info.tcpi_segs_in,
        segment_bytes: info.tcpi_snd_mss,
        timestamps: info.tcpi_options & TCPI_OPT_TIMESTAMPS != 0,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn the_kernel_counts_the_bytes_of_a_real_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        client.write_all(&[1; 1000]).unwrap();
        server.read_exact(&mut [0; 1000]).unwrap();
        server.write_all(&[2; 30]).unwrap();
        drop(server);
        client.read_to_end(&mut Vec::new()).unwrap();
        let info = read(&client).unwrap();
        assert_eq!((info.bytes_sent, info.bytes_retrans), (1000, 0));
        assert_eq!(info.bytes_received, 30 + 1, "the FIN counts as a byte");
        assert!(info.segs_out > 0 && info.segs_retrans == 0);
        assert!(of_process().iter().any(|other| (other.bytes_sent, other.bytes_received) == (1000, 31)));
    }
}
