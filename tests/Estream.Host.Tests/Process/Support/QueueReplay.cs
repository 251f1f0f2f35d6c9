using Estream.Esf;
using Estream.Map;
using Estream.Queue;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Reads a queue of a host from its files like any other process, and calculates the expected map: the newest message of each device.
/// Shares no code with the map of the host.
/// </summary>
internal sealed class QueueReplay : IDisposable
{
    private readonly EstreamQueue _queue;
    private readonly QueueTailer _tailer;
    private readonly EsfField _device;
    private readonly EsfField _value;
    private readonly Dictionary<string, Latest> _latest = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<long>> _values = new(StringComparer.Ordinal);

    public QueueReplay(string data)
    {
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("IoTTelemetry", out EsfSchema? schema));
        Assert.True(schema.TryGetField("device_id", out EsfField? device));
        Assert.True(schema.TryGetField("value", out EsfField? value));
        _device = device;
        _value = value;
        _queue = EstreamQueue.OpenReadOnly(Path.Combine(data, "queues", "telemetry"));
        _tailer = _queue.CreateTailer();
    }

    /// <summary>Messages read so far.</summary>
    public long MessageCount { get; private set; }

    /// <summary>Reads to the end of the queue.</summary>
    public QueueReplay Advance()
    {
        while (_tailer.TryRead(out QueueMessage message))
        {
            Assert.Equal(MessageCount, message.Sequence);
            Assert.True(_device.TryGetBytes(message.Payload, out ReadOnlySpan<byte> device), "a message without device");
            Assert.True(_value.TryGetDouble(message.Payload, out double value), "a message without value");
            string name = System.Text.Encoding.UTF8.GetString(device);
            _latest[name] = new Latest(message.Position, message.Sequence, message.Time, message.Payload.ToArray());
            if (!_values.TryGetValue(name, out List<long>? values))
            {
                _values.Add(name, values = []);
            }

            values.Add((long)value);
            MessageCount++;
        }

        return this;
    }

    /// <summary>The numbers of a device, in the order of the queue.</summary>
    public IReadOnlyList<long> ValuesOf(string device) => _values.GetValueOrDefault(device) ?? [];

    /// <summary>Fails unless the map on disk contains exactly the newest message of each device.</summary>
    public void AssertMapEquals(string data)
    {
        using StateMap<Utf8Key64, LatestEntry> map = StateMap.OpenReadOnly<Utf8Key64, LatestEntry>(Path.Combine(data, "maps", "latest"));
        Assert.Equal(_latest.Count, map.Count);
        int seen = 0;
        foreach (KeyValuePair<Utf8Key64, LatestEntry> entry in map)
        {
            Utf8Key64 key = entry.Key;
            LatestEntry value = entry.Value;
            Assert.True(_latest.TryGetValue(key.ToString(), out Latest? expected), $"{key} is in the map and not in the queue");
            Assert.Equal((expected.Position, expected.Sequence, expected.Time, expected.Message.Length),
                (value.Position, value.Sequence, value.Time, value.Length));
            Assert.True(!value.IsInline || value.Message.SequenceEqual(expected.Message),
                $"{key} has other bytes in the map than in the queue");
            seen++;
        }

        Assert.Equal(_latest.Count, seen);
    }

    public void Dispose() => _queue.Dispose();

    private sealed record Latest(long Position, long Sequence, long Time, byte[] Message);
}
