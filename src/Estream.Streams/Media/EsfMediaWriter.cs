using System.Security.Cryptography;
using System.Text;
using Estream.Core;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Internal;
using Estream.Streams.Media;

namespace Estream.Streams;

/// <summary>
/// Takes large objects in: their chunks go into a map of bytes, the store, and when an object is complete one message in a queue says so,
/// with the digest of each chunk. So it is seen whole or not at all, also when this process is killed at any moment.
/// </summary>
/// <remarks>One thread at a time, and one writer for a store, which is the map's rule. Several uploads may be open.</remarks>
public sealed class EsfMediaWriter : IDisposable
{
    private readonly EstreamQueue _queue;
    private readonly IClock _clock;
    private readonly QueueAppender _appender;
    private readonly Dictionary<string, EsfMediaUpload> _open = [];

    /// <summary>Takes objects into a store and tells of them in a queue; both stay the caller's to dispose.</summary>
    /// <param name="queue">The queue of manifests.</param>
    /// <param name="store">The map of chunks, open for writing and used for nothing else. It belongs to this queue.</param>
    /// <param name="clock">What dates uploads; that of the machine by default.</param>
    /// <exception cref="InvalidOperationException">Queue or map was opened read-only.</exception>
    /// <exception cref="EstreamLeaseException">The queue has an exclusive appender.</exception>
    /// <exception cref="EstreamStorageException">A segment could not be made or opened.</exception>
    public EsfMediaWriter(EstreamQueue queue, ByteMap store, IClock? clock = null)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentNullException.ThrowIfNull(store);
        if (store.IsReadOnly)
        {
            throw new InvalidOperationException($"The store '{store.Directory}' was opened read-only. Use ByteMap.Open.");
        }

        _queue = queue;
        _clock = clock ?? SystemClock.Instance;
        Store = store;
        _appender = queue.CreateAppender();
    }

    internal ByteMap Store { get; }

    internal int MaxManifestBytes => _queue.MaxMessageBytes;

    /// <summary>Begins an upload.</summary>
    /// <param name="name">The name of the object, for people and programs: at most <see cref="EsfMedia.MaxNameBytes"/>.</param>
    /// <param name="mediaType">What it is; may be empty.</param>
    /// <param name="chunkBytes">Bytes of a chunk: what is read and checked as one.</param>
    /// <exception cref="ArgumentException">A text is too long, or the length of a chunk is out of range.</exception>
    /// <exception cref="EstreamStorageException">The disk is full.</exception>
    public EsfMediaUpload Begin(string name, string mediaType = "", int chunkBytes = EsfMedia.DefaultChunkBytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(mediaType);
        ArgumentOutOfRangeException.ThrowIfLessThan(chunkBytes, EsfMedia.MinChunkBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chunkBytes, EsfMedia.MaxChunkBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Encoding.UTF8.GetByteCount(name), EsfMedia.MaxNameBytes, nameof(name));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Encoding.UTF8.GetByteCount(mediaType), EsfMedia.MaxMediaTypeBytes,
            nameof(mediaType));
        byte[] id = RandomNumberGenerator.GetBytes(MediaKeys.ObjectBytes);
        byte[] record = new byte[MediaManifestRecord.FixedLength + EsfMedia.MaxNameBytes + EsfMedia.MaxMediaTypeBytes];
        MediaManifestRecord.Writer writer = MediaManifestRecord.Write(record);
        writer.SetObject(id);
        writer.Begun = _clock.UtcNanos;
        writer.SetName(name);
        writer.SetMediaType(mediaType);
        writer.ChunkBytes = chunkBytes;
        writer.SetDigests(default);
        Span<byte> key = stackalloc byte[MediaKeys.UploadKeyBytes];
        Store.Put(MediaKeys.OfUpload(id, key), record.AsSpan(0, writer.Length));
        return Track(new EsfMediaUpload(this, id, MediaManifestRecord.View.Of(record.AsSpan(0, writer.Length))));
    }

    /// <summary>Goes on with an upload that was left. Reads what is there of it, for the digests.</summary>
    /// <param name="id">Its <see cref="EsfMediaUpload.Id"/>.</param>
    /// <returns>The upload; write on from its <see cref="EsfMediaUpload.Length"/>. Null if there is none to go on with: it was committed,
    /// aborted or removed.</returns>
    /// <exception cref="ArgumentException">This is no id.</exception>
    /// <exception cref="InvalidOperationException">It is open.</exception>
    public EsfMediaUpload? Resume(string id)
    {
        byte[] bytes = IdOf(id);
        if (_open.ContainsKey(Convert.ToHexStringLower(bytes)))
        {
            throw new InvalidOperationException($"The upload {id} is open. Dispose it first.");
        }

        Span<byte> key = stackalloc byte[MediaKeys.ChunkKeyBytes];
        if (!Store.TryGet(MediaKeys.OfUpload(bytes, key), out byte[]? record) || HasCompleted(bytes))
        {
            return null;
        }

        MediaManifestRecord.View begun = MediaManifestRecord.View.Of(record);
        var upload = new EsfMediaUpload(this, bytes, in begun);
        byte[] chunk = new byte[begun.ChunkBytes];
        while (Store.TryGet(MediaKeys.OfChunk(bytes, upload.Chunks, key), chunk, out int length).IsOk && length == chunk.Length)
        {
            upload.Adopt(chunk);
        }

        return Track(upload);
    }

    /// <summary>The uploads that were begun and neither committed nor aborted, and are not open here: to be resumed or removed.</summary>
    public IReadOnlyList<string> ListInterrupted() => [.. Interrupted(long.MaxValue).Select(Convert.ToHexStringLower)];

    /// <summary>Removes uploads that were left, with all their chunks; what is complete stays. Goes through the store and the
    /// queue.</summary>
    /// <param name="age">Only those that were begun so long ago; zero for all that are not open here.</param>
    /// <returns>How many uploads were removed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The age is negative.</exception>
    public int RemoveInterrupted(TimeSpan age)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(age, TimeSpan.Zero);
        List<byte[]> interrupted = Interrupted(_clock.UtcNanos - (age.Ticks * TimeSpan.NanosecondsPerTick));
        foreach (byte[] id in interrupted)
        {
            RemoveUpload(id);
        }

        return interrupted.Count;
    }

    /// <summary>Removes an object that is complete. The queue still tells of it; who opens it then is told that it is gone.</summary>
    /// <param name="media">The object.</param>
    public void Remove(EsfMediaObject media)
    {
        ArgumentNullException.ThrowIfNull(media);
        Span<byte> key = stackalloc byte[MediaKeys.ChunkKeyBytes];
        for (int chunk = 0; chunk < media.ChunkCount; chunk++)
        {
            _ = Store.Remove(MediaKeys.OfChunk(media.IdBytes, chunk, key));
        }
    }

    /// <summary>Leaves open uploads to be resumed. Idempotent.</summary>
    public void Dispose()
    {
        foreach (EsfMediaUpload upload in _open.Values.ToArray())
        {
            upload.Dispose();
        }

        _appender.Dispose();
    }

    internal long Publish(EsfMediaUpload upload, Durability durability)
    {
        Store.Flush();
        using AppendClaim claim = _appender.Claim(upload.ManifestLength);
        claim.Commit(upload.WriteManifest(claim.Span), durability);
        Span<byte> key = stackalloc byte[MediaKeys.UploadKeyBytes];
        _ = Store.Remove(MediaKeys.OfUpload(upload.IdBytes, key));
        Close(upload);
        return claim.Position;
    }

    // From the last chunk to the first, and then the record of the upload: what a kill leaves is found again.
    internal void RemoveUpload(ReadOnlySpan<byte> id)
    {
        Span<byte> key = stackalloc byte[MediaKeys.ChunkKeyBytes];
        int count = 0;
        while (Store.ContainsKey(MediaKeys.OfChunk(id, count, key)))
        {
            count++;
        }

        while (count > 0)
        {
            _ = Store.Remove(MediaKeys.OfChunk(id, --count, key));
        }

        _ = Store.Remove(MediaKeys.OfUpload(id, key));
        _ = _open.Remove(Convert.ToHexStringLower(id));
    }

    internal void Close(EsfMediaUpload upload) => _open.Remove(upload.Id);

    private EsfMediaUpload Track(EsfMediaUpload upload)
    {
        _open.Add(upload.Id, upload);
        return upload;
    }

    // One whose process was killed between the manifest and the removal of this record is complete: the record alone goes.
    private List<byte[]> Interrupted(long begunBefore)
    {
        List<byte[]> found = [];
        foreach (ByteMapEntry entry in Store)
        {
            if (MediaKeys.IsUpload(entry.Key) && MediaManifestRecord.View.Of(entry.Value).Begun <= begunBefore
                && !_open.ContainsKey(Convert.ToHexStringLower(MediaKeys.ObjectOf(entry.Key))))
            {
                found.Add(MediaKeys.ObjectOf(entry.Key).ToArray());
            }
        }

        if (found.Count > 0)
        {
            HashSet<string> complete = Complete();
            Span<byte> key = stackalloc byte[MediaKeys.UploadKeyBytes];
            foreach (byte[] id in found.Where(id => complete.Contains(Convert.ToHexStringLower(id))))
            {
                _ = Store.Remove(MediaKeys.OfUpload(id, key));
            }

            _ = found.RemoveAll(id => complete.Contains(Convert.ToHexStringLower(id)));
        }

        return found;
    }

    private bool HasCompleted(ReadOnlySpan<byte> id) => Complete().Contains(Convert.ToHexStringLower(id));

    private HashSet<string> Complete()
    {
        HashSet<string> complete = [];
        using QueueTailer tailer = _queue.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            if (Message.TryView(message.Payload, message.Position, out MediaManifestRecord.View manifest))
            {
                complete.Add(Convert.ToHexStringLower(manifest.Object));
            }
        }

        return complete;
    }

    private static byte[] IdOf(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        try
        {
            return id.Length == 2 * MediaKeys.ObjectBytes ? Convert.FromHexString(id) : throw new FormatException();
        }
        catch (FormatException)
        {
            throw new ArgumentException($"'{id}' is no id of an upload: it has 64 hexadecimal digits.", nameof(id));
        }
    }
}

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
