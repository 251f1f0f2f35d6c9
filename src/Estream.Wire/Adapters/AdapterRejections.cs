using Estream.Core;

namespace Estream.Wire;

/// <summary>
/// Counts what an adapter refused, by reason, with the last time, text and dead letter of each reason. Keeps the 64 latest reasons; the
/// counts of older reasons are added to the reason <c>other</c>. Thread-safe. Costs a short lock for each refused message, and nothing for
/// accepted messages; a new reason allocates.
/// </summary>
/// <param name="clock">The clock for the times.</param>
public sealed class AdapterRejections(IClock clock)
{
    /// <summary>The number of reasons that are kept, without <c>other</c>.</summary>
    public const int MaxReasons = 64;

    /// <summary>The reason with the counts of reasons that are no longer kept.</summary>
    public const string Other = "other";

    private const int MaxReasonChars = 256;
    private const int MaxDetailChars = 1_024;

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private Entry? _other;

    /// <summary>Counts a refused message, packet or connection.</summary>
    /// <param name="reason">The reason without values of the message, such as <c>field 'value': expected a number</c>. At most 256
    /// characters are kept. Use few different reasons.</param>
    /// <param name="detail">The reason with the values and the peer, without private values; null to use <paramref name="reason"/>. At
    /// most 1,024 characters are kept.</param>
    /// <param name="deadLetter">The sequence number of the dead letter; null if there is none.</param>
    public void Add(string reason, string? detail = null, long? deadLetter = null) => Add(reason, detail, deadLetter, peer: null);

    /// <summary>Counts as the public overload does, and keeps the peer apart, so that a known reason allocates nothing.</summary>
    internal void Add(string reason, string? detail, long? deadLetter, string? peer, int count = 1)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        string key = Cut(reason, MaxReasonChars);
        string text = Cut(detail ?? reason, MaxDetailChars);
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out Entry? entry))
            {
                if (_entries.Count == MaxReasons)
                {
                    RemoveOldest();
                }

                _entries.Add(key, entry = new Entry(key));
            }

            entry.Add(count, clock.UtcNanos, text, deadLetter, peer);
        }
    }

    /// <summary>Returns the reasons, the latest first.</summary>
    public IReadOnlyList<AdapterRejection> ToList()
    {
        lock (_lock)
        {
            IEnumerable<Entry> all = _other is null ? _entries.Values : _entries.Values.Append(_other);
            return [.. all.Select(entry => entry.ToRejection()).OrderByDescending(rejection => rejection.LastAt)];
        }
    }

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];

    private void RemoveOldest()
    {
        Entry oldest = _entries.Values.MinBy(entry => entry.LastAt)!;
        _entries.Remove(oldest.Reason);
        _other ??= new Entry(Other);
        AdapterRejection removed = oldest.ToRejection();
        _other.Add(removed.Count, removed.LastAt, removed.Detail, removed.LastSequence, peer: null);
    }

    private sealed class Entry(string reason)
    {
        private long _count;
        private string _detail = "";
        private string? _peer;
        private long? _lastSequence;

        public string Reason => reason;

        public long LastAt { get; private set; }

        public void Add(long count, long at, string detail, long? sequence, string? peer)
        {
            _count += count;
            (LastAt, _detail, _peer, _lastSequence) = (at, detail, peer, sequence ?? _lastSequence);
        }

        public AdapterRejection ToRejection() =>
            new(reason, _peer is null ? _detail : $"{_detail} (from {_peer})", _count, LastAt, _lastSequence);
    }
}

/// <summary>A reason for which an adapter refused messages, packets or connections, with counts.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="Detail">The reason of the last refusal, with its peer and values; contains no private values.</param>
/// <param name="Count">The number of refusals since the adapter was created.</param>
/// <param name="LastAt">The time of the last refusal, in nanoseconds since 1970-01-01 UTC.</param>
/// <param name="LastSequence">The sequence number of the latest dead letter with this reason; null if there is none.</param>
public sealed record AdapterRejection(string Reason, string Detail, long Count, long LastAt, long? LastSequence);
