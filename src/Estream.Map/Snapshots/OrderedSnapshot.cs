using System.Collections;
using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>The entries of a <see cref="MapSnapshot{TKey, TValue}"/> in the order of their keys; see
/// <see cref="MapSnapshot{TKey, TValue}.OrderByKey"/>.</summary>
/// <typeparam name="TKey">As in the map.</typeparam>
/// <typeparam name="TValue">As in the map.</typeparam>
/// <remarks>
/// Thread-safety: any thread may read at any time, if the comparer allows it. <see cref="Dispose"/> frees the memory of the order at once,
/// so it must not run while another thread uses this object.
/// </remarks>
public sealed class OrderedSnapshot<TKey, TValue> : IEnumerable<KeyValuePair<TKey, TValue>>, IDisposable
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly IComparer<TKey> _comparer;
    private readonly NativeRegion _region;
    private readonly RegionArray<TKey> _keys;
    private readonly RegionArray<long> _places;
    private TablePin<TKey, TValue> _pin;

    private OrderedSnapshot(Table<TKey, TValue> table, int count, IComparer<TKey> comparer)
    {
        _comparer = comparer;
        long placesBytes = (long)count * sizeof(long);
        _region = NativeRegion.Allocate(Math.Max(1, placesBytes + ((long)count * RawValue.SizeOf<TKey>())));
        _places = _region.All.AsArray<long>(0, count);
        _keys = _region.All.AsArray<TKey>(placesBytes, count);
        Count = count;
        _pin = new TablePin<TKey, TValue>(table);
    }

    /// <summary>The number of entries.</summary>
    public int Count { get; }

    private Table<TKey, TValue> Table => _pin.Table;

    /// <summary>The n-th entry, from 0. Reads the order once and the table once.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer entries.</exception>
    public KeyValuePair<TKey, TValue> this[int index]
    {
        get
        {
            Table<TKey, TValue> table = Table;
            KeyValuePair<TKey, TValue> entry = table.EntryAt(_places.Read(index));
            GC.KeepAlive(this);
            return entry;
        }
    }

    /// <summary>Returns the number of keys that sort before a key, which is its index. Costs a binary search.</summary>
    /// <param name="key">The key; the snapshot need not have it.</param>
    /// <returns>0 up to <see cref="Count"/>.</returns>
    public int CountBefore(in TKey key)
    {
        _ = Table;
        int before = KeyOrder.CountBefore(Count, new Probe(_keys, _comparer, key));
        GC.KeepAlive(this);
        return before;
    }

    /// <summary>Returns the entries from a key on, in order.</summary>
    /// <param name="from">The first key; if the snapshot does not have it, the range begins with the next key.</param>
    public Range From(in TKey from) => new(this, CountBefore(in from), Count);

    /// <summary>Returns the entries from one key on and before another, in order.</summary>
    /// <param name="from">The first key; if the snapshot does not have it, the range begins with the next key.</param>
    /// <param name="to">The first key after the range. The range is empty unless this key sorts after <paramref name="from"/>.</param>
    public Range Between(in TKey from, in TKey to)
    {
        int first = CountBefore(in from);
        return new Range(this, first, Math.Max(first, CountBefore(in to)));
    }

    /// <summary>Enumerates all entries in the order of their keys. Allocates nothing.</summary>
    public Enumerator GetEnumerator() => new(this, 0, Count);

    IEnumerator<KeyValuePair<TKey, TValue>> IEnumerable<KeyValuePair<TKey, TValue>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Frees the memory of the order and releases the table. Idempotent.</summary>
    public void Dispose()
    {
        if (_pin.Release())
        {
            _region.Dispose();
        }
    }

    /// <summary>Orders the unexpired entries.</summary>
    /// <param name="snapshot">The snapshot with the entries.</param>
    /// <param name="count">The number of unexpired entries.</param>
    /// <param name="isOver">Tests whether an entry has expired.</param>
    /// <param name="comparer">Compares keys; <see langword="null"/> for the default order of their type.</param>
    internal static OrderedSnapshot<TKey, TValue> Of<TTest>(
        MapSnapshot<TKey, TValue> snapshot, long count, TTest isOver, IComparer<TKey>? comparer)
        where TTest : struct, IEntryTest<TValue>
    {
        bool isComparable = typeof(IComparable<TKey>).IsAssignableFrom(typeof(TKey)) || typeof(IComparable).IsAssignableFrom(typeof(TKey));
        if (comparer is null && !isComparable)
        {
            throw new ArgumentException(
                $"{typeof(TKey)} does not implement IComparable, so its keys have no order. Pass a comparer.", nameof(comparer));
        }

        Table<TKey, TValue> table = snapshot.Table;
        var ordered = new OrderedSnapshot<TKey, TValue>(table, KeyOrder.RequireCount(count), comparer ?? Comparer<TKey>.Default);
        try
        {
            ordered.Fill(snapshot, isOver);
            return ordered;
        }
        catch
        {
            ordered.Dispose();
            throw;
        }
    }

    private void Fill<TTest>(MapSnapshot<TKey, TValue> snapshot, TTest isOver)
        where TTest : struct, IEntryTest<TValue>
    {
        int count = 0;
        MapSnapshot<TKey, TValue>.Enumerator entries = snapshot.GetEnumerator();
        while (entries.MoveNext())
        {
            (TKey key, TValue value) = entries.Current;
            if (!isOver.IsOver(in value))
            {
                _keys[count] = key;
                _places[count++] = entries.Place;
            }
        }

        Span<TKey> keys = _keys.Span(0, count);
        Span<long> places = _places.Span(0, count);
        if (ReferenceEquals(_comparer, Comparer<TKey>.Default))
        {
            // For numbers, this form sorts without a call for each comparison.
            keys.Sort(places);
        }
        else
        {
            keys.Sort(places, _comparer);
        }

        GC.KeepAlive(this);
    }

    private readonly struct Probe(RegionArray<TKey> keys, IComparer<TKey> comparer, TKey wanted) : IOrderProbe
    {
        public bool IsBefore(int index) => comparer.Compare(keys.Read(index), wanted) < 0;
    }

    /// <summary>A range of consecutive entries.</summary>
    public readonly struct Range : IEnumerable<KeyValuePair<TKey, TValue>>
    {
        private readonly OrderedSnapshot<TKey, TValue> _ordered;
        private readonly int _first;
        private readonly int _end;

        internal Range(OrderedSnapshot<TKey, TValue> ordered, int first, int end)
        {
            _ordered = ordered;
            _first = first;
            _end = end;
        }

        /// <summary>The number of entries.</summary>
        public int Count => _end - _first;

        /// <summary>Enumerates the entries in the order of their keys. Allocates nothing.</summary>
        public Enumerator GetEnumerator() => new(_ordered, _first, _end);

        IEnumerator<KeyValuePair<TKey, TValue>> IEnumerable<KeyValuePair<TKey, TValue>>.GetEnumerator() => GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    /// <summary>Enumerates entries in the order of their keys. A value type that allocates nothing; not thread-safe.</summary>
    public struct Enumerator : IEnumerator<KeyValuePair<TKey, TValue>>
    {
        /// <summary>The number of prefetches in flight: consecutive entries of the order are not adjacent in the table.</summary>
        private const int Ahead = 16;

        private readonly OrderedSnapshot<TKey, TValue> _ordered;
        private readonly int _first;
        private readonly int _end;
        private int _next;

        internal Enumerator(OrderedSnapshot<TKey, TValue> ordered, int first, int end)
        {
            _ordered = ordered;
            _first = first;
            _end = end;
            _next = first;
        }

        /// <summary>The current entry.</summary>
        public KeyValuePair<TKey, TValue> Current { get; private set; }

        readonly object IEnumerator.Current => Current;

        /// <summary>Advances to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="ObjectDisposedException">The order was disposed.</exception>
        public bool MoveNext()
        {
            Table<TKey, TValue> table = _ordered.Table;
            if (_next >= _end)
            {
                return false;
            }

            if (_next + Ahead < _end)
            {
                table.PrefetchPlace(_ordered._places.Read(_next + Ahead));
            }

            Current = _ordered[_next++];
            return true;
        }

        /// <summary>Starts over.</summary>
        public void Reset()
        {
            _next = _first;
            Current = default;
        }

        /// <summary>Does nothing.</summary>
        public readonly void Dispose()
        {
        }
    }
}
