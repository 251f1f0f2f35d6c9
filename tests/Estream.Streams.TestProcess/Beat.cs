using System.Globalization;
using System.Text;
using Estream.Iot;
using Estream.Queue;

namespace Estream.Streams.TestProcess;

/// <summary>An event of the tests, encoded as a reading.</summary>
/// <param name="Key">The device.</param>
/// <param name="Time">The time, in seconds since 1970.</param>
/// <param name="Value">A whole number, so that sums are exact.</param>
/// <param name="Source">The gateway.</param>
public readonly record struct Beat(long Key, long Time, long Value, long Source = 0)
{
    /// <summary>The number of nanoseconds in a second.</summary>
    public const long Second = 1_000_000_000;

    public static Beat Of(scoped in IoTTelemetry.View reading) =>
        new(KeyOf(in reading), reading.Timestamp / Second, (long)reading.Value, SourceOf(in reading));

    public static long KeyOf(scoped in IoTTelemetry.View reading) => long.Parse(reading.DeviceId, CultureInfo.InvariantCulture);

    public static long TimeOf(scoped in IoTTelemetry.View reading) => reading.Timestamp;

    public static long SourceOf(scoped in IoTTelemetry.View reading) => long.Parse(reading.MetricName, CultureInfo.InvariantCulture);

    /// <summary>Writes the event as a reading.</summary>
    public void Write(ref IoTTelemetry.Writer writer)
    {
        writer.DeviceId = TextOf($"{Key}");
        writer.Timestamp = Time * Second;
        writer.MetricName = TextOf($"{Source}");
        writer.Value = Value;
    }

    public void AppendTo(EsfAppender<IoTTelemetry.Writer> readings)
    {
        using EsfClaim<IoTTelemetry.Writer> claim = readings.Claim(200);
        IoTTelemetry.Writer writer = claim.Begin();
        Write(ref writer);
        claim.Commit(writer);
    }

    public static byte[] TextOf(FormattableString text) => Encoding.UTF8.GetBytes(FormattableString.Invariant(text));

    /// <summary>Returns all readings of a queue.</summary>
    public static List<Beat> All(EstreamQueue queue)
    {
        using QueueTailer tailer = queue.CreateTailer();
        var readings = new EsfTailer<IoTTelemetry.View>(tailer);
        List<Beat> all = [];
        while (readings.TryRead(out EsfMessage<IoTTelemetry.View> message))
        {
            all.Add(Of(message.View));
        }

        return all;
    }
}

/// <summary>The state of a window in the tests. <paramref name="Last"/> shows the order in which events were folded.</summary>
/// <param name="Count">The number of events.</param>
/// <param name="Sum">The sum of their values.</param>
/// <param name="Last">The value folded last.</param>
public readonly record struct Tally(long Count, long Sum, long Last)
{
    public static void Add(ref Tally tally, scoped in IoTTelemetry.View reading) => tally = tally.With((long)reading.Value);

    public static void Merge(ref Tally earlier, in Tally later) =>
        earlier = new Tally(earlier.Count + later.Count, earlier.Sum + later.Sum, later.Last);

    public Tally With(long value) => new(Count + 1, Sum + value, value);
}

/// <summary>A window's result in the form that the tests compare, in seconds.</summary>
public readonly record struct Tallied(long Key, long Start, long End, long Revision, Tally Tally)
{
    public static Tallied Of(in WindowResult<long, Tally> result) =>
        new(result.Key, result.Start / Beat.Second, result.End / Beat.Second, result.Revision, result.State);

    /// <summary>Writes a reading that contains the whole result.</summary>
    public static void Write(scoped in WindowResult<long, Tally> result, ref IoTTelemetry.Writer writer)
    {
        Tallied all = Of(in result);
        writer.MetricName = Beat.TextOf($"{all.End} {all.Revision} {all.Tally.Count} {all.Tally.Last}");
        writer.DeviceId = Beat.TextOf($"{all.Key}");
        writer.Timestamp = all.Start;
        writer.Value = all.Tally.Sum;
    }

    /// <summary>Returns all results in a queue.</summary>
    public static List<Tallied> All(EstreamQueue queue)
    {
        using QueueTailer tailer = queue.CreateTailer();
        var readings = new EsfTailer<IoTTelemetry.View>(tailer);
        List<Tallied> all = [];
        while (readings.TryRead(out EsfMessage<IoTTelemetry.View> message))
        {
            IoTTelemetry.View view = message.View;
            long[] rest =
                [.. Encoding.UTF8.GetString(view.MetricName).Split(' ').Select(word => long.Parse(word, CultureInfo.InvariantCulture))];
            all.Add(new Tallied(Beat.KeyOf(in view), view.Timestamp, rest[0], rest[1], new Tally(rest[2], (long)view.Value, rest[3])));
        }

        return all;
    }
}
