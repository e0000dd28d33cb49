// What must hold for other people's clients; scripts/check-clients starts it.
//
// A server publishes the same recorded series again and again; each client asks for it from the first event on, and all of
// them must have read the same.

import { execFile, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const [feedbench, wsPath, python] = process.argv.slice(2);
const EVENTS = 30;
const RATE_PER_S = 20;
const PATIENCE_MS = 15_000;
const scratch = mkdtempSync(path.join(tmpdir(), "feedbench-clients-"));

let failures = 0;
const rows = [];
const has = (program) => {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

// ---- The servers ----

/** Starts a server; resolves with its address once it listens. */
const serve = (more) => new Promise((resolve, reject) => {
  const feed = ["--no-page", "--listen", "127.0.0.1:0", "--feed", "earthquakes", "--rate", String(RATE_PER_S)];
  const child = spawn(feedbench, ["serve", ...feed, ...more], { stdio: ["ignore", "pipe", "pipe"] });
  let errors = "";
  child.stderr.on("data", (text) => { errors += text; });
  child.on("exit", (status) => reject(new Error(`the server ended with ${status}: ${errors}`)));
  child.stdout.on("data", (text) => {
    const address = /https?:\/\/(\S+)/.exec(text)?.[1];
    if (address) resolve({ address, child });
  });
});

const end = ({ child }) => new Promise((resolve) => {
  child.removeAllListeners("exit");
  child.on("exit", resolve);
  child.kill("SIGTERM");
});

// ---- The clients ----

/** Runs a program for as long as `enough` is not content with what it has printed; resolves with that. */
const run = (program, args, enough) => new Promise((resolve, reject) => {
  const child = execFile(program, args, { maxBuffer: 1 << 26 });
  let text = "";
  let errors = "";
  const timer = setTimeout(() => child.kill(), PATIENCE_MS);
  child.stdout.on("data", (chunk) => {
    text += chunk;
    if (enough(text)) child.kill();
  });
  child.stderr.on("data", (chunk) => { errors += chunk; });
  child.on("error", reject);
  child.on("close", () => {
    clearTimeout(timer);
    if (enough(text)) resolve(text);
    else reject(new Error(`${program} read ${text.length} bytes, and not ${EVENTS} events: ${errors.slice(-300)}`));
  });
});

/** The events in whatever framing, in their order. */
const eventsIn = (text) => {
  const found = [];
  for (const match of text.matchAll(/\{"seq":\s*\d/g)) {
    const event = wholeEvent(text, match.index);
    if (event) found.push(event);
  }
  return found;
};

/** The event that begins there, if it is whole: its braces are balanced, those in strings not counted. */
const wholeEvent = (text, start) => {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const letter = text[at];
    if (inString) {
      if (letter === "\\") at += 1;
      else if (letter === '"') inString = false;
    } else if (letter === '"') inString = true;
    else if (letter === "{") depth += 1;
    else if (letter === "}" && (depth -= 1) === 0) return JSON.parse(text.slice(start, at + 1));
  }
  return undefined;
};

const enough = (text) => eventsIn(text).length >= EVENTS;
const curl = (args) => run("curl", ["--silent", "--no-buffer", "--max-time", "12", ...args], enough).then(eventsIn);
const nghttp = (args) => run("nghttp", args, enough).then(eventsIn);

/** Node's ws; it says which extension was agreed on. */
const ws = async (url, perMessageDeflate) => {
  const { WebSocket } = await import(wsPath);
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate });
    const found = [];
    const timer = setTimeout(() => socket.terminate(), PATIENCE_MS);
    socket.on("message", (data) => {
      found.push(...eventsIn(data.toString()));
      if (found.length >= EVENTS) socket.close();
    });
    socket.on("error", reject);
    socket.on("close", () => {
      clearTimeout(timer);
      resolve({ events: found, extensions: socket.extensions });
    });
  });
};

const PYTHON = `
import asyncio, sys, websockets
async def main(url, count):
    async with websockets.connect(url, compression=None if sys.argv[3] == "none" else "deflate") as socket:
        while count > 0:
            text = await asyncio.wait_for(socket.recv(), 12)
            if '"seq"' in text:
                count -= 1
            print(text, flush=True)
asyncio.run(main(sys.argv[1], int(sys.argv[2])))
`;
const websockets = (url, compression) =>
  run(python, ["-c", PYTHON, url, String(EVENTS), compression], enough).then(eventsIn);

// ---- What must hold ----

/** What all clients of a server must have read. */
let wanted;

const told = (events) => {
  const first = events.slice(0, EVENTS);
  const inOrder = first.every((event, index) => event.seq === index + 1);
  const digest = createHash("sha256").update(JSON.stringify(first)).digest("hex").slice(0, 12);
  return { inOrder, digest, count: first.length };
};

const client = async (name, read) => {
  try {
    const { inOrder, digest, count } = told(await read());
    wanted ??= digest;
    const good = inOrder && count === EVENTS && digest === wanted;
    if (!good) failures += 1;
    rows.push([name, good ? "the same" : "OTHERS", `${count} events ${digest}`]);
  } catch (error) {
    failures += 1;
    rows.push([name, "FAILED", error.message]);
  }
};

/** The cursor before the first event. */
const start = async (url, more = []) => {
  const head = execFileSync("curl", ["--silent", "--dump-header", "-", "--output", "/dev/null", ...more, `${url}/polling`]);
  return `${/feed-cursor: ([0-9a-f]{4})-/i.exec(head)[1]}-0`;
};

/** Enough events that a poll has all of them. */
const published = (ms = (EVENTS / RATE_PER_S) * 1_000 + 500) => new Promise((resolve) => { setTimeout(resolve, ms); });
const ANSWERS = ["polling", "long-polling", "iframe-streaming", "sse", "fetch-streaming"];

/** What curl says of the version and the encoding of an answer that is long enough to be compressed. */
const spoken = (flags, url) => {
  const told = "%{http_version} %header{content-encoding}";
  return execFileSync("curl", ["--silent", "--output", "/dev/null", "--write-out", told, ...flags, url]).toString().trim();
};

const over = async (where, url, cursor, protocols, encoding = "") => {
  for (const [protocol, flags] of protocols) {
    const said = `${protocol.includes("HTTP/2") ? "2" : "1.1"} ${encoding}`.trim();
    const heard = spoken(flags, `${url}/polling?cursor=${cursor}`);
    if (heard !== said) failures += 1;
    rows.push([`${where}, ${protocol}`, heard === said ? "spoken" : "OTHERS", `curl heard ${heard}`]);
    for (const answer of ANSWERS) {
      await client(`curl ${where}, ${protocol}, ${answer}`, () => curl([...flags, `${url}/${answer}?cursor=${cursor}`]));
    }
  }
};

const inClear = async () => {
  const server = await serve([]);
  const url = `http://${server.address}`;
  await published();
  const cursor = await start(url);
  wanted = undefined;
  await over("in clear", url, cursor, [["HTTP/1.1", ["--http1.1"]], ["HTTP/2", ["--http2-prior-knowledge"]]]);
  if (has("nghttp")) {
    await client("nghttp in clear, HTTP/2, polling", () => nghttp([`${url}/polling?cursor=${cursor}`]));
    await client("nghttp in clear, HTTP/2, sse", () => nghttp([`${url}/sse?cursor=${cursor}`]));
  }
  await client("ws in clear", async () => (await ws(`ws://${server.address}/websocket?cursor=${cursor}`, false)).events);
  if (existsSync(python)) {
    await client("websockets in clear", () => websockets(`ws://${server.address}/websocket?cursor=${cursor}`, "none"));
  }
  await end(server);
};

const inTls = async () => {
  const certificate = path.join(scratch, "certificate.pem");
  const server = await serve(["--tls", "--write-cert", certificate]);
  const url = `https://${server.address.replace("127.0.0.1", "localhost")}`;
  const trust = ["--cacert", certificate];
  await published();
  const cursor = await start(url, trust);
  wanted = undefined;
  await over("in TLS", url, cursor, [["HTTP/1.1", ["--http1.1", ...trust]], ["HTTP/2 by ALPN", ["--http2", ...trust]]]);
  await end(server);
};

const compressed = async (how) => {
  const server = await serve(["--compression", how]);
  const url = `http://${server.address}`;
  await published();
  const cursor = await start(url);
  wanted = undefined;
  const gzip = ["--compressed"];
  await over(`compressed ${how}`, url, cursor, [["HTTP/1.1", ["--http1.1", ...gzip]], ["HTTP/2", ["--http2-prior-knowledge", ...gzip]]], "gzip");
  const target = `ws://${server.address}/websocket?cursor=${cursor}`;
  await client(`ws compressed ${how}`, async () => {
    const { events, extensions } = await ws(target, true);
    if (!extensions.includes("permessage-deflate")) throw new Error(`no compression was agreed on: ${extensions}`);
    return events;
  });
  await client(`ws that offers nothing, ${how}`, async () => (await ws(target, false)).events);
  if (existsSync(python)) await client(`websockets compressed ${how}`, () => websockets(target, "deflate"));
  await end(server);
};

for (const part of [inClear, inTls, () => compressed("per-event"), () => compressed("per-connection")]) {
  try {
    await part();
  } catch (error) {
    failures += 1;
    rows.push(["the server", "FAILED", error.message.trim()]);
  }
}
rmSync(scratch, { recursive: true, force: true });
const width = Math.max(...rows.map(([name]) => name.length));
for (const [name, verdict, note] of rows) console.log(`${name.padEnd(width)}  ${verdict.padEnd(8)}  ${note}`);
console.log(`${rows.length} clients, ${failures} of them have not read what the others have`);
process.exit(failures === 0 ? 0 : 1);
