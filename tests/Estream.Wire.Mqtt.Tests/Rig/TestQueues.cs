using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Wire.Mqtt.Tests.Rig;

/// <summary>The queues of a host in a temporary folder, telemetry and dead-letters, with the context of an adapter.</summary>
internal sealed class TestQueues : IDisposable
{
    private readonly TempDirectory? _own;

    /// <param name="place">The options of the adapter's own queues.</param>
    /// <param name="folder">The folder, if it must outlive this object; it is not disposed.</param>
    public TestQueues(
        QueueOptions? options = null, IClock? clock = null, string name = "devices", QueueOptions? place = null,
        EsfAudienceKeys? keys = null, TempDirectory? folder = null)
    {
        _own = folder is null ? new TempDirectory() : null;
        TempDirectory home = folder ?? _own!;
        Telemetry = EstreamQueue.Open(home.Combine("telemetry"), options);
        DeadLetters = EstreamQueue.Open(home.Combine("dead-letters"), options);
        Sinks = new IngressSinks(DeadLetters, EsfSchemaSet.BuiltIn, keys);
        Sinks.Add("telemetry", Telemetry);
        Context = new AdapterContext(name, EsfSchemaSet.BuiltIn, Sinks, clock ?? SystemClock.Instance, Events.Enqueue)
        {
            Place = new AdapterPlace(home.Combine("place"), place ?? new QueueOptions()),
        };
    }

    public EstreamQueue Telemetry { get; }

    public EstreamQueue DeadLetters { get; }

    public IngressSinks Sinks { get; }

    public AdapterContext Context { get; }

    public ConcurrentQueue<AdapterEvent> Events { get; } = new();

    public static EsfSchema Iot => EsfSchemaSet.BuiltIn.TryGet("IoTTelemetry", out EsfSchema? schema)
        ? schema
        : throw new InvalidOperationException("The built-in schemas have no IoTTelemetry.");

    public static TopicMapping JsonMapping => TopicMapping.Json("devices/{device_id}/telemetry", Iot, "telemetry");

    /// <summary>Returns all messages in the telemetry queue, as JSON.</summary>
    public IReadOnlyList<string> ReadTelemetry()
    {
        return Read(Telemetry);
    }

    public IReadOnlyList<string> ReadDeadLetters()
    {
        return Read(DeadLetters);
    }

    public void Dispose()
    {
        Sinks.Dispose();
        Telemetry.Dispose();
        DeadLetters.Dispose();
        _own?.Dispose();
    }

    private static List<string> Read(EstreamQueue queue)
    {
        List<string> messages = [];
        using QueueTailer tailer = queue.CreateTailer();
        ArrayBufferWriter<byte> json = new();
        while (tailer.TryRead(out QueueMessage message))
        {
            json.ResetWrittenCount();
            Assert.True(EsfSchemaSet.BuiltIn.TryGet(message.Payload, out EsfSchema? schema));
            EsfStatus status = EsfJson.WriteJson(schema, message.Payload, json);
            Assert.True(status.IsOk, status.ToString());
            messages.Add(Encoding.UTF8.GetString(json.WrittenSpan));
        }

        return messages;
    }
}
