using System.Collections;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>
/// A <see cref="VersionedMap{TKey, TValue}"/> as it was at one moment; see <see cref="VersionedMap{TKey, TValue}.CreateSnapshot"/>. It has
/// no entry that had expired by then, and keeps entries that expire later.
/// </summary>
/// <typeparam name="TKey">As in the map.</typeparam>
/// <typeparam name="TValue">As in the map.</typeparam>
/// <remarks>
/// <para>Thread-safety: any thread may read at any time. <see cref="Dispose"/> must not run while another thread uses this object.</para>
/// <para>It holds a table, like <see cref="MapSnapshot{TKey, TValue}"/>, and never changes, even after the map is closed.</para>
/// </remarks>
public sealed class VersionedMapSnapshot<TKey, TValue> : IEnumerable<VersionedEntry<TKey, TValue>>, IDisposable
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly MapSnapshot<TKey, VersionedValue<TValue>> _snapshot;
    private UnexpiredCount _count;

    internal VersionedMapSnapshot(MapSnapshot<TKey, VersionedValue<TValue>> snapshot, bool hasExpiring)
    {
        _snapshot = snapshot;
        _count = new UnexpiredCount(snapshot.Count, isKnown: !hasExpiring);
    }

    /// <summary>The directory of the map, or <see langword="null"/> for a map in memory.</summary>
    public string? Directory => _snapshot.Directory;

    /// <summary>The number of entries. If the map ever had an entry with an expiry, the first call reads every entry, some nanoseconds
    /// each.</summary>
    public long Count => _count.TryGet(out long known) ? known : _count.Set(CountUnexpired());

    /// <summary>Looks a key up. Costs as much as in the map.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value, or the default.</param>
    /// <returns>Whether the snapshot has the key.</returns>
    public bool TryGet(in TKey key, out TValue value) => TryGet(in key, out value, out _);

    /// <summary>Looks a key up, with the version of the entry, for a conditional change in the map.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value, or the default.</param>
    /// <param name="version">Its version, or 0.</param>
    /// <returns>Whether the snapshot has the key.</returns>
    public bool TryGet(in TKey key, out TValue value, out long version)
    {
        bool isThere = TryGetEntry(in key, out VersionedEntry<TKey, TValue> entry);
        (value, version) = (entry.Value, entry.Version);
        return isThere;
    }

    /// <summary>Looks a key up, with version and expiry.</summary>
    /// <param name="key">The key.</param>
    /// <param name="entry">The entry, or the default.</param>
    /// <returns>Whether the snapshot has the key.</returns>
    public bool TryGetEntry(in TKey key, out VersionedEntry<TKey, TValue> entry)
    {
        bool isThere = _snapshot.TryGet(in key, out VersionedValue<TValue> versioned) && !versioned.IsOverAt(_snapshot.TakenAt);
        entry = isThere ? versioned.EntryOf(key) : default;
        return isThere;
    }

    /// <summary>Whether the snapshot has a key.</summary>
    public bool ContainsKey(in TKey key) => TryGetEntry(in key, out _);

    /// <summary>Returns a word of user metadata; see <see cref="MapSnapshot{TKey, TValue}.UserWord"/>.</summary>
    /// <param name="index">0 up to <see cref="StateMap.UserWordCount"/> - 1.</param>
    public long UserWord(int index) => _snapshot.UserWord(index);

    /// <summary>Enumerates all entries in no particular order. Allocates nothing.</summary>
    public Enumerator GetEnumerator() => new(this);

    IEnumerator<VersionedEntry<TKey, TValue>> IEnumerable<VersionedEntry<TKey, TValue>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Orders the entries by key; see <see cref="MapSnapshot{TKey, TValue}.OrderByKey"/>. The result is
    /// independent of this object.</summary>
    /// <param name="comparer">Compares two keys. Default: the order of the key type.</param>
    /// <remarks>Costs as much as that method, plus the cost of <see cref="Count"/>.</remarks>
    /// <exception cref="ArgumentException">The key type has no order, and there is no comparer.</exception>
    /// <exception cref="NotSupportedException">There are more than 2^31 entries.</exception>
    /// <exception cref="InvalidOperationException">The comparer threw.</exception>
    /// <exception cref="InsufficientMemoryException">The system has no address space for the ordered copy of the keys.</exception>
    public OrderedVersionedSnapshot<TKey, TValue> OrderByKey(IComparer<TKey>? comparer = null) =>
        new(OrderedSnapshot<TKey, VersionedValue<TValue>>.Of(_snapshot, Count, new ExpiredAt<TValue>(_snapshot.TakenAt), comparer));

    /// <summary>Releases the table. Idempotent.</summary>
    public void Dispose() => _snapshot.Dispose();

    private long CountUnexpired()
    {
        long count = 0;
        for (Enumerator entries = GetEnumerator(); entries.MoveNext(); count++)
        {
        }

        return count;
    }

    /// <summary>Enumerates the entries of a snapshot. A value type that allocates nothing; not thread-safe.</summary>
    public struct Enumerator : IEnumerator<VersionedEntry<TKey, TValue>>
    {
        private readonly long _takenAt;
        private MapSnapshot<TKey, VersionedValue<TValue>>.Enumerator _entries;

        internal Enumerator(VersionedMapSnapshot<TKey, TValue> snapshot)
        {
            _takenAt = snapshot._snapshot.TakenAt;
            _entries = snapshot._snapshot.GetEnumerator();
        }

        /// <summary>The current entry.</summary>
        public readonly VersionedEntry<TKey, TValue> Current => _entries.Current.Value.EntryOf(_entries.Current.Key);

        readonly object IEnumerator.Current => Current;

        /// <summary>Advances to the next entry.</summary>
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

        /// <summary>Does nothing.</summary>
        public readonly void Dispose()
        {
        }
    }
}
