// Sends the files named by the arguments with node-hl7-client, one after the other. Prints for each the code of the acknowledgement, and
// whether its MSA-2 is the MSH-10 of the message.
const fs = require('fs');
const { Client, Message } = require('node-hl7-client');

const [port, ...files] = process.argv.slice(2);
let answered;
const client = new Client({ host: '127.0.0.1' });
const connection = client.createConnection({ port: Number(port) }, async (response) => {
  answered(response.getMessage());
});
connection.on('error', (error) => {
  console.error(error);
  process.exit(1);
});
connection.on('connect', async () => {
  for (const file of files) {
    const text = fs.readFileSync(file, 'utf8');
    const waiting = new Promise((resolve) => { answered = resolve; });
    await connection.sendMessage(new Message({ text }));
    const ack = await waiting;
    const same = ack.get('MSA.2').toString() === text.split('\r')[0].split('|')[9];
    console.log(ack.get('MSA.1').toString(), same ? 'same' : 'other');
  }
  process.exit(0);
});
