using System.Collections;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>The entries of a <see cref="VersionedMapSnapshot{TKey, TValue}"/> in the order of their keys; see
/// <see cref="VersionedMapSnapshot{TKey, TValue}.OrderByKey"/>.</summary>
/// <typeparam name="TKey">As in the map.</typeparam>
/// <typeparam name="TValue">As in the map.</typeparam>
/// <remarks>
/// Thread-safety: any thread may read at any time, if the comparer allows it. <see cref="Dispose"/> frees the memory of the order at once,
/// so it must not run while another thread uses this object.
/// </remarks>
public sealed class OrderedVersionedSnapshot<TKey, TValue> : IEnumerable<VersionedEntry<TKey, TValue>>, IDisposable
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly OrderedSnapshot<TKey, VersionedValue<TValue>> _ordered;

    internal OrderedVersionedSnapshot(OrderedSnapshot<TKey, VersionedValue<TValue>> ordered) => _ordered = ordered;

    /// <summary>The number of entries.</summary>
    public int Count => _ordered.Count;

    /// <summary>The n-th entry, from 0. Reads the order once and the table once.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer entries.</exception>
    public VersionedEntry<TKey, TValue> this[int index]
    {
        get
        {
            (TKey key, VersionedValue<TValue> versioned) = _ordered[index];
            return versioned.EntryOf(key);
        }
    }

    /// <summary>Returns the number of keys that sort before a key, which is its index. Costs a binary search.</summary>
    /// <param name="key">The key; the snapshot need not have it.</param>
    /// <returns>0 up to <see cref="Count"/>.</returns>
    public int CountBefore(in TKey key) => _ordered.CountBefore(in key);

    /// <summary>Returns the entries from a key on, in order.</summary>
    /// <param name="from">The first key; if the snapshot does not have it, the range begins with the next key.</param>
    public Range From(in TKey from) => new(_ordered.From(in from));

    /// <summary>Returns the entries from one key on and before another, in order.</summary>
    /// <param name="from">The first key; if the snapshot does not have it, the range begins with the next key.</param>
    /// <param name="to">The first key after the range. The range is empty unless this key sorts after <paramref name="from"/>.</param>
    public Range Between(in TKey from, in TKey to) => new(_ordered.Between(in from, in to));

    /// <summary>Enumerates all entries in the order of their keys. Allocates nothing.</summary>
    public Enumerator GetEnumerator() => new(_ordered.GetEnumerator());

    IEnumerator<VersionedEntry<TKey, TValue>> IEnumerable<VersionedEntry<TKey, TValue>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Frees the memory of the order and releases the table. Idempotent.</summary>
    public void Dispose() => _ordered.Dispose();

    /// <summary>A range of consecutive entries.</summary>
    public readonly struct Range : IEnumerable<VersionedEntry<TKey, TValue>>
    {
        private readonly OrderedSnapshot<TKey, VersionedValue<TValue>>.Range _entries;

        internal Range(OrderedSnapshot<TKey, VersionedValue<TValue>>.Range entries) => _entries = entries;

        /// <summary>The number of entries.</summary>
        public int Count => _entries.Count;

        /// <summary>Enumerates the entries in the order of their keys. Allocates nothing.</summary>
        public Enumerator GetEnumerator() => new(_entries.GetEnumerator());

        IEnumerator<VersionedEntry<TKey, TValue>> IEnumerable<VersionedEntry<TKey, TValue>>.GetEnumerator() => GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    /// <summary>Enumerates entries in the order of their keys. A value type that allocates nothing; not thread-safe.</summary>
    public struct Enumerator : IEnumerator<VersionedEntry<TKey, TValue>>
    {
        private OrderedSnapshot<TKey, VersionedValue<TValue>>.Enumerator _entries;

        internal Enumerator(OrderedSnapshot<TKey, VersionedValue<TValue>>.Enumerator entries) => _entries = entries;

        /// <summary>The current entry.</summary>
        public readonly VersionedEntry<TKey, TValue> Current => _entries.Current.Value.EntryOf(_entries.Current.Key);

        readonly object IEnumerator.Current => Current;

        /// <summary>Advances to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="ObjectDisposedException">The order was disposed.</exception>
        public bool MoveNext() => _entries.MoveNext();

        /// <summary>Starts over.</summary>
        public void Reset() => _entries.Reset();

        /// <summary>Does nothing.</summary>
        public readonly void Dispose()
        {
        }
    }
}
