namespace Estream.Queue.Internal;

/// <summary>The layout of an encrypted block, and of the key fields in the header of a segment; see docs/formats/queue.md.</summary>
internal static class BlockLayout
{
    /// <summary>
    /// Stored in place of the message number. No message number has bit 30 set. The kind of the consumer offset frame has bit 30 set for
    /// the same reason.
    /// </summary>
    public const uint Kind = 4 | (1u << 30);

    public const int FirstNumberOffset = 16;
    public const int CountOffset = 20;
    public const int NonceOffset = 24;
    public const int NonceBytes = 12;
    public const int TagOffset = 48;
    public const int TagBytes = 16;

    /// <summary>The length of the header; the ciphertext follows. The header fields from the kind to the tag are authenticated
    /// too.</summary>
    public const int HeaderBytes = 64;

    /// <summary>Queue id, segment number, offset; then the length word and the fields between checksum and tag.</summary>
    public const int AuthenticatedBytes = 24 + sizeof(int) + TagOffset - FrameLayout.NumberOffset;

    /// <summary>The maximum number of bytes of frames in one block.</summary>
    public const int MaxInnerBytes = FrameLayout.LengthMask - HeaderBytes - FrameLayout.Alignment;

    // Offsets in the header of a segment.
    public const int GenerationOffset = 192;
    public const int SaltOffset = 200;
    public const int SaltBytes = 16;
    public const int KeyCheckOffset = 216;
    public const int KeyCheckedBytes = KeyCheckOffset - GenerationOffset;
}
