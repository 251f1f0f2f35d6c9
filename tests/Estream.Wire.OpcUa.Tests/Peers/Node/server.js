// A node-opcua server for the tests: node server.js PORT FOLDER. "stop" on standard input ends it.
const { OPCUAServer, Variant, DataType, StatusCodes, MessageSecurityMode, SecurityPolicy, OPCUACertificateManager, VariantArrayType } =
  require("node-opcua");
(async () => {
  const [port, folder] = [Number(process.argv[2]), process.argv[3]];
  const manager = new OPCUACertificateManager({ rootFolder: folder + "/pki", automaticallyAcceptUnknownCertificate: true });
  await manager.initialize();
  const userManager = new OPCUACertificateManager({ rootFolder: folder + "/users", automaticallyAcceptUnknownCertificate: true, name: "UserPKI" });
  await userManager.initialize();
  const server = new OPCUAServer({
    port, hostname: "127.0.0.1", resourcePath: "/UA/T", serverCertificateManager: manager, userCertificateManager: userManager,
    alternateHostname: ["127.0.0.1", "localhost"],
    securityModes: [MessageSecurityMode.None, MessageSecurityMode.Sign, MessageSecurityMode.SignAndEncrypt],
    securityPolicies: [SecurityPolicy.None, SecurityPolicy.Basic256Sha256, SecurityPolicy.Aes128_Sha256_RsaOaep,
      SecurityPolicy.Aes256_Sha256_RsaPss],
    userManager: { isValidUser: (user, password) => user === "user1" && password === "pw1" },
  });
  await server.initialize();
  const space = server.engine.addressSpace;
  const ns = space.getOwnNamespace();
  const plant = ns.addObject({ organizedBy: space.rootFolder.objects, browseName: "Plant", nodeId: "s=Plant" });
  let count = 0;
  const counter = ns.addVariable({ componentOf: plant, nodeId: "s=Count", browseName: "Count", dataType: "UInt32" });
  setInterval(() => counter.setValueFromSource({ dataType: DataType.UInt32, value: ++count }), 150);
  let setPoint = 10;
  ns.addVariable({ componentOf: plant, nodeId: "s=SetPoint", browseName: "SetPoint", dataType: "Double", minimumSamplingInterval: 100,
    value: { get: () => new Variant({ dataType: DataType.Double, value: setPoint }), set: v => { setPoint = v.value; return StatusCodes.Good; } } });
  const constant = (name, dataType, value, extra) => {
    const variable = ns.addVariable({ componentOf: plant, nodeId: "s=" + name, browseName: name, dataType, ...extra });
    variable.setValueFromSource({ dataType: DataType[dataType], value, ...(extra && extra.variant) });
    return variable;
  };
  constant("Name", "String", "näme");
  constant("Label", "LocalizedText", { locale: "en", text: "label" });
  constant("Flag", "Boolean", true);
  constant("Big", "Int64", [0xffffffff, 0xfffffffe], { variant: { arrayType: VariantArrayType.Scalar } });
  constant("Bytes", "ByteString", Buffer.from([1, 2, 3]));
  constant("Node", "NodeId", counter.nodeId);
  constant("Floats", "Float", new Float32Array([1.5, 2.5]), { valueRank: 1, arrayDimensions: [0], variant: { arrayType: VariantArrayType.Array } });
  constant("Long", "ByteString", Buffer.alloc(300000, 7));
  const history = constant("History", "Double", 0);
  space.installHistoricalDataNode(history, { maxOnlineValues: 5000 });
  for (let i = 1; i <= 2500; i++) history.setValueFromSource({ dataType: DataType.Double, value: i }, StatusCodes.Good, new Date(1700000000000 + i * 1000));
  const method = ns.addMethod(plant, { browseName: "Double", nodeId: "s=Double",
    inputArguments: [{ name: "x", dataType: DataType.Double }], outputArguments: [{ name: "y", dataType: DataType.Double }] });
  method.bindMethod((inputs, context, callback) => callback(null, { statusCode: StatusCodes.Good,
    outputArguments: [{ dataType: DataType.Double, value: 2 * inputs[0].value }] }));
  for (let i = 0; i < 2000; i++) constant("V" + i, "Double", i);
  await server.start();
  console.log("UP");
  process.stdin.on("data", async text => { if (String(text).startsWith("stop")) { await server.shutdown(100); process.exit(0); } });
})().catch(e => { console.error("ERR", e); process.exit(1); });
