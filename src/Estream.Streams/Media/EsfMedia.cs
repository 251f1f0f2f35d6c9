namespace Estream.Streams;

/// <summary>The limits of large objects.</summary>
public static class EsfMedia
{
    /// <summary>Bytes of a chunk where nothing else is said: 1 MiB.</summary>
    public const int DefaultChunkBytes = 1 << 20;

    /// <summary>The smallest chunk: 1 KiB.</summary>
    public const int MinChunkBytes = 1 << 10;

    /// <summary>The largest chunk: 16 MiB.</summary>
    public const int MaxChunkBytes = 16 << 20;

    /// <summary>The most chunks of an object. The queue has to take a message of 32 bytes for each.</summary>
    public const int MaxChunks = 1 << 20;

    /// <summary>The longest name, in bytes of UTF-8.</summary>
    public const int MaxNameBytes = 256;

    /// <summary>The longest media type, in bytes of UTF-8.</summary>
    public const int MaxMediaTypeBytes = 128;
}
