namespace Estream.Map.Internal;

/// <summary>The byte offsets and the size of a heap block.</summary>
internal static class BlockLayout
{
    /// <summary>CRC-32C of all following bytes, up to the end of the value.</summary>
    public const int Checksum = 0;

    /// <summary>Length of the key in bits 0..23, the block's <see cref="BlockKind"/> in bits 24..31.</summary>
    public const int KeyBytesAndKind = 4;
    public const int ValueBytes = 8;

    /// <summary>Zero, reserved. A later format may declare here which words, such as expiry and version, precede the key.</summary>
    public const int Extras = 12;
    public const int HeaderBytes = 16;

    // A sealed entry: nonce and tag follow the header. Then follow the stamp, if the map has stamps, and the encrypted value and key.
    public const int Seal = HeaderBytes;
    public const int NonceBytes = 12;
    public const int TagBytes = 16;
    public const int SealBytes = NonceBytes + TagBytes;
    public const int SealedContent = Seal + SealBytes;

    public const int KindShift = 24;
    public const int KeyBytesMask = (1 << KindShift) - 1;
    public const int Alignment = 8;

    public static long BytesOf(int keyBytes, int valueBytes) => (HeaderBytes + (long)keyBytes + valueBytes + Alignment - 1) & -Alignment;
}

internal enum BlockKind
{
    /// <summary>A key and its value.</summary>
    Entry = 1,

    /// <summary>A block without a key. Its value lists the references of entries whose keys have the same hash.</summary>
    List = 2,

    /// <summary>An encrypted key and value, in a segment that names a data key.</summary>
    Sealed = 3,
}

/// <summary>The content of a block's header.</summary>
internal readonly record struct BlockHead(uint Checksum, BlockKind Kind, int KeyBytes, int ValueBytes)
{
    /// <summary>The bytes up to the end of the content.</summary>
    public int UsedBytes =>
        BlockLayout.HeaderBytes + (Kind == BlockKind.Sealed ? BlockLayout.SealBytes : 0) + KeyBytes + ValueBytes;

    public long Bytes => BlockLayout.BytesOf(KeyBytes, ValueBytes + (Kind == BlockKind.Sealed ? BlockLayout.SealBytes : 0));
}

internal enum BlockOutcome
{
    Found,

    /// <summary>The block is valid and has another key.</summary>
    OtherKey,

    /// <summary>The segment was released before or during the read: look the key up in the index again.</summary>
    Retired,

    /// <summary>The bytes are not a valid block, although the segment was not released.</summary>
    Damaged,
}
