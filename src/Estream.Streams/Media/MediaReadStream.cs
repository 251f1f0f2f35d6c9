using Estream.Core;
using Estream.Map;

namespace Estream.Streams.Media;

/// <summary>Reads an object chunk by chunk; each chunk is verified completely before any of it is returned.</summary>
internal sealed class MediaReadStream(EsfMediaObject media, ByteMap store) : Stream
{
    private const int NoChunk = -1;

    private readonly byte[] _chunk = new byte[media.ChunkCount == 0 ? 0 : media.LengthOf(0)];
    private int _inHand = NoChunk;
    private long _position;
    private bool _isDisposed;

    public override bool CanRead => !_isDisposed;

    public override bool CanSeek => !_isDisposed;

    public override bool CanWrite => false;

    public override long Length => media.Length;

    public override long Position
    {
        get => _position;
        set => Seek(value, SeekOrigin.Begin);
    }

    /// <exception cref="EstreamCorruptionException">A chunk does not match its digest.</exception>
    /// <exception cref="EstreamStorageException">The object was removed.</exception>
    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        long left = media.Length - _position;
        if (left <= 0 || buffer.Length == 0)
        {
            return 0;
        }

        int index = (int)(_position / media.ChunkBytes);
        Take(index);
        int from = (int)(_position - ((long)index * media.ChunkBytes));
        int count = Math.Min(buffer.Length, media.LengthOf(index) - from);
        _chunk.AsSpan(from, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        long position = offset + origin switch
        {
            SeekOrigin.Begin => 0,
            SeekOrigin.Current => _position,
            SeekOrigin.End => media.Length,
            _ => throw new ArgumentException($"Origin {(int)origin} is not valid.", nameof(origin)),
        };
        ArgumentOutOfRangeException.ThrowIfNegative(position, nameof(offset));
        return _position = position;
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException("A complete object cannot be changed.");

    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("A complete object cannot be changed.");

    protected override void Dispose(bool disposing)
    {
        _isDisposed = true;
        base.Dispose(disposing);
    }

    private void Take(int index)
    {
        if (index == _inHand)
        {
            return;
        }

        _inHand = NoChunk;
        Span<byte> key = stackalloc byte[MediaKeys.ChunkKeyBytes];
        int length = media.LengthOf(index);
        Status status = store.TryGet(MediaKeys.OfChunk(media.IdBytes, index, key), _chunk, out int stored);
        if (status.IsNotFound)
        {
            throw new EstreamStorageException(
                $"Chunk {index} of object {media.Id} ('{media.Name}') is not in '{store.Directory}': the object was removed, or is in "
                + "another store.", store.Directory, StorageFailure.NotFound);
        }

        Span<byte> digest = stackalloc byte[ChunkDigest.Bytes];
        if (status.IsOk && stored == length)
        {
            ChunkDigest.OfChunk(_chunk.AsSpan(0, length), digest);
            if (digest.SequenceEqual(media.DigestOf(index)))
            {
                _inHand = index;
                return;
            }
        }

        throw new EstreamCorruptionException(
            $"Chunk {index} of object {media.Id} ('{media.Name}') in '{store.Directory}' does not match its digest. "
            + "Restore the store from a copy.", store.Directory);
    }
}
