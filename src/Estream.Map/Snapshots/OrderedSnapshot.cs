using System.Collections;
using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>The entries of a <see cref="MapSnapshot{TKey, TValue}"/> in the order of their keys; see
/// <see cref="MapSnapshot{TKey, TValue}.OrderByKey"/>.</summary>
/// <typeparam name="TKey">As in the map.</typeparam>
/// <typeparam name="TValue">As in the map.</typeparam>
/// <remarks>
/// Thread-safety: any thread may read at any time, if the comparer allows it. <see cref="Dispose"/>, which gives the memory of the order
/// back at once, must not run while another thread uses this object.
/// </remarks>
public sealed class OrderedSnapshot<TKey, TValue> : IEnumerable<KeyValuePair<TKey, TValue>>, IDisposable
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly IComparer<TKey> _comparer;
    private readonly NativeRegion _region;
    private readonly RegionArray<TKey> _keys;
    private readonly RegionArray<long> _places;
    private Table<TKey, TValue>? _table;

    private OrderedSnapshot(Table<TKey, TValue> table, int count, IComparer<TKey> comparer)
    {
        _comparer = comparer;
        long placesBytes = (long)count * sizeof(long);
        _region = NativeRegion.Allocate(Math.Max(1, placesBytes + ((long)count * RawValue.SizeOf<TKey>())));
        _places = _region.All.AsArray<long>(0, count);
        _keys = _region.All.AsArray<TKey>(placesBytes, count);
        Count = count;
        table.Hold();
        _table = table;
    }

    /// <summary>The number of entries.</summary>
    public int Count { get; }

    private Table<TKey, TValue> Table
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

    /// <summary>The n-th entry, from 0. One look at the order, and one at the table.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many.</exception>
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

    /// <summary>The number of keys that come before one, which is where it is, or would be. Costs a binary search.</summary>
    /// <param name="key">Need not be there.</param>
    /// <returns>0 up to <see cref="Count"/>.</returns>
    public int CountBefore(in TKey key)
    {
        _ = Table;
        int first = 0;
        int end = Count;
        while (first < end)
        {
            int middle = first + ((end - first) / 2);
            if (_comparer.Compare(_keys.Read(middle), key) < 0)
            {
                first = middle + 1;
            }
            else
            {
                end = middle;
            }
        }

        GC.KeepAlive(this);
        return first;
    }

    /// <summary>The entries from a key on, in order.</summary>
    /// <param name="from">The first key, if it is there; otherwise the range begins with the next one.</param>
    public Range From(in TKey from) => new(this, CountBefore(in from), Count);

    /// <summary>The entries from a key on and before another, in order.</summary>
    /// <param name="from">The first key, if it is there; otherwise the range begins with the next one.</param>
    /// <param name="to">The first key that is not in the range any more. None is, if it does not come behind
    /// <paramref name="from"/>.</param>
    public Range Between(in TKey from, in TKey to)
    {
        int first = CountBefore(in from);
        return new Range(this, first, Math.Max(first, CountBefore(in to)));
    }

    /// <summary>Goes through all entries in the order of their keys. Allocates nothing.</summary>
    public Enumerator GetEnumerator() => new(this, 0, Count);

    IEnumerator<KeyValuePair<TKey, TValue>> IEnumerable<KeyValuePair<TKey, TValue>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Gives the memory of the order back and lets go of the table. Idempotent.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _table, null) is { } table)
        {
            table.LetGo();
            _region.Dispose();
        }
    }

    /// <summary>Puts those entries in order that are not over, of which there are so many.</summary>
    internal static OrderedSnapshot<TKey, TValue> Of<TTest>(MapSnapshot<TKey, TValue> snapshot, long count, TTest isOver, IComparer<TKey>? comparer)
        where TTest : struct, IEntryTest<TValue>
    {
        bool isComparable = typeof(IComparable<TKey>).IsAssignableFrom(typeof(TKey)) || typeof(IComparable).IsAssignableFrom(typeof(TKey));
        if (comparer is null && !isComparable)
        {
            throw new ArgumentException($"{typeof(TKey)} does not say which of two comes first: it is no IComparable. Give a comparer.", nameof(comparer));
        }

        Table<TKey, TValue> table = snapshot.Table;
        if (count > int.MaxValue)
        {
            throw new NotSupportedException($"The snapshot has {count} entries, and no more than {int.MaxValue} can be put in order. Enumerate it, and sort on storage.");
        }

        var ordered = new OrderedSnapshot<TKey, TValue>(table, (int)count, comparer ?? Comparer<TKey>.Default);
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
            // Without a call for each comparison where the keys are numbers.
            keys.Sort(places);
        }
        else
        {
            keys.Sort(places, _comparer);
        }

        GC.KeepAlive(this);
    }

    /// <summary>Some of the entries, one behind the other.</summary>
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

        /// <summary>Goes through the entries in the order of their keys. Allocates nothing.</summary>
        public Enumerator GetEnumerator() => new(_ordered, _first, _end);

        IEnumerator<KeyValuePair<TKey, TValue>> IEnumerable<KeyValuePair<TKey, TValue>>.GetEnumerator() => GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    /// <summary>Goes through entries in the order of their keys. A value type that allocates nothing; not thread-safe itself.</summary>
    public struct Enumerator : IEnumerator<KeyValuePair<TKey, TValue>>
    {
        /// <summary>So many misses are on their way at once: neighbours in order are none in the table.</summary>
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

        /// <summary>The entry the last <see cref="MoveNext"/> found.</summary>
        public KeyValuePair<TKey, TValue> Current { get; private set; }

        readonly object IEnumerator.Current => Current;

        /// <summary>Goes on to the next entry.</summary>
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

        /// <summary>Does nothing: there is nothing to give back.</summary>
        public readonly void Dispose()
        {
        }
    }
}
