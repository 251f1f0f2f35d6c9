using System.Text;
using Estream.Core;
using Estream.Map;
using Estream.Streams.Media;

namespace Estream.Streams;

/// <summary>A large object that is complete: its name, its length and the digests of its chunks. Immutable.</summary>
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

    /// <summary>What names it for good: 64 hexadecimal digits.</summary>
    public string Id { get; }

    /// <summary>Its name, as the writer gave it. Not unique.</summary>
    public string Name { get; }

    /// <summary>What it is, such as <c>video/mp4</c>; empty where the writer did not say.</summary>
    public string MediaType { get; }

    /// <summary>Its bytes.</summary>
    public long Length { get; }

    /// <summary>Bytes of each chunk but the last.</summary>
    public int ChunkBytes { get; }

    /// <summary>The root of the Merkle tree over its chunks (SHA-256, RFC 9162): 64 hexadecimal digits. Two objects with the same chunks
    /// have the same.</summary>
    public string Digest { get; }

    internal ReadOnlySpan<byte> IdBytes => _id;

    internal int ChunkCount => _digests.Length / ChunkDigest.Bytes;

    /// <summary>Opens the object for reading at any place. Each chunk is checked against its digest before a byte of it is handed
    /// out.</summary>
    /// <param name="store">The store with its chunks; usually by <see cref="ByteMap.OpenReadOnly"/>.</param>
    /// <returns>A stream that reads and seeks; one thread at a time. It holds one chunk in memory.</returns>
    public Stream OpenRead(ByteMap store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new MediaReadStream(this, store);
    }

    internal ReadOnlySpan<byte> DigestOf(int chunk) => _digests.AsSpan(chunk * ChunkDigest.Bytes, ChunkDigest.Bytes);

    internal int LengthOf(int chunk) => (int)Math.Min(ChunkBytes, Length - ((long)chunk * ChunkBytes));

    /// <exception cref="EstreamFormatException">What it says does not fit together.</exception>
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
                $"The manifest at position {position} does not fit together: it was not written by a media writer, or was changed. The "
                + "next read goes on behind it.", null);
    }

    private static long ChunksOf(long length, int chunkBytes) => (length + chunkBytes - 1) / chunkBytes;
}
