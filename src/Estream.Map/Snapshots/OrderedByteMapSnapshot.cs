using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>The entries of a <see cref="ByteMapSnapshot"/> in the order of their keys, byte by byte; see
/// <see cref="ByteMapSnapshot.OrderByKey"/>.</summary>
/// <remarks>Thread-safety: any thread may read at any time. <see cref="Dispose"/>, and that of the map, must not run while another thread
/// uses this object.</remarks>
public sealed class OrderedByteMapSnapshot : IDisposable
{
    private readonly PinnedHeap _heap;
    private readonly KeyedBlockOrder _order;
    private readonly NativeRegion _region;
    private readonly RegionArray<KeyedBlock> _entries;
    private readonly string _place;
    private int _isDisposed;

    private OrderedByteMapSnapshot(PinnedHeap heap, int count, string place)
    {
        _region = NativeRegion.Allocate(Math.Max(1, (long)count * RawValue.SizeOf<KeyedBlock>()));
        _entries = _region.All.AsArray<KeyedBlock>(0, count);
        _order = new KeyedBlockOrder(heap, place);
        _place = place;
        Count = count;
        heap.Share();
        _heap = heap;
    }

    /// <summary>The number of entries.</summary>
    public int Count { get; private set; }

    /// <summary>The number of keys that come before one, which is where it is, or would be. Costs a binary search.</summary>
    /// <param name="key">Need not be there.</param>
    /// <returns>0 up to <see cref="Count"/>.</returns>
    public int CountBefore(ReadOnlySpan<byte> key)
    {
        RequireAlive();
        ulong start = KeyedBlock.StartOf(key);
        int first = 0;
        int end = Count;
        while (first < end)
        {
            int middle = first + ((end - first) / 2);
            bool isBefore = _order.Compare(_entries.Read(middle), start, key) < 0;
            first = isBefore ? middle + 1 : first;
            end = isBefore ? end : middle;
        }

        GC.KeepAlive(this);
        return first;
    }

    /// <summary>The entries from a key on, in order.</summary>
    /// <param name="from">The first key, if it is there; otherwise the range begins with the next one.</param>
    public Range From(ReadOnlySpan<byte> from) => new(this, CountBefore(from), Count);

    /// <summary>The entries from a key on and before another, in order.</summary>
    /// <param name="from">The first key, if it is there; otherwise the range begins with the next one.</param>
    /// <param name="to">The first key that is not in the range any more. None is, if it does not come behind
    /// <paramref name="from"/>.</param>
    public Range Between(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        int first = CountBefore(from);
        return new Range(this, first, Math.Max(first, CountBefore(to)));
    }

    /// <summary>Goes through all entries in the order of their keys.</summary>
    public Enumerator GetEnumerator()
    {
        RequireAlive();
        return new Enumerator(this, 0, Count);
    }

    /// <summary>Gives the memory of the order back and lets go of the files. Idempotent.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _heap.LetGo();
            _region.Dispose();
        }
    }

    internal static OrderedByteMapSnapshot Of(MapSnapshot<nuint, nuint> hashes, long count, PinnedHeap heap, string place, long? leavesOut)
    {
        if (count > int.MaxValue)
        {
            throw new NotSupportedException($"The snapshot has {count} entries, and no more than {int.MaxValue} can be put in order. Enumerate it, and sort on storage.");
        }

        var ordered = new OrderedByteMapSnapshot(heap, (int)count, place);
        try
        {
            ordered.Fill(hashes, leavesOut);
            return ordered;
        }
        catch (InvalidOperationException failed) when (failed.InnerException is EstreamException damage)
        {
            // What a comparison throws comes wrapped.
            ordered.Dispose();
            throw damage;
        }
        catch
        {
            ordered.Dispose();
            throw;
        }
    }

    private void Fill(MapSnapshot<nuint, nuint> hashes, long? leavesOut)
    {
        int count = 0;
        List<BlockRef> members = [];
        foreach ((_, nuint word) in hashes)
        {
            members.Clear();
            _heap.AddMembers(new BlockRef(word), members, _place);
            foreach (BlockRef member in members)
            {
                if (leavesOut is not { } moment || !_heap.IsOver(member, moment, _place))
                {
                    _entries[count++] = new KeyedBlock(KeyedBlock.StartOf(_heap.KeyAt(member, _place)), member);
                }
            }
        }

        Count = count;
        _entries.Span(0, count).Sort(_order);
        GC.KeepAlive(this);
    }

    private void RequireAlive()
    {
        if (Volatile.Read(ref _isDisposed) != 0)
        {
            ThrowHelper.SnapshotDisposed();
        }

        _heap.RequireOpen();
    }

    private void Copy(int index, ref EntryCopies copies)
    {
        RequireAlive();
        _heap.CopyAll(_entries.Read(index).At, ref copies, _place);
        GC.KeepAlive(this);
    }

    /// <summary>Some of the entries, one behind the other.</summary>
    public readonly struct Range
    {
        private readonly OrderedByteMapSnapshot _ordered;
        private readonly int _first;
        private readonly int _end;

        internal Range(OrderedByteMapSnapshot ordered, int first, int end)
        {
            _ordered = ordered;
            _first = first;
            _end = end;
        }

        /// <summary>The number of entries.</summary>
        public int Count => _end - _first;

        /// <summary>Goes through the entries in the order of their keys.</summary>
        public Enumerator GetEnumerator() => new(_ordered, _first, _end);
    }

    /// <summary>
    /// Goes through entries in the order of their keys. Not thread-safe itself. Allocates nothing but a buffer it borrows, as large as the
    /// largest entry it met, until it is disposed.
    /// </summary>
    public struct Enumerator : IDisposable
    {
        private readonly OrderedByteMapSnapshot _ordered;
        private readonly int _end;
        private int _next;
        private EntryCopies _copies = new();

        internal Enumerator(OrderedByteMapSnapshot ordered, int first, int end)
        {
            _ordered = ordered;
            _next = first;
            _end = end;
        }

        /// <summary>The entry the last <see cref="MoveNext"/> found: copies, valid until the next one.</summary>
        public readonly ByteMapEntry Current => new(_copies.Key, _copies.Value);

        /// <summary>Goes on to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="EstreamCorruptionException">The next entry is damaged. Another call goes on behind it.</exception>
        /// <exception cref="ObjectDisposedException">The order or the map was disposed.</exception>
        public bool MoveNext()
        {
            if (_next >= _end)
            {
                return false;
            }

            _ordered.Copy(_next++, ref _copies);
            return _copies.TryNext();
        }

        /// <summary>Gives the buffer back.</summary>
        public void Dispose() => _copies.Dispose();
    }
}
