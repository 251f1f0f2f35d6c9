using System.Collections;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>The entries of a <see cref="VersionedMapSnapshot{TKey, TValue}"/> in the order of their keys; see
/// <see cref="VersionedMapSnapshot{TKey, TValue}.OrderByKey"/>.</summary>
/// <typeparam name="TKey">As in the map.</typeparam>
/// <typeparam name="TValue">As in the map.</typeparam>
/// <remarks>
/// Thread-safety: any thread may read at any time, if the comparer allows it. <see cref="Dispose"/>, which gives the memory of the order
/// back at once, must not run while another thread uses this object.
/// </remarks>
public sealed class OrderedVersionedSnapshot<TKey, TValue> : IEnumerable<VersionedEntry<TKey, TValue>>, IDisposable
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly OrderedSnapshot<TKey, Stamped<TValue>> _ordered;

    internal OrderedVersionedSnapshot(OrderedSnapshot<TKey, Stamped<TValue>> ordered) => _ordered = ordered;

    /// <summary>The number of entries.</summary>
    public int Count => _ordered.Count;

    /// <summary>The n-th entry, from 0. One look at the order, and one at the table.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many.</exception>
    public VersionedEntry<TKey, TValue> this[int index]
    {
        get
        {
            (TKey key, Stamped<TValue> stamped) = _ordered[index];
            return stamped.EntryOf(key);
        }
    }

    /// <summary>The number of keys that come before one, which is where it is, or would be. Costs a binary search.</summary>
    /// <param name="key">Need not be there.</param>
    /// <returns>0 up to <see cref="Count"/>.</returns>
    public int CountBefore(in TKey key) => _ordered.CountBefore(in key);

    /// <summary>The entries from a key on, in order.</summary>
    /// <param name="from">The first key, if it is there; otherwise the range begins with the next one.</param>
    public Range From(in TKey from) => new(_ordered.From(in from));

    /// <summary>The entries from a key on and before another, in order.</summary>
    /// <param name="from">The first key, if it is there; otherwise the range begins with the next one.</param>
    /// <param name="to">The first key that is not in the range any more. None is, if it does not come behind
    /// <paramref name="from"/>.</param>
    public Range Between(in TKey from, in TKey to) => new(_ordered.Between(in from, in to));

    /// <summary>Goes through all entries in the order of their keys. Allocates nothing.</summary>
    public Enumerator GetEnumerator() => new(_ordered.GetEnumerator());

    IEnumerator<VersionedEntry<TKey, TValue>> IEnumerable<VersionedEntry<TKey, TValue>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Gives the memory of the order back and lets go of the table. Idempotent.</summary>
    public void Dispose() => _ordered.Dispose();

    /// <summary>Some of the entries, one behind the other.</summary>
    public readonly struct Range : IEnumerable<VersionedEntry<TKey, TValue>>
    {
        private readonly OrderedSnapshot<TKey, Stamped<TValue>>.Range _entries;

        internal Range(OrderedSnapshot<TKey, Stamped<TValue>>.Range entries) => _entries = entries;

        /// <summary>The number of entries.</summary>
        public int Count => _entries.Count;

        /// <summary>Goes through the entries in the order of their keys. Allocates nothing.</summary>
        public Enumerator GetEnumerator() => new(_entries.GetEnumerator());

        IEnumerator<VersionedEntry<TKey, TValue>> IEnumerable<VersionedEntry<TKey, TValue>>.GetEnumerator() => GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    /// <summary>Goes through entries in the order of their keys. A value type that allocates nothing; not thread-safe itself.</summary>
    public struct Enumerator : IEnumerator<VersionedEntry<TKey, TValue>>
    {
        private OrderedSnapshot<TKey, Stamped<TValue>>.Enumerator _entries;

        internal Enumerator(OrderedSnapshot<TKey, Stamped<TValue>>.Enumerator entries) => _entries = entries;

        /// <summary>The entry the last <see cref="MoveNext"/> found.</summary>
        public readonly VersionedEntry<TKey, TValue> Current => _entries.Current.Value.EntryOf(_entries.Current.Key);

        readonly object IEnumerator.Current => Current;

        /// <summary>Goes on to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="ObjectDisposedException">The order was disposed.</exception>
        public bool MoveNext() => _entries.MoveNext();

        /// <summary>Starts over.</summary>
        public void Reset() => _entries.Reset();

        /// <summary>Does nothing: there is nothing to give back.</summary>
        public readonly void Dispose()
        {
        }
    }
}
