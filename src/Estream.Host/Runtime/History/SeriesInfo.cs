using Estream.Host.Http;

namespace Estream.Host.Runtime;

/// <summary>The description of a series of values.</summary>
/// <param name="Name">The name, such as <c>queue/orders/rate</c>.</param>
/// <param name="Title">The name for people.</param>
/// <param name="Unit"><c>1/s</c>, <c>bytes</c>, <c>count</c>, <c>seconds</c> or <c>percent</c>.</param>
/// <param name="Kind">The kind of the part: <c>host</c>, <c>queue</c>, <c>map</c>, <c>adapter</c> and so on.</param>
/// <param name="Part">The name of the part; empty for the host.</param>
/// <param name="Scope"><c>queue:NAME</c> or <c>map:NAME</c> if tokens with this scope may read the series; empty if only tokens without
/// scopes may.</param>
internal sealed record SeriesInfo(string Name, string Title, string Unit, string Kind, string Part, string Scope)
{
    public const string PerSecond = "1/s";
    public const string Bytes = "bytes";
    public const string Count = "count";
    public const string Seconds = "seconds";
    public const string Percent = "percent";

    private const string QueueScope = "queue:";
    private const string MapScope = "map:";

    public static string ScopeOfQueue(string queue) => QueueScope + queue;

    public static string ScopeOfMap(string map) => MapScope + map;

    /// <summary>Whether a caller may read a series of which only the name is known.</summary>
    public static bool IsReadable(string series, Identity identity, QueueAccess access) => series.Split('/') switch
    {
        ["queue", var queue, "lag", ..] => !identity.Scopes.IsLimited && access.MayRead(identity, queue),
        ["queue", var queue, ..] => access.MayRead(identity, queue),
        ["map", var map, ..] => access.MayReadMap(identity, map),
        ["replication", var log, ..] =>
            !identity.Scopes.IsLimited && access.MayRead(identity, log) && access.MayReadMap(identity, log),

        // The name does not tell which queue a pipeline reads.
        ["pipeline", ..] => !ScopedAnswers.IsLimited(identity),
        _ => !identity.Scopes.IsLimited,
    };

    /// <summary>Whether a caller may read the series.</summary>
    public bool IsReadableBy(Identity identity, QueueAccess access) =>
        // A lag names its reader, which the scopes of a token do not include.
        (!identity.Scopes.IsLimited || Name.Split('/') is not ["queue", _, "lag", ..])
        && (Scope.StartsWith(QueueScope, StringComparison.Ordinal) ? access.MayRead(identity, Scope[QueueScope.Length..])
        : Scope.StartsWith(MapScope, StringComparison.Ordinal) ? access.MayReadMap(identity, Scope[MapScope.Length..])
        : !identity.Scopes.IsLimited);
}

/// <summary>A series, and the function that reads its current value.</summary>
/// <param name="Info">The series.</param>
/// <param name="Read">Returns the current value; not a number if there is none. Called once a second by one thread.</param>
/// <param name="IsTotal">Whether the value is a growing total, whose rate per second is recorded.</param>
internal sealed record SeriesSource(SeriesInfo Info, Func<double> Read, bool IsTotal = false);

/// <summary>The values of a minute or a longer time. Without values, <paramref name="Count"/> is 0.</summary>
/// <param name="Min">The least value.</param>
/// <param name="Mean">The mean.</param>
/// <param name="Max">The greatest value.</param>
/// <param name="Count">The number of seconds with a value.</param>
internal readonly record struct SeriesPoint(float Min, float Mean, float Max, int Count)
{
    /// <summary>Combines values; those that are not a number are left out.</summary>
    public static SeriesPoint Of(ReadOnlySpan<float> values)
    {
        (float min, float max, double sum, int count) = (float.MaxValue, float.MinValue, 0, 0);
        foreach (float value in values)
        {
            if (!float.IsNaN(value))
            {
                (min, max, sum, count) = (Math.Min(min, value), Math.Max(max, value), sum + value, count + 1);
            }
        }

        return count == 0 ? default : new SeriesPoint(min, Math.Clamp((float)(sum / count), min, max), max, count);
    }

    /// <summary>Combines the values of two times.</summary>
    public SeriesPoint With(SeriesPoint other)
    {
        if (Count == 0 || other.Count == 0)
        {
            return Count == 0 ? other : this;
        }

        (float min, float max, int count) = (Math.Min(Min, other.Min), Math.Max(Max, other.Max), Count + other.Count);
        return new SeriesPoint(
            min, Math.Clamp((float)((((double)Mean * Count) + ((double)other.Mean * other.Count)) / count), min, max), max, count);
    }
}
