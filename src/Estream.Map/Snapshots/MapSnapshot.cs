using System.Collections;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>
/// A map as it was at one moment; see <see cref="StateMap{TKey, TValue}.CreateSnapshot"/>. It stays as it is whatever becomes of the map,
/// also when the map is closed. It is gone with its process.
/// </summary>
/// <typeparam name="TKey">As in the map.</typeparam>
/// <typeparam name="TValue">As in the map.</typeparam>
/// <remarks>
/// <para>Thread-safety: any thread may read at any time. <see cref="Dispose"/> must not run while another thread uses this object.</para>
/// <para>It holds a table: memory, or disk space that no file name shows any more. After <see cref="Dispose"/> the system gets it back when
/// the map is closed, or when the garbage collector has seen that nobody reads it any more.</para>
/// </remarks>
public sealed class MapSnapshot<TKey, TValue> : IEnumerable<KeyValuePair<TKey, TValue>>, IDisposable
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly long[] _words = new long[StateMap.UserWordCount];
    private Table<TKey, TValue>? _table;

    internal MapSnapshot(Table<TKey, TValue> table, MapMeta meta, string? directory, long takenAt)
    {
        Directory = directory;
        TakenAt = takenAt;
        Count = table.EntriesOfUnit(0, 1);
        for (int index = 0; index < _words.Length; index++)
        {
            _words[index] = meta.ReadUserWord(index);
        }

        table.Hold();
        _table = table;
    }

    /// <summary>One that was lent: the table is this object's alone.</summary>
    internal MapSnapshot(Table<TKey, TValue> lent, string? directory)
    {
        Directory = directory;
        TakenAt = lent.LeftAt;
        Count = lent.EntriesOfUnit(0, 1);
        for (int index = 0; index < _words.Length; index++)
        {
            _words[index] = lent.LeftWord(index);
        }

        // It has no other owner: the last to let go takes the memory away.
        lent.Hold();
        lent.Dispose();
        _table = lent;
    }

    /// <summary>The directory of the map, or <see langword="null"/> for a map in memory.</summary>
    public string? Directory { get; }

    /// <summary>The number of entries.</summary>
    public long Count { get; }

    /// <summary>The moment, while nobody was writing, in nanoseconds since 1970 UTC: what had ended by then is not part of an image that
    /// knows ends.</summary>
    internal long TakenAt { get; }

    /// <summary>That it is lent to others, which ends with it.</summary>
    internal Loan<TKey, TValue>? Loan { get; set; }

    internal Table<TKey, TValue> Table
    {
        get
        {
            if (_table is not { } table)
            {
                ThrowHelper.SnapshotDisposed();
                return null;
            }

            return table;
        }
    }

    /// <summary>Looks a key up. Costs what it costs in the map.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value, or the default.</param>
    /// <returns>Whether the key is there.</returns>
    public bool TryGet(in TKey key, out TValue value) => Table.TryGet(in key, out value);

    /// <summary>Whether a key is there.</summary>
    public bool ContainsKey(in TKey key) => TryGet(in key, out _);

    /// <summary>
    /// The user word as it was. Everything that was written before the word was set is in the snapshot: with the position up to which the
    /// map was folded, a copy of the map can be made from the snapshot and what follows in the queue.
    /// </summary>
    /// <param name="index">0 up to <see cref="StateMap.UserWordCount"/> - 1.</param>
    public long UserWord(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)StateMap.UserWordCount, nameof(index));
        _ = Table;
        return _words[index];
    }

    /// <summary>Goes through all entries in no particular order. Allocates nothing.</summary>
    public Enumerator GetEnumerator() => new(this);

    IEnumerator<KeyValuePair<TKey, TValue>> IEnumerable<KeyValuePair<TKey, TValue>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Puts the entries in the order of their keys. The result is independent of this object.</summary>
    /// <param name="comparer">
    /// Which of two keys comes first. Default: what the type of the keys says itself; numbers by size, <see cref="Utf8Key64"/> byte by
    /// byte.
    /// </param>
    /// <remarks>
    /// Costs a copy of every key with eight bytes, outside the garbage-collected heap, and the sorting of those: for numbers about a tenth
    /// of a microsecond an entry, with one million of them or sixteen.
    /// </remarks>
    /// <exception cref="ArgumentException">The keys do not say themselves how they compare, and there is no comparer.</exception>
    /// <exception cref="NotSupportedException">There are more than 2^31 entries.</exception>
    /// <exception cref="InvalidOperationException">The comparer threw.</exception>
    /// <exception cref="InsufficientMemoryException">The system has no address space for it.</exception>
    public OrderedSnapshot<TKey, TValue> OrderByKey(IComparer<TKey>? comparer = null) => OrderedSnapshot<TKey, TValue>.Of(this, Count, default(EveryEntry<TValue>), comparer);

    /// <summary>Lets go of the table. Idempotent.</summary>
    public void Dispose()
    {
        Loan?.End();
        Interlocked.Exchange(ref _table, null)?.LetGo();
    }

    /// <summary>Goes through the entries of a snapshot. A value type that allocates nothing; not thread-safe itself.</summary>
    public struct Enumerator : IEnumerator<KeyValuePair<TKey, TValue>>
    {
        private readonly MapSnapshot<TKey, TValue> _snapshot;
        private readonly long _buckets;
        private long _bucket;
        private int _slot;
        private KeyValuePair<TKey, TValue> _current;

        internal Enumerator(MapSnapshot<TKey, TValue> snapshot)
        {
            _snapshot = snapshot;
            _buckets = snapshot.Table.Plan.BucketCount;
            Reset();
        }

        /// <summary>The entry the last <see cref="MoveNext"/> found.</summary>
        public readonly KeyValuePair<TKey, TValue> Current => _current;

        /// <summary>Where the current entry lies, for <see cref="Table{TKey, TValue}.EntryAt"/>.</summary>
        internal readonly long Place => Table<TKey, TValue>.PlaceOf(_bucket, _slot);

        readonly object IEnumerator.Current => _current;

        /// <summary>Goes on to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="ObjectDisposedException">The snapshot was disposed.</exception>
        public bool MoveNext()
        {
            Table<TKey, TValue> table = _snapshot.Table;
            while (_bucket < _buckets)
            {
                if (++_slot == SlotLayout<TKey, TValue>.SlotsPerBucket)
                {
                    _slot = -1;
                    _bucket++;
                }
                else if (table.TryReadSlot(_bucket, _slot, out TKey key, out TValue value))
                {
                    _current = new KeyValuePair<TKey, TValue>(key, value);
                    return true;
                }
            }

            return false;
        }

        /// <summary>Starts over.</summary>
        public void Reset()
        {
            _bucket = 0;
            _slot = -1;
            _current = default;
        }

        /// <summary>Does nothing: there is nothing to give back.</summary>
        public readonly void Dispose()
        {
        }
    }
}
