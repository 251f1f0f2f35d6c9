using System.Buffers.Binary;

namespace Estream.Streams.Media;

/// <summary>The keys under which a store keeps chunks and records of uploads in progress.</summary>
internal static class MediaKeys
{
    public const int ObjectBytes = 32;
    public const int ChunkKeyBytes = 1 + ObjectBytes + sizeof(int);
    public const int UploadKeyBytes = 1 + ObjectBytes;
    public const int ProgressKeyBytes = 1 + sizeof(short);

    private const byte Chunk = (byte)'c';
    private const byte Upload = (byte)'u';
    private const byte Progress = (byte)'p';

    public static ReadOnlySpan<byte> OfChunk(ReadOnlySpan<byte> id, int index, Span<byte> key)
    {
        key[0] = Chunk;
        id.CopyTo(key[1..]);
        BinaryPrimitives.WriteInt32BigEndian(key[(1 + ObjectBytes)..], index);
        return key[..ChunkKeyBytes];
    }

    public static ReadOnlySpan<byte> OfUpload(ReadOnlySpan<byte> id, Span<byte> key)
    {
        key[0] = Upload;
        id.CopyTo(key[1..]);
        return key[..UploadKeyBytes];
    }

    /// <summary>Returns the key of the progress record in a slot.</summary>
    public static ReadOnlySpan<byte> OfProgress(int slot, Span<byte> key)
    {
        key[0] = Progress;
        BinaryPrimitives.WriteInt16BigEndian(key[1..], (short)slot);
        return key[..ProgressKeyBytes];
    }

    public static bool IsChunk(ReadOnlySpan<byte> key) => key.Length == ChunkKeyBytes && key[0] == Chunk;

    public static bool IsUpload(ReadOnlySpan<byte> key) => key.Length == UploadKeyBytes && key[0] == Upload;

    public static ReadOnlySpan<byte> ObjectOf(ReadOnlySpan<byte> key) => key.Slice(1, ObjectBytes);
}
