//! Why a stream or a connection ended by an error (RFC 9113 section 7), and what the record calls it.

/// Names the codes once for all that is done with them.
macro_rules! error_codes {
    ($($code:ident = $number:literal, $of_goaway:literal, $of_stream:literal;)*) => {
        /// An error code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum ErrorCode {
            $(#[doc = $of_goaway] $code,)*
            /// A code of an extension.
            Unknown,
        }

        impl ErrorCode {
            /// The code of that number.
            pub(crate) const fn of(number: u32) -> ErrorCode {
                match number {
                    $($number => ErrorCode::$code,)*
                    _ => ErrorCode::Unknown,
                }
            }

            /// Its number; INTERNAL_ERROR's for an unknown one (RFC 9113 section 7).
            pub(crate) const fn number(self) -> u32 {
                match self {
                    $(ErrorCode::$code => $number,)*
                    ErrorCode::Unknown => 2,
                }
            }

            /// The kind of error in the record when it ended the connection.
            pub(crate) const fn of_goaway(self) -> &'static str {
                match self {
                    $(ErrorCode::$code => $of_goaway,)*
                    ErrorCode::Unknown => "goaway-unknown",
                }
            }

            /// The kind of error in the record when it ended a stream.
            pub(crate) const fn of_stream(self) -> &'static str {
                match self {
                    $(ErrorCode::$code => $of_stream,)*
                    ErrorCode::Unknown => "stream-unknown",
                }
            }
        }
    };
}

error_codes! {
    NoError = 0x0, "goaway-no-error", "stream-no-error";
    Protocol = 0x1, "goaway-protocol-error", "stream-protocol-error";
    Internal = 0x2, "goaway-internal-error", "stream-internal-error";
    FlowControl = 0x3, "goaway-flow-control-error", "stream-flow-control-error";
    SettingsTimeout = 0x4, "goaway-settings-timeout", "stream-settings-timeout";
    StreamClosed = 0x5, "goaway-stream-closed", "stream-closed";
    FrameSize = 0x6, "goaway-frame-size-error", "stream-frame-size-error";
    RefusedStream = 0x7, "goaway-refused-stream", "stream-refused";
    Cancel = 0x8, "goaway-cancel", "stream-cancelled";
    Compression = 0x9, "goaway-compression-error", "stream-compression-error";
    Connect = 0xa, "goaway-connect-error", "stream-connect-error";
    EnhanceYourCalm = 0xb, "goaway-enhance-your-calm", "stream-enhance-your-calm";
    InadequateSecurity = 0xc, "goaway-inadequate-security", "stream-inadequate-security";
    Http11Required = 0xd, "goaway-http-1-1-required", "stream-http-1-1-required";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_its_number_and_two_names() {
        for number in 0..=0xd {
            let code = ErrorCode::of(number);
            assert_eq!(code.number(), number);
            assert!(code.of_goaway().starts_with("goaway-") && code.of_stream().starts_with("stream-"));
        }
        assert_eq!(ErrorCode::of(0xe), ErrorCode::Unknown);
        assert_eq!(ErrorCode::of(0xb).of_goaway(), "goaway-enhance-your-calm");
        assert_eq!(ErrorCode::of(0x7).of_stream(), "stream-refused");
    }
}
