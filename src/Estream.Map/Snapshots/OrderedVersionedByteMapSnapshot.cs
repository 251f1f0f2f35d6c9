namespace Estream.Map;

/// <summary>The entries of a <see cref="VersionedByteMapSnapshot"/> in the order of their keys, byte by byte; see
/// <see cref="VersionedByteMapSnapshot.OrderByKey"/>.</summary>
/// <remarks>Thread-safety: any thread may read at any time. Do not dispose this object or the map while another thread uses this
/// object.</remarks>
public sealed class OrderedVersionedByteMapSnapshot : IDisposable
{
    private readonly OrderedByteMapSnapshot _ordered;

    internal OrderedVersionedByteMapSnapshot(OrderedByteMapSnapshot ordered) => _ordered = ordered;

    /// <summary>The number of entries.</summary>
    public int Count => _ordered.Count;

    /// <summary>Returns the number of keys that sort before a key, which is its index. Costs a binary search.</summary>
    /// <param name="key">The key; the snapshot need not have it.</param>
    /// <returns>0 up to <see cref="Count"/>.</returns>
    public int CountBefore(ReadOnlySpan<byte> key) => _ordered.CountBefore(key);

    /// <summary>Returns the entries from a key on, in order.</summary>
    /// <param name="from">The first key; if the snapshot does not have it, the range begins with the next key.</param>
    public Range From(ReadOnlySpan<byte> from) => new(_ordered.From(from));

    /// <summary>Returns the entries from one key on and before another, in order.</summary>
    /// <param name="from">The first key; if the snapshot does not have it, the range begins with the next key.</param>
    /// <param name="to">The first key after the range. The range is empty unless this key sorts after <paramref name="from"/>.</param>
    public Range Between(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to) => new(_ordered.Between(from, to));

    /// <summary>Enumerates all entries in the order of their keys.</summary>
    public Enumerator GetEnumerator() => new(_ordered.GetEnumerator());

    /// <summary>Frees the memory of the order and releases the files. Idempotent.</summary>
    public void Dispose() => _ordered.Dispose();

    /// <summary>A range of consecutive entries.</summary>
    public readonly struct Range
    {
        private readonly OrderedByteMapSnapshot.Range _entries;

        internal Range(OrderedByteMapSnapshot.Range entries) => _entries = entries;

        /// <summary>The number of entries.</summary>
        public int Count => _entries.Count;

        /// <summary>Enumerates the entries in the order of their keys.</summary>
        public Enumerator GetEnumerator() => new(_entries.GetEnumerator());
    }

    /// <summary>
    /// Enumerates entries in the order of their keys. Not thread-safe. Allocates nothing, but rents a buffer for its largest entry until it
    /// is disposed.
    /// </summary>
    public struct Enumerator : IDisposable
    {
        private OrderedByteMapSnapshot.Enumerator _entries;

        internal Enumerator(OrderedByteMapSnapshot.Enumerator entries) => _entries = entries;

        /// <summary>The current entry: copies, valid until the next call.</summary>
        public readonly VersionedByteMapEntry Current => new(_entries.Current);

        /// <summary>Advances to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="Core.EstreamCorruptionException">The next entry is damaged. The next call skips it.</exception>
        /// <exception cref="ObjectDisposedException">The order or the map was disposed.</exception>
        public bool MoveNext() => _entries.MoveNext();

        /// <summary>Returns the buffer.</summary>
        public void Dispose() => _entries.Dispose();
    }
}
