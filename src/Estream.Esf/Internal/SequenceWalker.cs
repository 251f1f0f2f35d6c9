using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Estream.Esf.Internal;

/// <summary>
/// Walks the region of an array or a map: a 32-bit count, then the items. An item of fixed size is stored directly; any other item is
/// preceded by its length. Every step is checked against the bounds of the region.
/// </summary>
internal ref struct SequenceWalker
{
    /// <summary>The size of the count before the items, and of the length before an item of variable size: a 32-bit number.</summary>
    public const int PrefixSize = sizeof(uint);

    private readonly ReadOnlySpan<byte> _region;
    private int _at;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private SequenceWalker(ReadOnlySpan<byte> region, int count)
    {
        _region = region;
        Count = count;
        _at = PrefixSize;
    }

    public int Count { get; }

    public readonly bool IsAtEnd => _at == _region.Length;

    /// <summary>Starts a walk; returns false if the region is too short for the number of items that it declares.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryStart(ReadOnlySpan<byte> region, int minItemSize, out SequenceWalker walker)
    {
        walker = default;
        if (region.Length < PrefixSize)
        {
            return false;
        }

        uint count = BinaryPrimitives.ReadUInt32LittleEndian(region);
        if (count > (uint)(region.Length - PrefixSize) / (uint)minItemSize)
        {
            return false;
        }

        walker = new SequenceWalker(region, (int)count);
        return true;
    }

    /// <summary>Returns the next item; false if the region ends before the end of the item.</summary>
    public bool TryNext(ValuePlan type, out ReadOnlySpan<byte> item)
    {
        item = default;
        int length = type.Size;
        if (length == 0)
        {
            if (_region.Length - _at < PrefixSize)
            {
                return false;
            }

            uint claimed = BinaryPrimitives.ReadUInt32LittleEndian(_region[_at..]);
            _at += PrefixSize;
            if (claimed > (uint)(_region.Length - _at))
            {
                return false;
            }

            length = (int)claimed;
        }
        else if (_region.Length - _at < length)
        {
            return false;
        }

        item = _region.Slice(_at, length);
        _at += length;
        return true;
    }
}
