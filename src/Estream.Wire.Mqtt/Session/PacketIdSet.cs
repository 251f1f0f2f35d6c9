using System.Numerics;
using Estream.Wire.Mqtt.Internal.Sessions;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>A set of packet identifiers, one bit each. Takes 8 KiB once the first identifier is added, nothing before.</summary>
/// <param name="changed">Called with each identifier that is added (true) or removed (false), but not by Clear; may be null.</param>
internal sealed class PacketIdSet(Action<ushort, bool>? changed = null)
{
    private const int WordCount = (ushort.MaxValue + 1) / 64;

    private ulong[] _bits = [];

    public int Count { get; private set; }

    public bool Contains(ushort id)
    {
        return _bits.Length > 0 && (_bits[id >> 6] >> (id & 63) & 1) != 0;
    }

    public void Add(ushort id)
    {
        if (_bits.Length == 0)
        {
            _bits = new ulong[WordCount];
        }

        if (!Contains(id))
        {
            _bits[id >> 6] |= 1UL << (id & 63);
            Count++;
            changed?.Invoke(id, true);
        }
    }

    public bool Remove(ushort id)
    {
        if (!Contains(id))
        {
            return false;
        }

        _bits[id >> 6] &= ~(1UL << (id & 63));
        Count--;
        changed?.Invoke(id, false);
        return true;
    }

    /// <summary>Writes the number of identifiers, then each identifier.</summary>
    public void Write(RecordWriter writer)
    {
        writer.WriteInt32(Count);
        for (int word = 0; word < _bits.Length; word++)
        {
            for (ulong left = _bits[word]; left != 0; left &= left - 1)
            {
                writer.WriteUInt16((ushort)((word << 6) + BitOperations.TrailingZeroCount(left)));
            }
        }
    }

    public void Clear()
    {
        _bits = [];
        Count = 0;
    }
}
