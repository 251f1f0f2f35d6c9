// A node-opcua server whose variable Count counts up, and continues after the last number when it starts again: node node_counter.js PORT.
// Ends only when it is killed.
const fs = require("fs");
const { OPCUAServer, DataType, MessageSecurityMode, SecurityPolicy } = require("node-opcua");
(async () => {
  const file = fs.openSync("count", fs.existsSync("count") ? "r+" : "w+");
  let count = Number(fs.readFileSync("count", "ascii")) || 0;
  const server = new OPCUAServer({
    port: Number(process.argv[2]), hostname: "127.0.0.1", resourcePath: "/UA/T", alternateHostname: ["127.0.0.1"],
    securityModes: [MessageSecurityMode.None], securityPolicies: [SecurityPolicy.None],
  });
  await server.initialize();
  const space = server.engine.addressSpace;
  const counter = space.getOwnNamespace().addVariable({
    organizedBy: space.rootFolder.objects, nodeId: "s=Count", browseName: "Count", dataType: "UInt32" });
  const step = () => {
    fs.writeSync(file, String(++count), 0, "ascii");
    counter.setValueFromSource({ dataType: DataType.UInt32, value: count });
  };
  step();
  await server.start();

  // The server samples every 50 ms, so it sends each number.
  setInterval(step, 120);
})().catch(failure => { console.error(failure); process.exit(1); });
