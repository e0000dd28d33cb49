// The header of a WebSocket frame in words (RFC 6455 section 5.2).

import { t } from "../words.js";
import { grouped } from "./number.js";

/** `FIN, text, no mask, length 126: the next 2 bytes say 100`; null if these bytes are no whole header. */
export function frameHeader(header) {
  if (header.length < 2) return null;
  const [first, second] = header;
  const short = second & 0x7f;
  const extended = { 126: 2, 127: 8 }[short] ?? 0;
  const isMasked = (second & 0x80) !== 0;
  if (header.length !== 2 + extended + (isMasked ? 4 : 0)) return null;
  const length = extended === 0 ? short : header.slice(2, 2 + extended).reduce((sum, byte) => sum * 256 + byte, 0);
  const parts = [
    t(first & 0x80 ? "frame.fin" : "frame.more"),
    t("frame.opcode", { number: (first & 0x0f).toString(16), name: t(`frame.opcode.${opcodes[first & 0x0f] ?? "reserved"}`) }),
    t(isMasked ? "frame.masked" : "frame.unmasked"),
    t(extended === 0 ? "frame.length" : "frame.length-extended", { length: grouped(length), short, extended }),
  ];
  return parts.join(t("comma"));
}

const opcodes = { 0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong" };
