using Estream.Core;
using Estream.Map;

namespace Estream.Streams.Media;

/// <summary>The bytes of an object that is being written: full chunks in the store, and the bytes after them in memory. Not
/// thread-safe.</summary>
/// <remarks>Holds one chunk in memory, and 32 bytes for each chunk stored.</remarks>
internal sealed class MediaChunks(ByteMap store, byte[] id, int chunkBytes)
{
    private const int FirstDigests = 16;

    private readonly byte[] _chunk = new byte[chunkBytes];
    private byte[] _digests = new byte[FirstDigests * ChunkDigest.Bytes];
    private int _filled;
    private long _stored;

    public ReadOnlySpan<byte> Id => id;

    public int ChunkBytes => chunkBytes;

    /// <summary>The number of stored chunks.</summary>
    public int Count { get; private set; }

    /// <summary>The number of bytes, stored or in memory.</summary>
    public long Length => _stored + _filled;

    /// <summary>The bytes after the last stored chunk.</summary>
    public ReadOnlySpan<byte> Tail => _chunk.AsSpan(0, _filled);

    /// <summary>The digests of the stored chunks.</summary>
    public ReadOnlySpan<byte> Digests => _digests.AsSpan(0, Count * ChunkDigest.Bytes);

    /// <summary>True if the last stored chunk is shorter than the others. No bytes can then be added.</summary>
    public bool HasEnded => _stored % chunkBytes != 0;

    /// <summary>Adds bytes, and stores each chunk that is full.</summary>
    /// <exception cref="EstreamStorageException">The disk is full. The first <see cref="Length"/> bytes are kept.</exception>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int count = Math.Min(bytes.Length, chunkBytes - _filled);
            bytes[..count].CopyTo(_chunk.AsSpan(_filled));
            _filled += count;
            bytes = bytes[count..];
            if (_filled == chunkBytes)
            {
                StoreOrRevert(count);
            }
        }
    }

    /// <summary>Stores the bytes after the last full chunk as the last chunk.</summary>
    /// <exception cref="EstreamStorageException">The disk is full. Nothing changed.</exception>
    public void StoreTail()
    {
        if (_filled > 0)
        {
            Store();
        }
    }

    /// <summary>Counts a chunk found in the store.</summary>
    public void Adopt(ReadOnlySpan<byte> chunk)
    {
        int at = Count * ChunkDigest.Bytes;
        if (at == _digests.Length)
        {
            Array.Resize(ref _digests, 2 * at);
        }

        ChunkDigest.OfChunk(chunk, _digests.AsSpan(at, ChunkDigest.Bytes));
        Count++;
        _stored += chunk.Length;
    }

    /// <summary>Writes the manifest of the object.</summary>
    /// <returns>The length of the manifest.</returns>
    public int WriteManifest(Span<byte> destination, long begun, ReadOnlySpan<byte> name, ReadOnlySpan<byte> mediaType)
    {
        Span<byte> root = stackalloc byte[ChunkDigest.Bytes];
        ChunkDigest.OfTree(Digests, root);
        MediaManifestRecord.Writer writer = MediaManifestRecord.Write(destination);
        writer.SetObject(id);
        writer.Begun = begun;
        writer.SetName(name);
        writer.SetMediaType(mediaType);
        writer.TotalBytes = _stored;
        writer.ChunkBytes = chunkBytes;
        writer.SetRoot(root);
        writer.SetDigests(Digests);
        return writer.Length;
    }

    /// <summary>Removes all chunks of an object, from the last to the first. After a crash, a later call therefore finds all remaining
    /// chunks.</summary>
    public static void Remove(ByteMap store, ReadOnlySpan<byte> id)
    {
        Span<byte> key = stackalloc byte[MediaKeys.ChunkKeyBytes];
        int count = 0;
        while (store.ContainsKey(MediaKeys.OfChunk(id, count, key)))
        {
            count++;
        }

        while (count > 0)
        {
            _ = store.Remove(MediaKeys.OfChunk(id, --count, key));
        }
    }

    // Length must count kept bytes only: if a chunk cannot be stored, the bytes of this call are not counted, and the caller keeps them.
    private void StoreOrRevert(int added)
    {
        try
        {
            Store();
        }
        catch
        {
            _filled -= added;
            throw;
        }
    }

    private void Store()
    {
        Span<byte> key = stackalloc byte[MediaKeys.ChunkKeyBytes];
        ReadOnlySpan<byte> chunk = Tail;
        store.Put(MediaKeys.OfChunk(id, Count, key), chunk);
        Adopt(chunk);
        _filled = 0;
    }
}
