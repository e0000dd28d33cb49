// The header of a WebSocket frame in words (RFC 6455 section 5.2).

import { t } from "../words.js";
import { grouped } from "./number.js";

const OPCODES = { 0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong" };

/** `FIN, opcode 1 (text), not masked, length 126: the next 2 bytes say 300`; null if they are no whole header. */
export function frameHeader(header) {
  if (header.length < 2) return null;
  const [first, second] = header;
  const short = second & 0x7f;
  const extended = { 126: 2, 127: 8 }[short] ?? 0;
  const isMasked = (second & 0x80) !== 0;
  if (header.length !== 2 + extended + (isMasked ? 4 : 0)) return null;
  const length = extended === 0 ? short : header.slice(2, 2 + extended).reduce((sum, byte) => sum * 256 + byte, 0);
  const opcode = first & 0x0f;
  const parts = [
    t(first & 0x80 ? "frame.fin" : "frame.more"),
    t("frame.opcode", { number: opcode.toString(16), name: t(`frame.opcode.${OPCODES[opcode] ?? "reserved"}`) }),
    t(isMasked ? "frame.masked" : "frame.unmasked"),
    t(extended === 0 ? "frame.length" : "frame.length-extended", { length: grouped(length), short, extended }),
  ];
  return parts.join(t("comma"));
}
