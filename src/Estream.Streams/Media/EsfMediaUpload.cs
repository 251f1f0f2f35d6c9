using System.Text;
using Estream.Core;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Media;

namespace Estream.Streams;

/// <summary>
/// An upload of a large object. <see cref="Write"/> its bytes in pieces of any length; <see cref="Commit"/> makes the complete object
/// visible. Readers see nothing of the object before the commit. If the upload is disposed without a commit, or the process crashes, the
/// complete chunks written so far remain, to be resumed or removed.
/// </summary>
/// <remarks>Not thread-safe: use the writer and all its uploads on one thread at a time. Holds one chunk in memory, and 32 bytes for each
/// chunk written.</remarks>
public sealed class EsfMediaUpload : IDisposable
{
    private readonly EsfMediaWriter _writer;
    private readonly byte[] _name;
    private readonly byte[] _mediaType;
    private readonly long _begun;
    private readonly MediaChunks _chunks;
    private bool _isOver;

    internal EsfMediaUpload(EsfMediaWriter writer, ReadOnlySpan<byte> id, in MediaManifestRecord.View begun)
    {
        _writer = writer;
        _name = begun.Name.ToArray();
        _mediaType = begun.MediaType.ToArray();
        _begun = begun.Begun;
        _chunks = new MediaChunks(writer.Store, id.ToArray(), begun.ChunkBytes);
        Id = Convert.ToHexStringLower(id);
    }

    /// <summary>The permanent id of the object, with which the upload can be resumed (<see cref="EsfMediaWriter.Resume"/>): 64 hexadecimal
    /// digits.</summary>
    public string Id { get; }

    /// <summary>The name of the object.</summary>
    public string Name => Encoding.UTF8.GetString(_name);

    /// <summary>The number of bytes written so far. After a resumption: the offset in the source at which to continue.</summary>
    public long Length => _chunks.Length;

    internal int Chunks => _chunks.Count;

    /// <summary>Adds bytes to the object.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <exception cref="InvalidOperationException">The upload has ended or a commit was attempted; or the object would have more than
    /// <see cref="EsfMedia.MaxChunks"/> chunks, or more chunks than a manifest in its queue can list.</exception>
    /// <exception cref="EstreamStorageException">The disk is full. The first <see cref="Length"/> bytes are kept; continue from there when
    /// there is space.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        RequireOpen();
        if (bytes.Length > 0 && _chunks.HasEnded)
        {
            throw new InvalidOperationException(
                "The last chunk of this upload is stored, because a commit was attempted. Commit it again; or dispose it, resume it, "
                + "and continue writing.");
        }

        while (bytes.Length > 0)
        {
            int count = Math.Min(bytes.Length, _chunks.ChunkBytes - _chunks.Tail.Length);
            if (_chunks.Tail.Length + count == _chunks.ChunkBytes)
            {
                RequireRoom();
            }

            _chunks.Add(bytes[..count]);
            bytes = bytes[count..];
        }
    }

    /// <summary>Makes the complete object visible, after flushing its chunks.</summary>
    /// <param name="durability">The durability of the object's manifest; the page cache by default.</param>
    /// <returns>The position of the object's manifest in the queue.</returns>
    /// <exception cref="InvalidOperationException">The upload has ended.</exception>
    /// <exception cref="EstreamStorageException">The disk is full, or a flush failed. Nothing is visible; try again, or dispose the upload
    /// and resume it later.</exception>
    public long Commit(Durability durability = default)
    {
        RequireOpen();
        if (_chunks.Tail.Length > 0)
        {
            RequireRoom();
        }

        _chunks.StoreTail();
        long position = _writer.Publish(this, durability);
        _isOver = true;
        return position;
    }

    /// <summary>Aborts the upload and removes the chunks written so far.</summary>
    /// <exception cref="InvalidOperationException">The upload has ended.</exception>
    public void Abort()
    {
        RequireOpen();
        _isOver = true;
        _writer.RemoveUpload(_chunks.Id);
    }

    /// <summary>Closes the upload. If it was neither committed nor aborted, it can be resumed; an incomplete chunk at its end is lost.
    /// Idempotent.</summary>
    public void Dispose()
    {
        _isOver = true;
        _writer.Close(this);
    }

    /// <summary>Counts a chunk found in the store as written.</summary>
    internal void Adopt(ReadOnlySpan<byte> chunk) => _chunks.Adopt(chunk);

    internal int ManifestLength => MediaManifestRecord.FixedLength + _name.Length + _mediaType.Length + (Chunks * ChunkDigest.Bytes);

    internal int WriteManifest(Span<byte> destination) => _chunks.WriteManifest(destination, _begun, _name, _mediaType);

    internal ReadOnlySpan<byte> IdBytes => _chunks.Id;

    private void RequireRoom()
    {
        if (Chunks >= EsfMedia.MaxChunks || ManifestLength + ChunkDigest.Bytes > _writer.MaxManifestBytes)
        {
            throw new InvalidOperationException(
                $"Object {Id} ('{Name}') has {Chunks} chunks, and no more fit: the maximum is {EsfMedia.MaxChunks}, and the digests of all "
                + "chunks must fit in one message of the queue. Use larger chunks, or a queue with larger segments.");
        }
    }

    private void RequireOpen()
    {
        if (_isOver)
        {
            throw new InvalidOperationException(
                "This upload has ended: it was committed, aborted or disposed. Begin another upload; one that was only disposed can be "
                + "resumed.");
        }
    }
}
