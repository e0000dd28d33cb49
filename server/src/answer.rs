//! Answers: their bodies, and the refusals with their status codes.

use bytes::Bytes;
use feedbench_record::scenario::PAYLOAD_MAX_BYTES;
use feedbench_wire::cursor::NotACursor;
use feedbench_wire::headers::Profile;
use http_body_util::{Either, Full};
use hyper::body::Body as _;
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderName, HeaderValue,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use hyper::{Response, StatusCode};

use crate::classroom::accounts::CLIENTS_MAX;
use crate::classroom::allowance;
use crate::classroom::settings::NotSet;
use crate::exit::{Beyond, Exit};
use crate::fan_out::AnswerShape;
use crate::feed::{CursorAhead, NotPublished};

/// The body of an answer: whole, with its length, or one that begins where the connection leaves HTTP.
pub type Body = Either<Full<Bytes>, Beyond>;

/// A whole answer with status 200. Nothing on this server may be kept by a cache.
pub fn whole(content_type: &'static str, body: Bytes) -> Response<Body> {
    let mut answer = Response::new(Either::Left(Full::new(body)));
    describe(&mut answer, content_type);
    answer
}

/// The head of an answer with status 200 whose body is written by whoever takes the connection, or its stream, at `exit`.
pub fn stream(content_type: &'static str, exit: &Exit) -> Response<Body> {
    let mut answer = Response::new(Either::Right(Beyond::of(exit)));
    describe(&mut answer, content_type);
    answer
}

/// An answer without a body.
pub fn empty(status: StatusCode) -> Response<Body> {
    let mut answer = Response::new(Either::Left(Full::default()));
    *answer.status_mut() = status;
    answer
}

fn describe(answer: &mut Response<Body>, content_type: &'static str) {
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// Gives an answer with status 200 the fields of a profile in place of its own, if the profile has some. The
/// position in the feed comes after them, and so does the type of a stream that gets none from the profile.
pub fn headed(mut answer: Response<Body>, profile: &Profile) -> Response<Body> {
    if answer.status() != StatusCode::OK || !profile.answers() {
        return answer;
    }
    let own = std::mem::take(answer.headers_mut());
    let (length, stream) = match answer.body() {
        Either::Left(whole) => (whole.size_hint().exact(), None),
        Either::Right(_) => (None, own.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok())),
    };
    let fields = answer.headers_mut();
    for (name, value) in profile.answer(length, stream).into_iter().flatten() {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("the profile was checked");
        fields.append(name, HeaderValue::from_str(&value).expect("the profile was checked"));
    }
    let untyped_stream = stream.is_some() && !fields.contains_key(CONTENT_TYPE);
    let is_kept = |name: &HeaderName| if name == CONTENT_TYPE { untyped_stream } else { name != CACHE_CONTROL };
    let kept = own.iter().filter(|(name, _)| is_kept(name));
    for (name, value) in kept {
        fields.append(name, value.clone());
    }
    answer
}

/// A whole answer with status 200 as it goes over the wire: the same bytes that the HTTP library writes, for where it is no
/// longer there.
pub fn to_bytes(answer: &Response<Body>, body: &[u8], shape: AnswerShape, title_case: bool) -> Bytes {
    let fields = answer.headers();
    let mut out = Vec::with_capacity(256 + body.len());
    out.extend_from_slice(if shape.is_http_1_1 { b"HTTP/1.1 200 OK\r\n" } else { b"HTTP/1.0 200 OK\r\n" });
    let mut field = |name: &HeaderName, value: &[u8]| {
        let mut word_begins = title_case;
        for &byte in name.as_str().as_bytes() {
            out.push(if word_begins { byte.to_ascii_uppercase() } else { byte });
            word_begins = title_case && byte == b'-';
        }
        out.extend_from_slice(b": ");
        out.extend_from_slice(value);
        out.extend_from_slice(b"\r\n");
    };
    fields.iter().for_each(|(name, value)| field(name, value.as_bytes()));
    // What both versions take for granted is not said (RFC 9112 section 9.3).
    if shape.is_http_1_1 && !shape.keeps_alive {
        field(&CONNECTION, b"close");
    }
    if !fields.contains_key(CONTENT_LENGTH) {
        field(&CONTENT_LENGTH, body.len().to_string().as_bytes());
    }
    if !fields.contains_key(DATE) {
        field(&DATE, jiff::Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string().as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(body);
    out.into()
}

/// Why a request is not answered as it wished. The text is the body of the answer.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// No such path.
    #[error("there is nothing here; / lists what there is")]
    NoSuchPath,
    /// No such topic.
    #[error("there is no topic of this name; the topics are all, t1, t2, ... as far as the fan-out goes")]
    NoSuchTopic,
    /// Another method than GET.
    #[error("only GET is allowed here")]
    OnlyGet,
    /// Another method than POST.
    #[error("only POST is allowed here")]
    OnlyPost,
    /// No cursor.
    #[error(transparent)]
    Cursor(#[from] NotACursor),
    /// A cursor from the future.
    #[error(transparent)]
    CursorAhead(#[from] CursorAhead),
    /// A parameter that is no number.
    #[error("{0} must be a whole number")]
    NotANumber(&'static str),
    /// Clients may not publish.
    #[error("this server lets no client publish")]
    PublishingForbidden,
    /// An event that cannot be published.
    #[error(transparent)]
    NotPublished(#[from] NotPublished),
    /// A body that is too long to be an event.
    #[error("the body is longer than an event may be: {PAYLOAD_MAX_BYTES} bytes with its fields")]
    BodyTooLong,
    /// A body that ended early.
    #[error("the body did not arrive whole")]
    BodyCut,
    /// A body that is no text.
    #[error("the body must be UTF-8")]
    NotUtf8,
    /// A page of another site wants to change something.
    #[error("only the page of this server may do this, and the request comes from another one (Origin)")]
    ForeignOrigin,
    /// The request is for another name than this machine's.
    #[error("this server answers to its addresses, localhost and its own name, and the request names another host")]
    UnknownHost,
    /// A text that is too long for the page's field.
    #[error("a text has at most {} bytes", allowance::TEXT_MAX_BYTES)]
    TextTooLong,
    /// Too much was published.
    #[error("at most {} texts are published in a second, by all together; try again", allowance::TEXTS_PER_S)]
    TooOften,
    /// A question for an account that names nobody.
    #[error("client must be 1 to 16 of the characters a to z and 0 to 9")]
    NoClient,
    /// Too many pages.
    #[error("{CLIENTS_MAX} pages are open already; close one and wait for half a minute")]
    ClassroomFull,
    /// Settings that cannot be read.
    #[error("the body must be a JSON object with some of rate_per_s, payload_bytes, rtt_ms, paused")]
    NotAWish,
    /// Settings that are not granted.
    #[error(transparent)]
    NotSet(#[from] NotSet),
    /// A plain request for the WebSocket endpoint (RFC 6455 section 4.2.1, items 1, 3 and 4).
    #[error("this endpoint speaks WebSocket: GET over HTTP/1.1 with Connection: Upgrade and Upgrade: websocket")]
    NotAnUpgrade,
    /// Another version of the protocol (section 4.2.2, item 4).
    #[error("only version 13 of the WebSocket protocol is spoken here")]
    WebSocketVersion,
    /// A plain request for it over HTTP/2, where no connection is upgraded (RFC 8441 section 3).
    #[error("over HTTP/2 this endpoint is opened by CONNECT with :protocol = websocket")]
    OnlyConnect,
    /// Another version of the protocol over HTTP/2.
    #[error("only version 13 of the WebSocket protocol is spoken here")]
    TunnelVersion,
    /// A tunnel to anything else.
    #[error("this server is no proxy: CONNECT opens a WebSocket (:protocol = websocket), and nothing else")]
    NotATunnel,
    /// No key (section 4.2.1, item 5).
    #[error("Sec-WebSocket-Key must be 16 bytes in base64")]
    WebSocketKey,
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Refusal::NoSuchPath | Refusal::NoSuchTopic => StatusCode::NOT_FOUND,
            Refusal::OnlyGet | Refusal::OnlyPost | Refusal::OnlyConnect => StatusCode::METHOD_NOT_ALLOWED,
            Refusal::NotATunnel => StatusCode::NOT_IMPLEMENTED,
            Refusal::PublishingForbidden | Refusal::ForeignOrigin => StatusCode::FORBIDDEN,
            Refusal::UnknownHost => StatusCode::MISDIRECTED_REQUEST,
            Refusal::TooOften => StatusCode::TOO_MANY_REQUESTS,
            Refusal::BodyTooLong | Refusal::TextTooLong | Refusal::NotPublished(NotPublished::TooLong(_)) => {
                StatusCode::PAYLOAD_TOO_LARGE
            }
            Refusal::NotPublished(NotPublished::Ended) | Refusal::ClassroomFull => StatusCode::SERVICE_UNAVAILABLE,
            Refusal::NotAnUpgrade | Refusal::WebSocketVersion => StatusCode::UPGRADE_REQUIRED,
            Refusal::Cursor(_)
            | Refusal::CursorAhead(_)
            | Refusal::NotANumber(_)
            | Refusal::BodyCut
            | Refusal::NotUtf8
            | Refusal::NoClient
            | Refusal::NotAWish
            | Refusal::NotSet(_)
            | Refusal::TunnelVersion
            | Refusal::WebSocketKey => StatusCode::BAD_REQUEST,
        }
    }

    /// Header fields that its status asks for (RFC 9110 sections 15.5.6 and 15.5.22, RFC 6455 section 4.4).
    fn fields(&self) -> &'static [(HeaderName, &'static str)] {
        match self {
            Refusal::OnlyGet => &[(ALLOW, "GET")],
            Refusal::OnlyPost => &[(ALLOW, "POST")],
            Refusal::OnlyConnect => &[(ALLOW, "CONNECT")],
            Refusal::TunnelVersion => &[(SEC_WEBSOCKET_VERSION, "13")],
            Refusal::NotAnUpgrade => &[(UPGRADE, "websocket"), (CONNECTION, "upgrade")],
            Refusal::WebSocketVersion => {
                &[(UPGRADE, "websocket"), (CONNECTION, "upgrade"), (SEC_WEBSOCKET_VERSION, "13")]
            }
            _ => &[],
        }
    }
}

impl From<Refusal> for Response<Body> {
    fn from(refusal: Refusal) -> Self {
        let mut answer = whole("text/plain; charset=utf-8", format!("{refusal}\n").into());
        *answer.status_mut() = refusal.status();
        for (name, value) in refusal.fields() {
            answer.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        answer
    }
}
