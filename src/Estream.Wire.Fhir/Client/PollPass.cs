using System.Text;
using System.Text.Json;
using Estream.Wire.Fhir.Codec;
using Estream.Wire.Fhir.Resources;

namespace Estream.Wire.Fhir.Client;

/// <summary>
/// Finds the position after a poll. The position is at most a margin before the start of the poll: a server can make a change visible after
/// a page was read, with an earlier time. Not thread-safe.
/// </summary>
internal sealed class PollPass
{
    /// <summary>The maximum number of versions that a position remembers; further versions are stored again by the next poll.</summary>
    public const int MaxSeen = 100_000;

    private const long MarginNanos = 30L * 1_000_000_000;
    private const long NanosPerMilli = 1_000_000;

    private readonly PollPosition _before;
    private readonly long _limit;
    private readonly bool _isLimitNew;
    private readonly HashSet<string> _recent = [];
    private HashSet<string> _latest = [];
    private long _latestNanos;
    private string _latestTime = "";

    /// <param name="before">The position before the poll.</param>
    /// <param name="startedAt">When the poll started by the clock of the server, nanoseconds since 1970 UTC.</param>
    public PollPass(PollPosition before, long startedAt)
    {
        _before = before;
        FhirTime.TryReadInstant(Encoding.UTF8.GetBytes(before.Since), out long last);
        long limit = (startedAt - MarginNanos) / NanosPerMilli * NanosPerMilli;
        _isLimitNew = limit > last;
        _limit = Math.Max(limit, last);
    }

    /// <summary>Takes a version that was read.</summary>
    /// <param name="key">The key of the version.</param>
    /// <param name="resource">The resource.</param>
    public void Add(string key, JsonElement resource)
    {
        string time = resource.Member("meta").Text("lastUpdated");
        if (!FhirTime.TryReadInstant(Encoding.UTF8.GetBytes(time), out long nanos))
        {
            return;
        }

        if (nanos > _latestNanos && nanos < _limit)
        {
            (_latest, _latestNanos, _latestTime) = ([], nanos, time);
        }

        HashSet<string>? seen = nanos >= _limit ? _recent : nanos == _latestNanos ? _latest : null;
        if (seen?.Count < MaxSeen)
        {
            seen.Add(key);
        }
    }

    /// <summary>The position after all pages were read.</summary>
    public PollPosition End() => _recent.Count > 0 ? new PollPosition(_isLimitNew ? FhirText.Instant(_limit) : _before.Since, _recent)
        : _latest.Count > 0 ? new PollPosition(_latestTime, _latest)
        : _before;
}
