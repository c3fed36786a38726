//! A connection with one deadline over all that happens on it, in the clear or sealed.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    sync::Arc,
    time::Instant,
};

use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, crypto::ring, pki_types::ServerName};

/// A connection that nobody holds longer than until a moment.
pub(super) struct Timed {
    socket: TcpStream,
    until: Instant,
}

impl Timed {
    pub(super) fn new(socket: TcpStream, until: Instant) -> Self {
        Self { socket, until }
    }

    /// Gives the next act what is left of the time.
    fn arm(&self) -> io::Result<()> {
        let rest = self.until.checked_duration_since(Instant::now()).filter(|d| !d.is_zero());
        let rest = rest.ok_or_else(|| io::Error::from(io::ErrorKind::TimedOut))?;
        self.socket.set_read_timeout(Some(rest))?;
        self.socket.set_write_timeout(Some(rest))
    }
}

impl Read for Timed {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.arm()?;
        self.socket.read(buf)
    }
}

impl Write for Timed {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.arm()?;
        self.socket.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

/// What is read from and written to.
pub(super) trait Line: Read + Write {}
impl<T: Read + Write> Line for T {}

/// Seals a connection: TLS 1.2 or 1.3 with a host whose certificate one of the public authorities vouches for (or `own`, which a
/// test brings).
///
/// # Errors
/// A host that is no name. The handshake itself happens with the first byte that is written.
pub(super) fn sealed(host: &str, line: Timed, own: Option<&[u8]>) -> io::Result<StreamOwned<ClientConnection, Timed>> {
    let wrong = |e: &dyn std::fmt::Display| io::Error::new(io::ErrorKind::InvalidData, e.to_string());
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(own) = own {
        roots.add(own.to_vec().into()).map_err(|e| wrong(&e))?;
    }
    // The provider is named, so that a second one in the program can never be asked for by accident.
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| wrong(&e))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(|e| wrong(&e))?;
    let connection = ClientConnection::new(Arc::new(config), name).map_err(|e| wrong(&e))?;
    Ok(StreamOwned::new(connection, line))
}
