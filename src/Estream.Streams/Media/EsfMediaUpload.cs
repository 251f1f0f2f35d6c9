using System.Text;
using Estream.Core;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Media;

namespace Estream.Streams;

/// <summary>
/// A large object on its way in. <see cref="Write"/> its bytes, in pieces of any length; <see cref="Commit"/> shows it, whole. Nobody sees
/// anything of it before. Disposing without committing leaves what was written in whole chunks, to be resumed or removed; so does the death
/// of the process.
/// </summary>
/// <remarks>One thread at a time, of all that use its writer. Holds one chunk in memory, and 32 bytes for each that is written.</remarks>
public sealed class EsfMediaUpload : IDisposable
{
    private readonly EsfMediaWriter _writer;
    private readonly byte[] _id;
    private readonly byte[] _name;
    private readonly byte[] _mediaType;
    private readonly long _begun;
    private readonly byte[] _chunk;
    private byte[] _digests = new byte[64 * ChunkDigest.Bytes];
    private int _filled;
    private long _stored;
    private bool _isOver;

    internal EsfMediaUpload(EsfMediaWriter writer, ReadOnlySpan<byte> id, in MediaManifestRecord.View begun)
    {
        _writer = writer;
        _id = id.ToArray();
        _name = begun.Name.ToArray();
        _mediaType = begun.MediaType.ToArray();
        _begun = begun.Begun;
        _chunk = new byte[begun.ChunkBytes];
        Id = Convert.ToHexStringLower(id);
    }

    /// <summary>What names the object for good, and the upload when it is resumed: 64 hexadecimal digits.</summary>
    public string Id { get; }

    /// <summary>The name of the object.</summary>
    public string Name => Encoding.UTF8.GetString(_name);

    /// <summary>Bytes so far. After a resumption: where to go on in what is uploaded.</summary>
    public long Length => _stored + _filled;

    internal int Chunks { get; private set; }

    /// <summary>Adds bytes to the object.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <exception cref="InvalidOperationException">The upload is over or a commit was tried, or the object would have more than
    /// <see cref="EsfMedia.MaxChunks"/> chunks, or more than its queue can tell of.</exception>
    /// <exception cref="EstreamStorageException">The disk is full. What <see cref="Length"/> says is there; go on from it when there is
    /// space.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        RequireOpen();
        if (bytes.Length > 0 && _stored % _chunk.Length != 0)
        {
            throw new InvalidOperationException(
                "The last chunk of this upload is stored, since a commit was tried. Commit it again; or dispose it, resume it, and "
                + "write on.");
        }

        while (bytes.Length > 0)
        {
            int count = Math.Min(bytes.Length, _chunk.Length - _filled);
            bytes[..count].CopyTo(_chunk.AsSpan(_filled));
            _filled += count;
            bytes = bytes[count..];
            if (_filled == _chunk.Length)
            {
                StoreOrRevert(count);
            }
        }
    }

    /// <summary>Shows the object, whole. Its chunks are on the device before.</summary>
    /// <param name="durability">What the object shall survive; that of the page cache by default.</param>
    /// <returns>The position at which the queue tells of it.</returns>
    /// <exception cref="InvalidOperationException">The upload is over.</exception>
    /// <exception cref="EstreamStorageException">The disk is full, or the device refused. Nothing is visible; try again, or dispose it and
    /// resume later.</exception>
    public long Commit(Durability durability = default)
    {
        RequireOpen();
        if (_filled > 0)
        {
            Store();
        }

        long position = _writer.Publish(this, durability);
        _isOver = true;
        return position;
    }

    /// <summary>Gives the upload up and removes what was written of it.</summary>
    /// <exception cref="InvalidOperationException">The upload is over.</exception>
    public void Abort()
    {
        RequireOpen();
        _isOver = true;
        _writer.RemoveUpload(_id);
    }

    /// <summary>Leaves the upload to be resumed if it was neither committed nor aborted; less than a chunk at its end is lost.
    /// Idempotent.</summary>
    public void Dispose()
    {
        _isOver = true;
        _writer.Close(this);
    }

    /// <summary>Takes a chunk for written that was found in the store.</summary>
    internal void Adopt(ReadOnlySpan<byte> chunk) => AddDigest(chunk);

    internal int ManifestLength => MediaManifestRecord.FixedLength + _name.Length + _mediaType.Length + (Chunks * ChunkDigest.Bytes);

    internal int WriteManifest(Span<byte> destination)
    {
        Span<byte> root = stackalloc byte[ChunkDigest.Bytes];
        ReadOnlySpan<byte> digests = _digests.AsSpan(0, Chunks * ChunkDigest.Bytes);
        ChunkDigest.OfTree(digests, root);
        MediaManifestRecord.Writer writer = MediaManifestRecord.Write(destination);
        writer.SetObject(_id);
        writer.Begun = _begun;
        writer.SetName(_name);
        writer.SetMediaType(_mediaType);
        writer.TotalBytes = _stored;
        writer.ChunkBytes = _chunk.Length;
        writer.SetRoot(root);
        writer.SetDigests(digests);
        return writer.Length;
    }

    internal ReadOnlySpan<byte> IdBytes => _id;

    // What was counted is what is there: bytes of a chunk that could not be stored are the caller's again.
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
        if (Chunks >= EsfMedia.MaxChunks || ManifestLength + ChunkDigest.Bytes > _writer.MaxManifestBytes)
        {
            throw new InvalidOperationException(
                $"Object {Id} ('{Name}') has {Chunks} chunks, and no more fit: at most {EsfMedia.MaxChunks}, and their digests in one "
                + "message of the queue. Use larger chunks, or a queue of larger segments.");
        }

        Span<byte> key = stackalloc byte[MediaKeys.ChunkKeyBytes];
        ReadOnlySpan<byte> chunk = _chunk.AsSpan(0, _filled);
        _writer.Store.Put(MediaKeys.OfChunk(_id, Chunks, key), chunk);
        AddDigest(chunk);
        _filled = 0;
    }

    private void AddDigest(ReadOnlySpan<byte> chunk)
    {
        int at = Chunks * ChunkDigest.Bytes;
        if (at == _digests.Length)
        {
            Array.Resize(ref _digests, 2 * at);
        }

        ChunkDigest.OfChunk(chunk, _digests.AsSpan(at, ChunkDigest.Bytes));
        Chunks++;
        _stored += chunk.Length;
    }

    private void RequireOpen()
    {
        if (_isOver)
        {
            throw new InvalidOperationException(
                "This upload is over: it was committed, aborted or disposed. Begin another one, or resume it.");
        }
    }
}
