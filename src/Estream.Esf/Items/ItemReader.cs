using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Esf.Internal;

namespace Estream.Esf.Items;

/// <summary>Reads the items of a region in order. Throws if a length or count exceeds the region.</summary>
internal ref struct ItemReader
{
    private readonly ReadOnlySpan<byte> _region;
    private int _at;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ItemReader(ReadOnlySpan<byte> region, int offset)
    {
        _region = region;
        _at = SequenceWalker.PrefixSize + offset;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CountOf(ReadOnlySpan<byte> region, int minItemSize)
    {
        if (region.IsEmpty)
        {
            return 0;
        }

        if (!SequenceWalker.TryStart(region, minItemSize, out SequenceWalker walker))
        {
            ThrowHelper.ThrowCorrupt("An array or map");
        }

        return walker.Count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Next(int size)
    {
        int length = size;
        if (size == 0)
        {
            if (_region.Length - _at < SequenceWalker.PrefixSize)
            {
                ThrowHelper.ThrowCorrupt("An array or map");
            }

            length = BinaryPrimitives.ReadInt32LittleEndian(_region[_at..]);
            _at += SequenceWalker.PrefixSize;
        }

        if ((uint)length > (uint)(_region.Length - _at))
        {
            ThrowHelper.ThrowCorrupt("An array or map");
        }

        ReadOnlySpan<byte> item = _region.Slice(_at, length);
        _at += length;
        return item;
    }
}
