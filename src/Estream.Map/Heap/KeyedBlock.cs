using System.Buffers.Binary;

namespace Estream.Map.Internal;

/// <summary>A block with the first eight bytes of its key, which decide most comparisons without a read of the block.</summary>
internal readonly record struct KeyedBlock(ulong Start, BlockRef At)
{
    /// <summary>Returns the first eight bytes as a number with the same order. A shorter key is padded with zeros, so equal numbers do not
    /// imply equal keys.</summary>
    public static ulong StartOf(ReadOnlySpan<byte> key)
    {
        if (key.Length >= sizeof(ulong))
        {
            return BinaryPrimitives.ReadUInt64BigEndian(key);
        }

        Span<byte> padded = stackalloc byte[sizeof(ulong)];
        padded.Clear();
        key.CopyTo(padded);
        return BinaryPrimitives.ReadUInt64BigEndian(padded);
    }
}

/// <summary>Orders entries by their keys, byte by byte.</summary>
internal sealed class KeyedBlockOrder(PinnedHeap heap, string place) : IComparer<KeyedBlock>
{
    public int Compare(KeyedBlock x, KeyedBlock y)
    {
        if (x.Start != y.Start)
        {
            return x.Start.CompareTo(y.Start);
        }

        using HeldBytes left = heap.HoldKey(x.At, place);
        using HeldBytes right = heap.HoldKey(y.At, place);
        return left.Span.SequenceCompareTo(right.Span);
    }

    /// <summary>Compares an entry with a key that the map need not have.</summary>
    public int Compare(KeyedBlock entry, ulong start, ReadOnlySpan<byte> key)
    {
        if (entry.Start != start)
        {
            return entry.Start.CompareTo(start);
        }

        using HeldBytes held = heap.HoldKey(entry.At, place);
        return held.Span.SequenceCompareTo(key);
    }
}
