//! The texts of the ratio table.

use crate::lang::catalogue;

catalogue! {
    cells { "cells" "单元" }
    quantity { "quantity" "指标" }
    layer { "layer" "层" }
    bytes { "bytes" "字节" }
    ratio { "ratio" "比值" }
    spread { "[interval] or (range)" "[区间] 或 (范围)" }
    n { "n" "n" }
    overhead { "overhead per event (total - payload)" "每事件开销（总计 − 载荷）" }
    total { "total per event" "每事件总计" }
    heads_against_frame {
        "request and response headers of one poll : event framing of one frame"
        "一次轮询的请求和响应首部 : 一个帧的事件分帧"
    }
    heads_against_event {
        "request and response headers of one poll : event framing of one event"
        "一次轮询的请求和响应首部 : 一个事件的事件分帧"
    }
    above_tcp { "above TCP" "TCP 之上" }
    on_ip { "on IP" "IP 层" }
}
