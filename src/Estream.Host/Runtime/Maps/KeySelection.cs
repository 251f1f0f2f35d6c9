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

    private readonly PriorityQueue<byte[], byte[]> _kept = new(Math.Min(limit, 1024) + 1, s_greatestFirst);

    /// <summary>The number of keys with the prefix, also before and after the page.</summary>
    public long Total { get; private set; }

    /// <summary>Whether keys follow after the page.</summary>
    public bool HasMore { get; private set; }

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

        if (_kept.Count < limit)
        {
            byte[] added = key.ToArray();
            _kept.Enqueue(added, added);
            return;
        }

        HasMore = true;
        if (key.SequenceCompareTo(_kept.Peek()) < 0)
        {
            byte[] added = key.ToArray();
            _kept.EnqueueDequeue(added, added);
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
