using System.Text;
using Estream.Core;
using Estream.Map;
using Estream.Streams.Media;

namespace Estream.Streams;

/// <summary>A complete large object: its name, its length and the digests of its chunks. Immutable.</summary>
public sealed class EsfMediaObject
{
    private readonly byte[] _id;
    private readonly byte[] _digests;

    private EsfMediaObject(in MediaManifestRecord.View manifest)
    {
        _id = manifest.Object.ToArray();
        _digests = manifest.Digests.ToArray();
        Id = Convert.ToHexStringLower(_id);
        Name = Encoding.UTF8.GetString(manifest.Name);
        MediaType = Encoding.UTF8.GetString(manifest.MediaType);
        Length = manifest.TotalBytes;
        ChunkBytes = manifest.ChunkBytes;
        Digest = Convert.ToHexStringLower(manifest.Root);
    }

    /// <summary>The permanent id of the object: 64 hexadecimal digits.</summary>
    public string Id { get; }

    /// <summary>The name that the writer gave the object. Not unique.</summary>
    public string Name { get; }

    /// <summary>The media type, such as <c>video/mp4</c>; empty if the writer gave none.</summary>
    public string MediaType { get; }

    /// <summary>The length of the object in bytes.</summary>
    public long Length { get; }

    /// <summary>The length in bytes of each chunk except the last.</summary>
    public int ChunkBytes { get; }

    /// <summary>The root of the Merkle tree over the chunks (SHA-256, RFC 9162): 64 hexadecimal digits. Two objects with the same chunks
    /// have the same root.</summary>
    public string Digest { get; }

    internal ReadOnlySpan<byte> IdBytes => _id;

    internal int ChunkCount => _digests.Length / ChunkDigest.Bytes;

    /// <summary>Opens the object for reading from any position. Each chunk is verified against its digest before any of its bytes are
    /// returned.</summary>
    /// <param name="store">The store of its chunks, usually opened with <see cref="ByteMap.OpenReadOnly"/>.</param>
    /// <returns>A stream that can read and seek, for use on one thread at a time. It holds one chunk in memory.</returns>
    public Stream OpenRead(ByteMap store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new MediaReadStream(this, store);
    }

    internal ReadOnlySpan<byte> DigestOf(int chunk) => _digests.AsSpan(chunk * ChunkDigest.Bytes, ChunkDigest.Bytes);

    internal int LengthOf(int chunk) => (int)Math.Min(ChunkBytes, Length - ((long)chunk * ChunkBytes));

    /// <exception cref="EstreamFormatException">The manifest is inconsistent.</exception>
    internal static EsfMediaObject Of(in MediaManifestRecord.View manifest, long position)
    {
        Span<byte> root = stackalloc byte[ChunkDigest.Bytes];
        bool isSound = manifest.ChunkBytes is >= EsfMedia.MinChunkBytes and <= EsfMedia.MaxChunkBytes
            && manifest.TotalBytes >= 0
            && manifest.TotalBytes <= (long)EsfMedia.MaxChunks * manifest.ChunkBytes
            && manifest.Digests.Length == ChunksOf(manifest.TotalBytes, manifest.ChunkBytes) * ChunkDigest.Bytes;
        if (isSound)
        {
            ChunkDigest.OfTree(manifest.Digests, root);
        }

        return isSound && manifest.Root.SequenceEqual(root)
            ? new EsfMediaObject(in manifest)
            : throw new EstreamFormatException(
                $"The manifest at position {position} is inconsistent: it was not written by a media writer, or was changed. The "
                + "next read continues after it.", null);
    }

    private static long ChunksOf(long length, int chunkBytes) => (length + chunkBytes - 1) / chunkBytes;
}
