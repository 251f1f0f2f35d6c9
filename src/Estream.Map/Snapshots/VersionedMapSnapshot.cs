using System.Collections;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>
/// A <see cref="VersionedMap{TKey, TValue}"/> as it was at one moment; see <see cref="VersionedMap{TKey, TValue}.CreateSnapshot"/>. What
/// had ended by then is not in it, and what ends later stays in it.
/// </summary>
/// <typeparam name="TKey">As in the map.</typeparam>
/// <typeparam name="TValue">As in the map.</typeparam>
/// <remarks>
/// <para>Thread-safety: any thread may read at any time. <see cref="Dispose"/> must not run while another thread uses this object.</para>
/// <para>It holds a table, like <see cref="MapSnapshot{TKey, TValue}"/>, and stays as it is whatever becomes of the map, also when the map
/// is closed.</para>
/// </remarks>
public sealed class VersionedMapSnapshot<TKey, TValue> : IEnumerable<VersionedEntry<TKey, TValue>>, IDisposable
    where TKey : unmanaged
    where TValue : unmanaged
{
    private const long NotCounted = -1;

    private readonly MapSnapshot<TKey, Stamped<TValue>> _snapshot;
    private long _count;

    internal VersionedMapSnapshot(MapSnapshot<TKey, Stamped<TValue>> snapshot, bool hasExpiring)
    {
        _snapshot = snapshot;
        _count = hasExpiring ? NotCounted : snapshot.Count;
    }

    /// <summary>The directory of the map, or <see langword="null"/> for a map in memory.</summary>
    public string? Directory => _snapshot.Directory;

    /// <summary>The number of entries. Where the map ever had one that ends, the first call looks at every entry, some nanoseconds
    /// each.</summary>
    public long Count
    {
        get
        {
            if (Volatile.Read(ref _count) == NotCounted)
            {
                Volatile.Write(ref _count, CountShown());
            }

            return _count;
        }
    }

    /// <summary>Looks a key up. Costs what it costs in the map.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value, or the default.</param>
    /// <returns>Whether the key is there.</returns>
    public bool TryGet(in TKey key, out TValue value) => TryGet(in key, out value, out _);

    /// <summary>Looks a key up, with the version the entry had: by it the map's entry is changed only if nobody has changed it
    /// since.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value, or the default.</param>
    /// <param name="version">Its version, or 0.</param>
    /// <returns>Whether the key is there.</returns>
    public bool TryGet(in TKey key, out TValue value, out long version)
    {
        bool isThere = TryGetEntry(in key, out VersionedEntry<TKey, TValue> entry);
        (value, version) = (entry.Value, entry.Version);
        return isThere;
    }

    /// <summary>Looks a key up, with all that is known of it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="entry">The entry, or the default.</param>
    /// <returns>Whether the key is there.</returns>
    public bool TryGetEntry(in TKey key, out VersionedEntry<TKey, TValue> entry)
    {
        bool isThere = _snapshot.TryGet(in key, out Stamped<TValue> stamped) && !stamped.IsOverAt(_snapshot.TakenAt);
        entry = isThere ? stamped.EntryOf(key) : default;
        return isThere;
    }

    /// <summary>Whether a key is there.</summary>
    public bool ContainsKey(in TKey key) => TryGetEntry(in key, out _);

    /// <summary>The user word as it was; see <see cref="MapSnapshot{TKey, TValue}.UserWord"/>.</summary>
    /// <param name="index">0 up to <see cref="StateMap.UserWordCount"/> - 1.</param>
    public long UserWord(int index) => _snapshot.UserWord(index);

    /// <summary>Goes through all entries in no particular order. Allocates nothing.</summary>
    public Enumerator GetEnumerator() => new(this);

    IEnumerator<VersionedEntry<TKey, TValue>> IEnumerable<VersionedEntry<TKey, TValue>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Puts the entries in the order of their keys; see <see cref="MapSnapshot{TKey, TValue}.OrderByKey"/>. The result is
    /// independent of this object.</summary>
    /// <param name="comparer">Which of two keys comes first. Default: what the type of the keys says itself.</param>
    /// <remarks>Costs what it costs there, and the <see cref="Count"/>.</remarks>
    /// <exception cref="ArgumentException">The keys do not say themselves how they compare, and there is no comparer.</exception>
    /// <exception cref="NotSupportedException">There are more than 2^31 entries.</exception>
    /// <exception cref="InvalidOperationException">The comparer threw.</exception>
    /// <exception cref="InsufficientMemoryException">The system has no address space for it.</exception>
    public OrderedVersionedSnapshot<TKey, TValue> OrderByKey(IComparer<TKey>? comparer = null) =>
        new(OrderedSnapshot<TKey, Stamped<TValue>>.Of(_snapshot, Count, new StampedMoment<TValue>(_snapshot.TakenAt), comparer));

    /// <summary>Lets go of the table. Idempotent.</summary>
    public void Dispose() => _snapshot.Dispose();

    private long CountShown()
    {
        long count = 0;
        for (Enumerator entries = GetEnumerator(); entries.MoveNext(); count++)
        {
        }

        return count;
    }

    /// <summary>Goes through the entries of a snapshot. A value type that allocates nothing; not thread-safe itself.</summary>
    public struct Enumerator : IEnumerator<VersionedEntry<TKey, TValue>>
    {
        private readonly long _takenAt;
        private MapSnapshot<TKey, Stamped<TValue>>.Enumerator _entries;

        internal Enumerator(VersionedMapSnapshot<TKey, TValue> snapshot)
        {
            _takenAt = snapshot._snapshot.TakenAt;
            _entries = snapshot._snapshot.GetEnumerator();
        }

        /// <summary>The entry the last <see cref="MoveNext"/> found.</summary>
        public readonly VersionedEntry<TKey, TValue> Current => _entries.Current.Value.EntryOf(_entries.Current.Key);

        readonly object IEnumerator.Current => Current;

        /// <summary>Goes on to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="ObjectDisposedException">The snapshot was disposed.</exception>
        public bool MoveNext()
        {
            bool isThere;
            do
            {
                isThere = _entries.MoveNext();
            }
            while (isThere && _entries.Current.Value.IsOverAt(_takenAt));

            return isThere;
        }

        /// <summary>Starts over.</summary>
        public void Reset() => _entries.Reset();

        /// <summary>Does nothing: there is nothing to give back.</summary>
        public readonly void Dispose()
        {
        }
    }
}
