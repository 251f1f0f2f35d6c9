namespace Estream.Net.Multicast.Internal;

/// <summary>What the buffer knows of a packet without reading it.</summary>
internal readonly record struct BufferedPacket(
    long Start, long End, long Position, long Previous, long LastPosition, bool StartsMessage, bool EndsMessage);

/// <summary>
/// Keeps data packets that arrived before an earlier one, ordered by address. Bounded and allocated when created; if it is full, the packet
/// that is farthest ahead gives way. Not thread-safe.
/// </summary>
internal sealed class ReorderBuffer
{
    private readonly byte[] _bytes;
    private readonly int _slotBytes;
    private readonly Slot[] _slots;
    private readonly int[] _order;
    private readonly int[] _free;
    private int _freeCount;
    private int _head;

    /// <param name="packets">The number of packets.</param>
    /// <param name="maxBodyBytes">The largest body.</param>
    public ReorderBuffer(int packets, int maxBodyBytes)
    {
        _slotBytes = maxBodyBytes;
        _bytes = new byte[(long)packets * maxBodyBytes];
        _slots = new Slot[packets];
        _order = new int[packets];
        _free = new int[packets];
        Clear();
    }

    public int Count { get; private set; }

    /// <summary>The packets in the order of their addresses.</summary>
    public ref readonly BufferedPacket this[int index] => ref _slots[_order[_head + index]].Packet;

    /// <summary>Keeps a packet.</summary>
    /// <returns>Whether the packet was kept; false if it is there already, or too far ahead.</returns>
    public bool TryAdd(in DataPacket packet, ReadOnlySpan<byte> body)
    {
        if (body.Length > _slotBytes)
        {
            return false;
        }

        BufferedPacket entry = new(
            packet.StartAddress, packet.EndAddress, packet.Header.Position, packet.Header.Previous, packet.LastPosition,
            packet.Header.Offset == 0, packet.IsLastComplete);
        int index = IndexOf(entry.Start);
        if (index < Count && this[index].Start == entry.Start)
        {
            if (this[index].End >= entry.End && (this[index].Previous >= 0 || entry.Previous < 0))
            {
                return false;
            }

            Store(_order[_head + index], entry, body);
            return true;
        }

        if (_freeCount == 0)
        {
            if (index == Count)
            {
                return false;
            }

            RemoveLast();
        }

        Insert(index, entry, body);
        return true;
    }

    /// <summary>The body of the first packet; valid until the buffer changes.</summary>
    public ReadOnlySpan<byte> First
    {
        get
        {
            int slot = _order[_head];
            return _bytes.AsSpan(slot * _slotBytes, _slots[slot].Length);
        }
    }

    public void RemoveFirst()
    {
        _free[_freeCount++] = _order[_head++];
        Count--;
        if (Count == 0)
        {
            _head = 0;
        }
    }

    public void Clear()
    {
        _head = 0;
        Count = 0;
        _freeCount = _slots.Length;
        for (int slot = 0; slot < _slots.Length; slot++)
        {
            _free[slot] = slot;
        }
    }

    private void RemoveLast()
    {
        Count--;
        _free[_freeCount++] = _order[_head + Count];
    }

    private void Insert(int index, in BufferedPacket entry, ReadOnlySpan<byte> body)
    {
        if (_head > 0 && _head + Count == _order.Length)
        {
            Array.Copy(_order, _head, _order, 0, Count);
            _head = 0;
        }

        int slot = _free[--_freeCount];
        Array.Copy(_order, _head + index, _order, _head + index + 1, Count - index);
        _order[_head + index] = slot;
        Count++;
        Store(slot, entry, body);
    }

    private void Store(int slot, in BufferedPacket entry, ReadOnlySpan<byte> body)
    {
        _slots[slot] = new Slot { Packet = entry, Length = body.Length };
        body.CopyTo(_bytes.AsSpan(slot * _slotBytes, _slotBytes));
    }

    private int IndexOf(long start)
    {
        int low = 0;
        int high = Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = this[middle].Start < start ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private struct Slot
    {
        public BufferedPacket Packet;
        public int Length;
    }
}
