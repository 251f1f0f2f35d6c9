using System.Globalization;
using System.Text;
using Estream.Iot;
using Estream.Queue;

namespace Estream.Streams.TestProcess;

/// <summary>The result of a join in the tests.</summary>
public readonly record struct Pair(Beat Left, Beat? Right)
{
    /// <summary>Writes a reading that contains the whole result.</summary>
    public static void Write(scoped in JoinResult<Beat, Beat> result, ref IoTTelemetry.Writer writer)
    {
        writer.DeviceId = Beat.TextOf($"{result.Left.Key}");
        writer.Timestamp = result.Left.Time;
        writer.Value = result.Left.Value;
        writer.MetricName = result.HasRight ? Beat.TextOf($"{result.Right.Time} {result.Right.Value}") : "none"u8;
    }

    // Returns the part of an event that a result contains: with the left key, and without a source.
    private static Pair Of(Beat left, Beat? right) =>
        new(left with { Source = 0 }, right is { } other ? other with { Key = left.Key, Source = 0 } : null);

    /// <summary>Returns all results in a queue.</summary>
    public static List<Pair> All(EstreamQueue queue)
    {
        using QueueTailer tailer = queue.CreateTailer();
        var readings = new EsfTailer<IoTTelemetry.View>(tailer);
        List<Pair> all = [];
        while (readings.TryRead(out EsfMessage<IoTTelemetry.View> message))
        {
            IoTTelemetry.View view = message.View;
            string[] right = Encoding.UTF8.GetString(view.MetricName).Split(' ');
            long key = Beat.KeyOf(in view);
            all.Add(new Pair(
                new Beat(key, view.Timestamp, (long)view.Value),
                right.Length == 2
                    ? new Beat(key, long.Parse(right[0], CultureInfo.InvariantCulture), long.Parse(right[1], CultureInfo.InvariantCulture))
                    : null));
        }

        return all;
    }

    /// <summary>Computes a join of events by comparing each left event with each right one.</summary>
    /// <param name="left">The left events that were not late.</param>
    /// <param name="right">The right events that were not late.</param>
    /// <param name="within">The maximum distance of two joined events.</param>
    /// <param name="alone">The time up to which an unmatched left event also yields a result.</param>
    /// <param name="keyOf">Returns the key by which events are joined.</param>
    public static IEnumerable<Pair> Expected(IEnumerable<Beat> left, IEnumerable<Beat> right, long within, long alone,
        Func<Beat, long> keyOf)
    {
        ILookup<long, Beat> byKey = right.ToLookup(keyOf);
        foreach (Beat one in left)
        {
            List<Beat> near = [.. byKey[keyOf(one)].Where(beat => Math.Abs(beat.Time - one.Time) <= within)];
            foreach (Beat other in near)
            {
                yield return Of(one, other);
            }

            if (near.Count == 0 && one.Time <= alone)
            {
                yield return Of(one, null);
            }
        }
    }

    public static IEnumerable<Pair> Order(IEnumerable<Pair> pairs) =>
        pairs.OrderBy(pair => (pair.Left.Key, pair.Left.Time, pair.Left.Value, pair.Right?.Time, pair.Right?.Value));
}
