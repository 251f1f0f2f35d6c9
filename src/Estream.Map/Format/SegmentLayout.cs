namespace Estream.Map.Internal;

/// <summary>
/// The byte offsets of a heap.NNNN file. Words that the writer changes often are on other cache lines than the number that readers load.
/// </summary>
internal static class SegmentLayout
{
    public const int Magic = 0;
    public const int Version = 8;
    public const int HeaderBytes = 12;
    public const int FileBytes = 16;

    /// <summary>The hash seed of the index, so that files of two maps cannot be mixed.</summary>
    public const int Identity = 24;

    /// <summary>CRC-32C of all bytes before it. Written once, when the file is created.</summary>
    public const int Checksum = 32;

    /// <summary>The current number of the segment; 0 after it was released. Every read ends with a load of it.</summary>
    public const int Id = 64;

    /// <summary>Whether the segment was created for one block.</summary>
    public const int IsSingle = 72;

    /// <summary>The generation of the data key that seals the entries of the segment; 0 if they are not encrypted. Stored before the
    /// number of the segment.</summary>
    public const int KeyGeneration = 80;

    /// <summary>
    /// The offset of the next block. Stored before the block is written, so a block that a killed writer left half written is never
    /// overwritten.
    /// </summary>
    public const int Tail = 128;

    /// <summary>The bytes of all referenced blocks; a hint, see docs/formats/bytemap.md.</summary>
    public const int LiveBytes = 192;

    public const int BlocksStart = 256;
}
