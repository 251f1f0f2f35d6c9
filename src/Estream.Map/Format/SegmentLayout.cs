namespace Estream.Map.Internal;

/// <summary>The byte offsets of a heap.NNNN file. Words that change lie on cache lines of their own, apart from the one readers look
/// at.</summary>
internal static class SegmentLayout
{
    public const int Magic = 0;
    public const int Version = 8;
    public const int HeaderBytes = 12;
    public const int FileBytes = 16;

    /// <summary>The hash seed of the index, so that files of two maps cannot be mixed up.</summary>
    public const int Identity = 24;

    /// <summary>CRC-32C of everything before it: written once, when the file is made.</summary>
    public const int Checksum = 32;

    /// <summary>The number the segment has now; 0 once it was given up. Every read ends with a look at it.</summary>
    public const int Id = 64;

    /// <summary>Whether the segment was made for one block.</summary>
    public const int IsSingle = 72;

    /// <summary>Where the next block goes. Stored before the block, so that what a killed writer left half written is never written
    /// over.</summary>
    public const int Tail = 128;

    /// <summary>The bytes of the blocks that somebody can find: a hint, see docs/formats/bytemap.md.</summary>
    public const int LiveBytes = 192;

    public const int BlocksStart = 256;
}
