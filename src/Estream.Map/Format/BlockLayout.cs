namespace Estream.Map.Internal;

/// <summary>The byte offsets of a block of the heap, and its size.</summary>
internal static class BlockLayout
{
    /// <summary>CRC-32C of everything behind it, up to the end of the value.</summary>
    public const int Checksum = 0;

    /// <summary>Length of the key in bits 0..23, the block's <see cref="BlockKind"/> in bits 24..31.</summary>
    public const int KeyBytesAndKind = 4;
    public const int ValueBytes = 8;

    /// <summary>Zero: which words lie between header and key (time to live, version), in a later format.</summary>
    public const int Extras = 12;
    public const int HeaderBytes = 16;

    public const int KindShift = 24;
    public const int KeyBytesMask = (1 << KindShift) - 1;
    public const int Alignment = 8;

    public static long BytesOf(int keyBytes, int valueBytes) => (HeaderBytes + (long)keyBytes + valueBytes + Alignment - 1) & -Alignment;
}

internal enum BlockKind
{
    /// <summary>A key and its value.</summary>
    Entry = 1,

    /// <summary>No key; the value lists the references of entries whose keys have the same hash.</summary>
    List = 2,
}

/// <summary>What the header of a block says.</summary>
internal readonly record struct BlockHead(uint Checksum, BlockKind Kind, int KeyBytes, int ValueBytes)
{
    public long Bytes => BlockLayout.BytesOf(KeyBytes, ValueBytes);
}

internal enum BlockOutcome
{
    Found,

    /// <summary>The block is whole, and of another key.</summary>
    OtherKey,

    /// <summary>The segment was given up before or while it was looked at: ask the index again.</summary>
    Retired,

    /// <summary>The bytes are not those of a block, and the segment was not given up.</summary>
    Damaged,
}
