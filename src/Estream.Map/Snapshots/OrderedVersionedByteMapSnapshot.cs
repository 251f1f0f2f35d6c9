namespace Estream.Map;

/// <summary>The entries of a <see cref="VersionedByteMapSnapshot"/> in the order of their keys, byte by byte; see
/// <see cref="VersionedByteMapSnapshot.OrderByKey"/>.</summary>
/// <remarks>Thread-safety: any thread may read at any time. <see cref="Dispose"/>, and that of the map, must not run while another thread
/// uses this object.</remarks>
public sealed class OrderedVersionedByteMapSnapshot : IDisposable
{
    private readonly OrderedByteMapSnapshot _ordered;

    internal OrderedVersionedByteMapSnapshot(OrderedByteMapSnapshot ordered) => _ordered = ordered;

    /// <summary>The number of entries.</summary>
    public int Count => _ordered.Count;

    /// <summary>The number of keys that come before one, which is where it is, or would be. Costs a binary search.</summary>
    /// <param name="key">Need not be there.</param>
    /// <returns>0 up to <see cref="Count"/>.</returns>
    public int CountBefore(ReadOnlySpan<byte> key) => _ordered.CountBefore(key);

    /// <summary>The entries from a key on, in order.</summary>
    /// <param name="from">The first key, if it is there; otherwise the range begins with the next one.</param>
    public Range From(ReadOnlySpan<byte> from) => new(_ordered.From(from));

    /// <summary>The entries from a key on and before another, in order.</summary>
    /// <param name="from">The first key, if it is there; otherwise the range begins with the next one.</param>
    /// <param name="to">The first key that is not in the range any more. None is, if it does not come behind
    /// <paramref name="from"/>.</param>
    public Range Between(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to) => new(_ordered.Between(from, to));

    /// <summary>Goes through all entries in the order of their keys.</summary>
    public Enumerator GetEnumerator() => new(_ordered.GetEnumerator());

    /// <summary>Gives the memory of the order back and lets go of the files. Idempotent.</summary>
    public void Dispose() => _ordered.Dispose();

    /// <summary>Some of the entries, one behind the other.</summary>
    public readonly struct Range
    {
        private readonly OrderedByteMapSnapshot.Range _entries;

        internal Range(OrderedByteMapSnapshot.Range entries) => _entries = entries;

        /// <summary>The number of entries.</summary>
        public int Count => _entries.Count;

        /// <summary>Goes through the entries in the order of their keys.</summary>
        public Enumerator GetEnumerator() => new(_entries.GetEnumerator());
    }

    /// <summary>
    /// Goes through entries in the order of their keys. Not thread-safe itself. Allocates nothing but a buffer it borrows, as large as the
    /// largest entry it met, until it is disposed.
    /// </summary>
    public struct Enumerator : IDisposable
    {
        private OrderedByteMapSnapshot.Enumerator _entries;

        internal Enumerator(OrderedByteMapSnapshot.Enumerator entries) => _entries = entries;

        /// <summary>The entry the last <see cref="MoveNext"/> found: copies, valid until the next one.</summary>
        public readonly VersionedByteMapEntry Current => new(_entries.Current);

        /// <summary>Goes on to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="Core.EstreamCorruptionException">The next entry is damaged. Another call goes on behind it.</exception>
        /// <exception cref="ObjectDisposedException">The order or the map was disposed.</exception>
        public bool MoveNext() => _entries.MoveNext();

        /// <summary>Gives the buffer back.</summary>
        public void Dispose() => _entries.Dispose();
    }
}
