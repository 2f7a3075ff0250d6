//! A connection from its first byte to its close: which protocol it speaks, and one request after the other.

use std::sync::Arc;

use tokio::time::Instant;

use super::play::Next;
use super::stream::Stream;
use super::wire::Wire;
use super::{Ends, Intake, Receiver, exchange, head, http2};

/// Serves a connection until it closes.
pub(super) async fn serve<S, I>(mut wire: Wire<S>, ends: Ends, receiver: Arc<Receiver<I>>)
where
    S: Stream + Send + 'static,
    I: Intake,
{
    let mut is_first = true;
    while request_begins(&mut wire, &receiver).await {
        let until = Instant::now() + receiver.limits.head_timeout;
        if is_first && head::opens_http2(&mut wire, until).await {
            return http2::serve(wire, ends, receiver).await;
        }
        is_first = false;
        match exchange::run(&mut wire, &ends, &receiver, until).await {
            Next::Request => {}
            Next::Close => return wire.close().await,
            Next::Reset => return wire.reset(),
            Next::Linger => return linger(wire, &receiver).await,
        }
    }
}

/// Waits for the first byte of a request, passing over the empty lines that some clients send behind a body
/// (RFC 9112, section 2.2). False when the client closes, says nothing for too long, or we are stopping.
pub(super) async fn request_begins<I>(wire: &mut Wire<impl Stream>, receiver: &Receiver<I>) -> bool {
    let until = Instant::now() + receiver.limits.keep_alive;
    loop {
        let empty = wire.buffered().iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        wire.consume(empty);
        if !wire.buffered().is_empty() {
            return true;
        }
        tokio::select! {
            biased;
            more = wire.more(until) => if more.is_err() { return false },
            () = receiver.stop.cancelled() => return false,
        }
    }
}

pub(super) async fn linger<I>(wire: Wire<impl Stream>, receiver: &Receiver<I>) {
    let until = Instant::now() + receiver.limits.body_idle;
    tokio::select! {
        () = wire.linger(receiver.limits.max_drain(), until) => {}
        () = receiver.stop.cancelled() => {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use proptest::prelude::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::task::yield_now;
    use tokio_util::sync::CancellationToken;

    use super::super::{Limits, Taken};
    use super::*;
    use crate::capture::{Answer, Capture, CaptureId};

    #[derive(Default)]
    struct Recorder(Mutex<Vec<Capture>>);

    impl Intake for Recorder {
        async fn take(&self, capture: Capture) -> Taken {
            self.0.lock().unwrap().push(capture);
            Taken::now(CaptureId::default(), Answer::text(200, "ok\n", "default"))
        }
    }

    /// One connection's worth of requests of every framing.
    const WIRE: &[u8] = b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n{\"a\": \"b\\n\"}\
        GET /b HTTP/1.1\nOdd line\nA: \xe9\n\n\
        PUT /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 9\r\n\r\n\
        PURGE /d HTTP/1.0\r\nConnection: keep-alive\r\n\r\n\
        DELETE http://host/e HTTP/1.1\r\nContent-Length: 3, 3\r\n\r\nabc\
        HEAD /f HTTP/1.1\r\n\r\n";

    /// What becomes of `wire` when it comes in pieces of these sizes (over and over) and ends with a half close.
    fn captures(wire: &[u8], sizes: &[usize]) -> Vec<Capture> {
        let intake = Arc::new(Recorder::default());
        let receiver = Arc::new(Receiver::new(Arc::clone(&intake), Limits::default(), CancellationToken::new()));
        let ends = Ends { remote: "client".to_owned(), local: "server".to_owned(), tls: None };
        let (ours, mut theirs) = duplex(64 * 1024);
        let client = async {
            let (mut rest, mut sizes) = (wire, sizes.iter().cycle());
            while !rest.is_empty() {
                let (piece, behind) = rest.split_at(rest.len().min(*sizes.next().unwrap()));
                theirs.write_all(piece).await.unwrap();
                yield_now().await;
                rest = behind;
            }
            theirs.shutdown().await.unwrap();
            theirs.read_to_end(&mut Vec::new()).await.unwrap();
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async { tokio::join!(serve(Wire::new(ours), ends, receiver), client) });
        std::mem::take(&mut *intake.0.lock().unwrap())
    }

    fn wire_bytes(captures: &[Capture]) -> Vec<u8> {
        captures.iter().flat_map(|capture| capture.request.wire_bytes()).collect()
    }

    #[test]
    fn a_connection_is_kept_byte_for_byte() {
        let captures = captures(WIRE, &[WIRE.len()]);
        assert_eq!(captures.len(), 6);
        assert!(captures.iter().all(Capture::is_complete));
        assert_eq!(wire_bytes(&captures), WIRE);
    }

    proptest! {
        #[test]
        fn the_pieces_do_not_matter(sizes in proptest::collection::vec(1..60_usize, 1..20)) {
            let (whole, pieces) = (captures(WIRE, &[WIRE.len()]), captures(WIRE, &sizes));
            prop_assert_eq!(whole.len(), pieces.len());
            for (whole, pieces) in whole.iter().zip(&pieces) {
                prop_assert_eq!(&whole.request, &pieces.request);
                prop_assert_eq!(&whole.problem, &pieces.problem);
            }
        }

        #[test]
        fn wherever_a_connection_is_cut_all_that_came_is_kept(cut in 0..WIRE.len(), size in 1..100_usize) {
            let captures = captures(&WIRE[..cut], &[size]);
            prop_assert_eq!(wire_bytes(&captures), &WIRE[..cut]);
            let (last, before) = captures.split_last().map_or((None, &[][..]), |(last, before)| (Some(last), before));
            prop_assert!(before.iter().all(Capture::is_complete));
            prop_assert!(last.is_none_or(|last| last.is_complete() == (last.answer.is_none())));
        }

        #[test]
        fn junk_is_kept_and_never_panics(bytes in proptest::collection::vec(any::<u8>(), 1..200), size in 1..100_usize) {
            let captures = captures(&bytes, &[size]);
            let blank = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            prop_assert_eq!(wire_bytes(&captures), &bytes[blank..]);
        }
    }
}
