// Tango on one phone. Reads commands as lines of JSON and answers each with a line of JSON; ends with its input
// or with the connection.
// usage: node client.mjs HOST PORT PRIVATE_KEY_FILE

import { createPrivateKey } from "node:crypto";
import { createReadStream, createWriteStream, readFileSync, statSync } from "node:fs";
import { connect as dial } from "node:net";
import { createInterface } from "node:readline";
import { Readable, Writable } from "node:stream";

import { Adb, AdbDaemonTransport, AdbPacket, AdbPacketSerializeStream } from "@yume-chan/adb";
import {
  ConcatStringStream,
  Consumable,
  ReadableStream,
  StructDeserializeStream,
  TextDecoderStream,
  WritableStream,
} from "@yume-chan/stream-extra";

const [host, port, keyFile] = process.argv.slice(2);
const bytes = (base64) => new Uint8Array(Buffer.from(base64, "base64"));
const base64 = (data) => Buffer.from(data).toString("base64");
const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
let adb;

// What fails beside the command that is answered with it: the connection is gone, and so are we.
process.on("unhandledRejection", () => process.exit(1));

// The socket as Tango wants it: packets to read, packets to write.
async function connection() {
  const socket = dial({ host, port: Number(port), noDelay: true });
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  socket.on("error", () => {});
  const readable = new ReadableStream({
    async start(controller) {
      try {
        for await (const chunk of socket) {
          controller.enqueue(new Uint8Array(chunk));
          if (controller.desiredSize <= 0) await new Promise(setImmediate);
        }
        controller.close();
      } catch (error) {
        controller.error(error);
      }
    },
  });
  const writable = new Consumable.WritableStream({
    write: (chunk) =>
      new Promise((resolve, reject) => socket.write(Buffer.from(chunk), (error) => (error ? reject(error) : resolve()))),
    close: () => void socket.end(),
  });
  const packets = new AdbPacketSerializeStream();
  packets.readable.pipeTo(writable).catch(() => {});
  return { readable: readable.pipeThrough(new StructDeserializeStream(AdbPacket)), writable: packets.writable };
}

const credentialStore = {
  generateKey() {
    throw new Error("there is a key");
  },
  *iterateKeys() {
    const buffer = createPrivateKey(readFileSync(keyFile)).export({ type: "pkcs8", format: "der" });
    yield { buffer: new Uint8Array(buffer), name: "tango@e2e" };
  },
};

async function collect(readable) {
  const chunks = [];
  await readable.pipeTo(new WritableStream({ write: (chunk) => void chunks.push(chunk) }));
  return Buffer.concat(chunks);
}

async function feed(writable, chunks) {
  const writer = writable.getWriter();
  for await (const chunk of chunks) await writer.write(new Uint8Array(chunk));
  return writer;
}

async function withSync(work) {
  const sync = await adb.sync();
  try {
    return await work(sync);
  } finally {
    await sync.dispose();
  }
}

const verbs = {
  async connect() {
    const transport = await AdbDaemonTransport.authenticate({
      serial: `${host}:${port}`,
      connection: await connection(),
      credentialStore,
    });
    adb = new Adb(transport);
    transport.disconnected.finally(() => process.exit(0));
    return { model: adb.banner.model };
  },

  async shell({ command, stdin }) {
    const ran = await adb.subprocess.shellProtocol.spawn([command]);
    const outputs = [collect(ran.stdout), collect(ran.stderr), ran.exited];
    // A program may end before it has read all its input.
    const fed = feed(ran.stdin, stdin ? [bytes(stdin)] : []).then((writer) => writer.close()).catch(() => {});
    const [out, err, code] = await Promise.all(outputs);
    await fed;
    return { out: base64(out), err: base64(err), code };
  },

  async raw({ command }) {
    const ran = await adb.subprocess.noneProtocol.spawn([command]);
    return { out: base64(await collect(ran.output)) };
  },

  async push({ local, remote }) {
    const file = Readable.toWeb(createReadStream(local));
    await withSync((sync) => sync.write({ filename: remote, file, mtime: Math.floor(statSync(local).mtimeMs / 1000) }));
    return {};
  },

  async pull({ remote, local }) {
    await withSync((sync) => sync.read(remote).pipeTo(Writable.toWeb(createWriteStream(local))));
    return {};
  },

  async install({ local, options }) {
    const command = ["cmd", "package", "install", ...options, "-S", String(statSync(local).size)];
    const ran = await adb.subprocess.noneProtocol.spawn(command);
    const text = ran.output.pipeThrough(new TextDecoderStream()).pipeThrough(new ConcatStringStream());
    await feed(ran.stdin, createReadStream(local)).catch(() => {});
    return { text: await text };
  },

  async service({ name }) {
    return { text: await adb.createSocketAndWait(name) };
  },

  async reboot() {
    await adb.power.reboot().catch(() => {});
    return {};
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { verb, ...rest } = JSON.parse(line);
  try {
    say(await verbs[verb](rest));
  } catch (error) {
    say({ error: String(error?.message ?? error) });
  }
}
process.exit(0);
