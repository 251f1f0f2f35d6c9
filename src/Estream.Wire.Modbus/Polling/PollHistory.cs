using System.Text;
using Estream.Core;
using Estream.Esf;
using Estream.Industrial;
using Estream.Modbus;
using Estream.Queue;

namespace Estream.Wire.Modbus.Polling;

/// <summary>The last poll numbers that the queues of an adapter contain, so that no poll is stored twice.</summary>
internal sealed class PollHistory
{
    // A message is stored after its poll was due, and its time is rounded.
    private const long ReserveNanos = 1_000_000_000;

    private readonly Dictionary<(string, byte, byte, ushort, ushort), long> _responses = [];
    private readonly Dictionary<(string, string), long> _values = [];
    private readonly HashSet<(string, byte, byte, ushort, ushort)> _ambiguous;
    private readonly IReadOnlyList<ModbusDeviceOptions> _devices;
    private readonly bool _hasResponses;
    private readonly bool _hasValues;

    private PollHistory(ModbusPollerOptions options, IReadOnlyList<PlannedRead> plan)
    {
        _devices = options.Devices;

        // A response does not show its rate: two reads of the same addresses have different numbers and cannot be told apart.
        _ambiguous = [.. plan.GroupBy(KeyOf).Where(reads => reads.Skip(1).Any()).Select(reads => reads.Key)];
        _hasResponses = options.Mappings.Any(mapping => mapping.Schema.Name == ModbusSchemas.ReadResponse);
        _hasValues = options.Mappings.Any(mapping => mapping.Schema.Name == ModbusSchemas.Value);
    }

    /// <summary>Reads the messages that are not older than a window.</summary>
    /// <param name="options">The options of the adapter.</param>
    /// <param name="plan">The reads of the adapter.</param>
    /// <param name="queues">The queues of the adapter.</param>
    /// <param name="window">How late a missed poll is still made up; zero to read nothing.</param>
    /// <param name="utc">The time in nanoseconds since 1970-01-01 UTC.</param>
    /// <exception cref="EstreamException">A queue cannot be read.</exception>
    public static PollHistory Read(
        ModbusPollerOptions options, IReadOnlyList<PlannedRead> plan, IngressSinks queues, TimeSpan window, long utc)
    {
        PollHistory history = new(options, plan);
        foreach (string name in options.Mappings.Select(mapping => mapping.Queue).Distinct(StringComparer.Ordinal))
        {
            if (window > TimeSpan.Zero && queues.TryGet(name, out IngressSink? sink))
            {
                history.ReadQueue(sink.Newest.Queue, utc - (window.Ticks * TimeSpan.NanosecondsPerTick) - ReserveNanos);
            }
        }

        return history;
    }

    /// <summary>The last number of the response of a read; 0 if there is none, or another read has the same addresses.</summary>
    public long LastResponse(PlannedRead read) => IsAmbiguous(read) ? 0 : _responses.GetValueOrDefault(KeyOf(read));

    /// <summary>The last number of the value of a point; 0 if there is none.</summary>
    public long LastValue(PlannedPoint point) => _values.GetValueOrDefault((_devices[point.Device].Name, point.Options.Name));

    /// <summary>The last number of a read whose messages are all stored; null if there is none.</summary>
    public long? LastWhole(PlannedRead read)
    {
        IEnumerable<long> responses = _hasResponses && !IsAmbiguous(read) ? [LastResponse(read)] : [];
        IEnumerable<long> values = _hasValues ? read.Points.Select(LastValue) : [];
        long[] stored = [.. responses, .. values];
        long last = stored.Length == 0 ? 0 : stored.Max();
        return last == 0 ? null : stored.All(number => number == last) ? last : last - 1;
    }

    private bool IsAmbiguous(PlannedRead read) => _ambiguous.Contains(KeyOf(read));

    private (string, byte, byte, ushort, ushort) KeyOf(PlannedRead read)
    {
        ModbusDeviceOptions device = _devices[read.Device];
        return (device.Name, device.Unit, (byte)read.Table.ReadFunction(), read.Address, (ushort)read.Count);
    }

    private void ReadQueue(EstreamQueue queue, long since)
    {
        using QueueTailer tailer = queue.CreateTailer();
        tailer.SeekToTime(since);
        while (tailer.TryRead(out QueueMessage message))
        {
            if (ModbusReadResponse.View.TryOf(message.Payload, out ModbusReadResponse.View response))
            {
                Note(_responses, (Encoding.UTF8.GetString(response.DeviceId), response.UnitId, response.FunctionCode, response.Address,
                    response.Quantity), response.PollSequence);
            }
            else if (ModbusValue.View.TryOf(message.Payload, out ModbusValue.View value))
            {
                Note(_values, (Encoding.UTF8.GetString(value.DeviceId), Encoding.UTF8.GetString(value.Point)), value.PollSequence);
            }
        }
    }

    private static void Note<TKey>(Dictionary<TKey, long> numbers, TKey key, ulong? number)
        where TKey : notnull
    {
        if (number is { } some and <= long.MaxValue)
        {
            numbers[key] = Math.Max(numbers.GetValueOrDefault(key), (long)some);
        }
    }
}
