// Receives messages of MQTT devices into a queue in your own process, without a host or broker, and prints them.
//
//   dotnet run --project samples/MqttToQueue -- DIRECTORY [PORT]
//   mosquitto_pub -V 5 -p PORT -q 1 -t devices/pump-7/telemetry -m '{"timestamp":1,"metric_name":"flow","value":20.5}'
//
// The endpoint acknowledges a message when the message is in the queue. A message that does not match the schema goes to the dead
// letters. Ctrl-C ends the program.

using System.Globalization;
using System.Text;
using Estream.Core;
using Estream.Esf;
using Estream.Iot;
using Estream.Queue;
using Estream.Wire;
using Estream.Wire.Mqtt;

string data = args.Length > 0 ? args[0] : "data";
int port = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1883;
using CancellationTokenSource stopping = new();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stopping.Cancel();
};

EsfSchemaSet schemas = EsfSchemaSet.BuiltIn;
if (!schemas.TryGet("IoTTelemetry", out EsfSchema? schema))
{
    throw new InvalidOperationException("IoTTelemetry is built in.");
}

using EstreamQueue telemetry = EstreamQueue.Open(Path.Combine(data, "telemetry"));
using EstreamQueue deadLetters = EstreamQueue.Open(Path.Combine(data, "dead-letters"));
using IngressSinks sinks = new(deadLetters, schemas);
sinks.Add("telemetry", telemetry);
await using MqttEndpoint endpoint = new(
    new MqttEndpointOptions { Port = port },
    [TopicMapping.Json("devices/{device_id}/telemetry", schema, "telemetry")],
    new AdapterContext("devices", schemas, sinks, SystemClock.Instance,
        happened => Console.Error.WriteLine($"{happened.Kind}: {happened.Detail}")));
await endpoint.StartAsync(stopping.Token);
Task ingest = endpoint.Ingest(stopping.Token);
Console.WriteLine($"port {endpoint.LocalEndPoint!.Port}");

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

static void PrintNew(QueueTailer tailer)
{
    while (tailer.TryRead(out QueueMessage message))
    {
        IoTTelemetry.View reading = IoTTelemetry.View.Of(message.Payload);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{message.Sequence} {Encoding.UTF8.GetString(reading.DeviceId)} "
            + $"{Encoding.UTF8.GetString(reading.MetricName)} {reading.Value}"));
    }
}
