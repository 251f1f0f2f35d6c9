namespace Estream.Host.Runtime;

/// <summary>Selects a page of the keys of an unordered map: the first keys after a key, in byte order. One pass over the map selects them,
/// with memory for one page. Used by one thread.</summary>
/// <param name="prefix">The start of the keys.</param>
/// <param name="after">The key before the page; empty for the first page.</param>
/// <param name="limit">The maximum number of keys.</param>
internal sealed class KeySelection(ReadOnlyMemory<byte> prefix, ReadOnlyMemory<byte> after, int limit)
{
    private static readonly IComparer<byte[]> s_greatestFirst =
        Comparer<byte[]>.Create(static (one, other) => other.AsSpan().SequenceCompareTo(one));

    /// <summary>The maximum length of all keys of a page together.</summary>
    public const int MaxBytes = 2 << 20;

    private readonly PriorityQueue<byte[], byte[]> _kept = new(Math.Min(limit, 1024) + 1, s_greatestFirst);
    private long _bytes;

    // The page ends before this key.
    private byte[]? _end;

    /// <summary>The number of keys with the prefix, also before and after the page.</summary>
    public long Total { get; private set; }

    /// <summary>Whether keys follow after the page.</summary>
    public bool HasMore => _end is not null;

    /// <summary>Looks at one key of the map.</summary>
    public void Consider(ReadOnlySpan<byte> key)
    {
        if (!key.StartsWith(prefix.Span))
        {
            return;
        }

        Total++;
        if (!after.IsEmpty && key.SequenceCompareTo(after.Span) <= 0)
        {
            return;
        }

        if (_end is not null && key.SequenceCompareTo(_end) >= 0)
        {
            return;
        }

        byte[] added = key.ToArray();
        _kept.Enqueue(added, added);
        _bytes += added.Length;
        while (_kept.Count > limit || (_bytes > MaxBytes && _kept.Count > 1))
        {
            _end = _kept.Dequeue();
            _bytes -= _end.Length;
        }
    }

    /// <summary>Returns the selected keys in byte order, and forgets them.</summary>
    public byte[][] Take()
    {
        byte[][] keys = new byte[_kept.Count][];
        for (int i = keys.Length - 1; i >= 0; i--)
        {
            keys[i] = _kept.Dequeue();
        }

        return keys;
    }
}
