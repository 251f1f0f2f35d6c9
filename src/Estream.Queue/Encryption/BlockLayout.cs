namespace Estream.Queue.Internal;

/// <summary>The bytes of an encrypted block, and of what a segment's header says about its key; docs/formats/queue.md has the
/// essay.</summary>
internal static class BlockLayout
{
    /// <summary>In the place of the message number; bit 30 is set in none, as for the frame that says what was consumed.</summary>
    public const uint Kind = 4 | (1u << 30);

    public const int FirstNumberOffset = 16;
    public const int CountOffset = 20;
    public const int NonceOffset = 24;
    public const int NonceBytes = 12;
    public const int TagOffset = 48;
    public const int TagBytes = 16;

    /// <summary>From here on the ciphertext; before it the header, of which the part from the kind to the tag is authenticated as
    /// well.</summary>
    public const int HeaderBytes = 64;

    /// <summary>Queue id, segment number, offset; then the length word and what is between checksum and tag.</summary>
    public const int AuthenticatedBytes = 24 + sizeof(int) + TagOffset - FrameLayout.NumberOffset;

    /// <summary>The most bytes of frames in one block.</summary>
    public const int MaxInnerBytes = FrameLayout.LengthMask - HeaderBytes - FrameLayout.Alignment;

    // In the header of a segment.
    public const int GenerationOffset = 192;
    public const int SaltOffset = 200;
    public const int SaltBytes = 16;
    public const int KeyCheckOffset = 216;
    public const int KeyCheckedBytes = KeyCheckOffset - GenerationOffset;
}
