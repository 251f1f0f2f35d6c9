// A wire adapter for a third-party client library, MQTTnet. The program subscribes to an MQTT 5 broker and prints the stored messages.
//
//   mosquitto -p 1883
//   dotnet run --project samples/MqttNetAdapter -- DIRECTORY [HOST [PORT]]
//   mosquitto_pub -V 5 -q 1 -t devices/pump-7/telemetry -m '{"timestamp":1,"metric_name":"flow","value":20.5}'
//
// The adapter (MqttNetClientAdapter) acknowledges a message when the message is in the queue. While the queue cannot be written, the
// adapter acknowledges nothing and reads no further, so the broker keeps the messages. A message that does not match the schema goes to
// the dead letters. Ctrl-C ends the program. In a host, EstreamBuilder.AddAdapterType takes the factory (MqttNetClientFactory).
//
// The compliance suite runs against this adapter in tests/MqttNetAdapter.Tests. For production, Estream.Wire.Mqtt has a client with TLS,
// QoS 2 and a session that survives a crash.

using System.Buffers;
using System.Text;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Wire;
using MqttNetAdapter;

string data = args.Length > 0 ? args[0] : "data";
using CancellationTokenSource stopping = new();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stopping.Cancel();
};

EsfSchemaSet schemas = EsfSchemaSet.BuiltIn;
using EstreamQueue telemetry = EstreamQueue.Open(Path.Combine(data, "telemetry"));
using EstreamQueue deadLetters = EstreamQueue.Open(Path.Combine(data, "dead-letters"));
using IngressSinks sinks = new(deadLetters, schemas);
sinks.Add("telemetry", telemetry);

// A host has the same settings in its appsettings.json, below the adapter's name.
WireSettings settings = new("MqttNet", new Dictionary<string, string?>
{
    ["Host"] = args.Length > 1 ? args[1] : "localhost",
    ["Port"] = args.Length > 2 ? args[2] : "1883",
    ["ClientId"] = "mqttnet-adapter",
    ["Subscriptions:0:Filter"] = "devices/+/telemetry",
    ["Mappings:0:Topic"] = "devices/{device_id}/telemetry",
    ["Mappings:0:Schema"] = "IoTTelemetry",
    ["Mappings:0:Queue"] = "telemetry",
});
AdapterContext context = new(
    "devices", schemas, sinks, SystemClock.Instance, happened => Console.Error.WriteLine($"{happened.Kind}: {happened.Detail}"));
await using IWireAdapter adapter = new MqttNetClientFactory().Create(context, settings);
await adapter.StartAsync(stopping.Token);
Task ingest = adapter.Ingest(stopping.Token);

using QueueTailer tailer = telemetry.CreateTailer("printer");
using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(10));
try
{
    while (await timer.WaitForNextTickAsync(stopping.Token))
    {
        PrintNew(tailer);
    }
}
catch (OperationCanceledException)
{
    await ingest;
}

void PrintNew(QueueTailer reader)
{
    ArrayBufferWriter<byte> json = new();
    while (reader.TryRead(out QueueMessage message))
    {
        json.ResetWrittenCount();
        if (schemas.TryGet(message.Payload, out EsfSchema? schema) && EsfJson.WriteJson(schema, message.Payload, json).IsOk)
        {
            Console.WriteLine($"{message.Sequence} {Encoding.UTF8.GetString(json.WrittenSpan)}");
        }
    }
}
