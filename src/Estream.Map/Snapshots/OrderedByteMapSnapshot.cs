using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>The entries of a <see cref="ByteMapSnapshot"/> in the order of their keys, byte by byte; see
/// <see cref="ByteMapSnapshot.OrderByKey"/>.</summary>
/// <remarks>Thread-safety: any thread may read at any time. Do not dispose this object or the map while another thread uses this
/// object.</remarks>
public sealed class OrderedByteMapSnapshot : IDisposable
{
    private readonly KeyedBlockOrder _order;
    private readonly NativeRegion _region;
    private readonly RegionArray<KeyedBlock> _entries;
    private readonly string _place;
    private HeapPin _pin;

    private OrderedByteMapSnapshot(PinnedHeap heap, int count, string place)
    {
        _region = NativeRegion.Allocate(Math.Max(1, (long)count * RawValue.SizeOf<KeyedBlock>()));
        _entries = _region.All.AsArray<KeyedBlock>(0, count);
        _order = new KeyedBlockOrder(heap, place);
        _place = place;
        Count = count;
        heap.Share();
        _pin = new HeapPin(heap);
    }

    /// <summary>The number of entries.</summary>
    public int Count { get; private set; }

    /// <summary>Returns the number of keys that sort before a key, which is its index. Costs a binary search.</summary>
    /// <param name="key">The key; the snapshot need not have it.</param>
    /// <returns>0 up to <see cref="Count"/>.</returns>
    public int CountBefore(ReadOnlySpan<byte> key)
    {
        _pin.RequireAlive();
        int before = KeyOrder.CountBefore(Count, new Probe(_entries, _order, key));
        GC.KeepAlive(this);
        return before;
    }

    /// <summary>Returns the entries from a key on, in order.</summary>
    /// <param name="from">The first key; if the snapshot does not have it, the range begins with the next key.</param>
    public Range From(ReadOnlySpan<byte> from) => new(this, CountBefore(from), Count);

    /// <summary>Returns the entries from one key on and before another, in order.</summary>
    /// <param name="from">The first key; if the snapshot does not have it, the range begins with the next key.</param>
    /// <param name="to">The first key after the range. The range is empty unless this key sorts after <paramref name="from"/>.</param>
    public Range Between(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        int first = CountBefore(from);
        return new Range(this, first, Math.Max(first, CountBefore(to)));
    }

    /// <summary>Enumerates all entries in the order of their keys.</summary>
    public Enumerator GetEnumerator()
    {
        _pin.RequireAlive();
        return new Enumerator(this, 0, Count);
    }

    /// <summary>Frees the memory of the order and releases the files. Idempotent.</summary>
    public void Dispose() => _pin.Release(_region);

    internal static OrderedByteMapSnapshot Of(MapSnapshot<nuint, nuint> hashes, long count, PinnedHeap heap, string place, long? leavesOut)
    {
        var ordered = new OrderedByteMapSnapshot(heap, KeyOrder.RequireCount(count), place);
        try
        {
            ordered.Fill(hashes, leavesOut);
            return ordered;
        }
        catch (InvalidOperationException failed) when (failed.InnerException is EstreamException damage)
        {
            // Sort wraps the exception of a comparison.
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
        foreach ((nuint hash, nuint word) in hashes)
        {
            members.Clear();
            _pin.Heap.AddMembers(new BlockRef(word), members, _place);
            foreach (BlockRef member in members)
            {
                if (leavesOut is not { } moment || !_pin.Heap.IsOver(member, moment, _place))
                {
                    using HeldBytes key = _pin.Heap.HoldKey(member, _place, hash);
                    _entries[count++] = new KeyedBlock(KeyedBlock.StartOf(key.Span), member);
                }
            }
        }

        Count = count;
        _entries.Span(0, count).Sort(_order);
        GC.KeepAlive(this);
    }

    private void Copy(int index, ref EntryCopies copies)
    {
        _pin.RequireAlive();
        _pin.Heap.CopyAll(_entries.Read(index).At, hash: null, ref copies, _place);
        GC.KeepAlive(this);
    }

    private readonly ref struct Probe(RegionArray<KeyedBlock> entries, KeyedBlockOrder order, ReadOnlySpan<byte> wanted) : IOrderProbe
    {
        private readonly ReadOnlySpan<byte> _wanted = wanted;
        private readonly ulong _start = KeyedBlock.StartOf(wanted);

        public bool IsBefore(int index) => order.Compare(entries.Read(index), _start, _wanted) < 0;
    }

    /// <summary>A range of consecutive entries.</summary>
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

        /// <summary>Enumerates the entries in the order of their keys.</summary>
        public Enumerator GetEnumerator() => new(_ordered, _first, _end);
    }

    /// <summary>
    /// Enumerates entries in the order of their keys. Not thread-safe. Allocates nothing, but rents a buffer for its largest entry until it
    /// is disposed.
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

        /// <summary>The current entry: copies, valid until the next call.</summary>
        public readonly ByteMapEntry Current => new(_copies.Key, _copies.Value);

        /// <summary>Advances to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="EstreamCorruptionException">The next entry is damaged. The next call skips it.</exception>
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

        /// <summary>Returns the buffer.</summary>
        public void Dispose() => _copies.Dispose();
    }
}
