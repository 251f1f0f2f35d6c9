// Receives messages with node-hl7-server, and accepts each.
const { Server } = require('node-hl7-server');

const server = new Server({ bindAddress: '127.0.0.1' });
const inbound = server.createInbound({ port: Number(process.argv[2]) }, async (request, response) => {
  request.getMessage();
  await response.sendResponse('AA');
});
inbound.on('listen', () => console.log('UP'));
