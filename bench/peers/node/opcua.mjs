// The contender `node-opcua` of the scenario `opcua-read`: PORT READS NODES. One connection without security, one request at a time.
import { createInterface } from 'node:readline';
import opcua from 'node-opcua';

// The harness ends this process by closing its input, also before the client is connected.
const input = createInterface({ input: process.stdin }).on('close', () => process.exit(0));

const [port, reads, nodes] = process.argv.slice(3).map(Number);
const client = opcua.OPCUAClient.create({ endpointMustExist: false, securityMode: opcua.MessageSecurityMode.None });
await client.connect(`opc.tcp://127.0.0.1:${port}`);
const session = await client.createSession();
const items = Array.from({ length: nodes }, (_, i) => ({ nodeId: `ns=1;s=V${i}`, attributeId: opcua.AttributeIds.Value }));

async function run() {
  const start = process.hrtime.bigint();
  let sum = 0;
  for (let i = 0; i < reads; i++) {
    const values = await session.read(items);
    sum += values[nodes - 1].value.value;
  }
  return `run ops=${reads} ns=${process.hrtime.bigint() - start} check=${sum}`;
}

console.log('ready');
input.on('line', async () => console.log(await run()));
