using System.Collections;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>
/// A map as it was at one moment; see <see cref="StateMap{TKey, TValue}.CreateSnapshot"/>. It never changes, even after the map is closed,
/// and does not outlive its process.
/// </summary>
/// <typeparam name="TKey">As in the map.</typeparam>
/// <typeparam name="TValue">As in the map.</typeparam>
/// <remarks>
/// <para>Thread-safety: any thread may read at any time. <see cref="Dispose"/> must not run while another thread uses this object.</para>
/// <para>The snapshot retains a table, which uses memory or the disk space of a deleted file. After <see cref="Dispose"/> the table is
/// freed when the map is closed, or when the garbage collector finds that no thread reads it.</para>
/// </remarks>
public sealed class MapSnapshot<TKey, TValue> : IEnumerable<KeyValuePair<TKey, TValue>>, IDisposable
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly long[] _words = new long[StateMap.UserWordCount];
    private TablePin<TKey, TValue> _pin;

    internal MapSnapshot(Table<TKey, TValue> table, MapMeta meta, string? directory, long takenAt)
    {
        Directory = directory;
        TakenAt = takenAt;
        Count = table.EntriesOfUnit(0, 1);
        for (int index = 0; index < _words.Length; index++)
        {
            _words[index] = meta.ReadUserWord(index);
        }

        _pin = new TablePin<TKey, TValue>(table);
    }

    /// <summary>A borrowed snapshot, whose table belongs to this object alone.</summary>
    internal MapSnapshot(Table<TKey, TValue> leased, string? directory)
    {
        Directory = directory;
        TakenAt = leased.SnapshotTime;
        Count = leased.EntriesOfUnit(0, 1);
        for (int index = 0; index < _words.Length; index++)
        {
            _words[index] = leased.SnapshotUserWord(index);
        }

        // The table has no other owner: the last release frees it.
        _pin = new TablePin<TKey, TValue>(leased);
        leased.Dispose();
    }

    /// <summary>The directory of the map, or <see langword="null"/> for a map in memory.</summary>
    public string? Directory { get; }

    /// <summary>The number of entries.</summary>
    public long Count { get; }

    /// <summary>
    /// The time of the snapshot in nanoseconds since 1970 UTC. A snapshot of a map with expiry lacks the entries that had expired by
    /// then.
    /// </summary>
    internal long TakenAt { get; }

    /// <summary>The lease to other processes, or <see langword="null"/>. It ends with the snapshot.</summary>
    internal SnapshotLease<TKey, TValue>? Lease { get; set; }

    internal Table<TKey, TValue> Table => _pin.Table;

    /// <summary>Looks a key up. Costs as much as in the map.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value, or the default.</param>
    /// <returns>Whether the snapshot has the key.</returns>
    public bool TryGet(in TKey key, out TValue value) => Table.TryGet(in key, out value);

    /// <summary>Whether the snapshot has a key.</summary>
    public bool ContainsKey(in TKey key) => TryGet(in key, out _);

    /// <summary>
    /// Returns a word of user metadata. The snapshot has everything that was written before the word was set. If the word is the queue
    /// position up to which the map was folded, a copy of the map can be built from the snapshot and the later messages of the queue.
    /// </summary>
    /// <param name="index">0 up to <see cref="StateMap.UserWordCount"/> - 1.</param>
    public long UserWord(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)StateMap.UserWordCount, nameof(index));
        _ = Table;
        return _words[index];
    }

    /// <summary>Enumerates all entries in no particular order. Allocates nothing.</summary>
    public Enumerator GetEnumerator() => new(this);

    IEnumerator<KeyValuePair<TKey, TValue>> IEnumerable<KeyValuePair<TKey, TValue>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Orders the entries by key. The result is independent of this object.</summary>
    /// <param name="comparer">
    /// Compares two keys. Default: the order of the key type; numbers by size, <see cref="Utf8Key64"/> byte by byte.
    /// </param>
    /// <remarks>
    /// Copies every key and eight bytes more outside the garbage-collected heap, and sorts them: for numbers about 0.1 µs an entry, with 1
    /// million entries and with 16 million.
    /// </remarks>
    /// <exception cref="ArgumentException">The key type has no order, and there is no comparer.</exception>
    /// <exception cref="NotSupportedException">There are more than 2^31 entries.</exception>
    /// <exception cref="InvalidOperationException">The comparer threw.</exception>
    /// <exception cref="InsufficientMemoryException">The system has no address space for the ordered copy of the keys.</exception>
    public OrderedSnapshot<TKey, TValue> OrderByKey(IComparer<TKey>? comparer = null) =>
        OrderedSnapshot<TKey, TValue>.Of(this, Count, default(EveryEntry<TValue>), comparer);

    /// <summary>Releases the table. Idempotent.</summary>
    public void Dispose()
    {
        Lease?.End();
        _pin.Release();
    }

    /// <summary>Enumerates the entries of a snapshot. A value type that allocates nothing; not thread-safe.</summary>
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

        /// <summary>The current entry.</summary>
        public readonly KeyValuePair<TKey, TValue> Current => _current;

        /// <summary>The slot number of the current entry, for <see cref="Table{TKey, TValue}.EntryAt"/>.</summary>
        internal readonly long Place => Table<TKey, TValue>.PlaceOf(_bucket, _slot);

        readonly object IEnumerator.Current => _current;

        /// <summary>Advances to the next entry.</summary>
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

        /// <summary>Does nothing.</summary>
        public readonly void Dispose()
        {
        }
    }
}
