using System.Security.Cryptography;
using System.Text;
using Estream.Core;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Internal;
using Estream.Streams.Media;

namespace Estream.Streams;

/// <summary>
/// Stores large objects: their chunks go into a byte map, the store. When an object is complete, one message in a queue publishes it, with
/// the digest of each chunk. Readers therefore see an object completely or not at all, even if this process crashes at any moment.
/// </summary>
/// <remarks>Not thread-safe: use it on one thread at a time, with one writer per store, as the map requires. Several uploads may be
/// open.</remarks>
public sealed class EsfMediaWriter : IDisposable
{
    private readonly EstreamQueue _queue;
    private readonly IClock _clock;
    private readonly QueueAppender _appender;
    private readonly Dictionary<string, EsfMediaUpload> _open = [];

    /// <summary>Creates a writer that stores chunks in a map and publishes objects in a queue. The caller still disposes both.</summary>
    /// <param name="queue">The queue of manifests.</param>
    /// <param name="store">The map of chunks, open for writing and used for nothing else. It belongs to this queue.</param>
    /// <param name="clock">The clock for the start times of uploads; the system clock by default.</param>
    /// <exception cref="InvalidOperationException">Queue or map was opened read-only.</exception>
    /// <exception cref="EstreamLeaseException">The queue has an exclusive appender.</exception>
    /// <exception cref="EstreamStorageException">A segment could not be created or opened.</exception>
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

    /// <summary>Starts an upload.</summary>
    /// <param name="name">The name of the object, for people and programs: at most <see cref="EsfMedia.MaxNameBytes"/> bytes.</param>
    /// <param name="mediaType">The media type; may be empty.</param>
    /// <param name="chunkBytes">The length of a chunk in bytes; a chunk is read and verified as a unit.</param>
    /// <exception cref="ArgumentException">The name or media type is too long, or the length of a chunk is out of range.</exception>
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

    /// <summary>Resumes an interrupted upload. Reads its stored chunks to compute their digests.</summary>
    /// <param name="id">The <see cref="EsfMediaUpload.Id"/> of the upload.</param>
    /// <returns>The upload; continue writing at its <see cref="EsfMediaUpload.Length"/>. Null if it cannot be resumed because it was
    /// committed, aborted or removed.</returns>
    /// <exception cref="ArgumentException"><paramref name="id"/> is not a valid id.</exception>
    /// <exception cref="InvalidOperationException">The upload is open.</exception>
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

    /// <summary>Returns the ids of uploads that were neither committed nor aborted and are not open in this writer, to be resumed or
    /// removed.</summary>
    public IReadOnlyList<string> ListInterrupted() => [.. Interrupted(long.MaxValue).Select(Convert.ToHexStringLower)];

    /// <summary>Removes interrupted uploads with all their chunks; complete objects are kept. Scans the store and the queue.</summary>
    /// <param name="age">The minimum time since the start of an upload to remove; zero for all uploads that are not open in this
    /// writer.</param>
    /// <returns>The number of uploads removed.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="age"/> is negative.</exception>
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

    /// <summary>Removes a complete object. Its manifest stays in the queue; reading the object then throws
    /// <see cref="EstreamStorageException"/>.</summary>
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

    /// <summary>Closes open uploads, which can be resumed. Idempotent.</summary>
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

    // Removes the chunks first, so that a later call finds the upload record after a crash.
    internal void RemoveUpload(ReadOnlySpan<byte> id)
    {
        Span<byte> key = stackalloc byte[MediaKeys.UploadKeyBytes];
        MediaChunks.Remove(Store, id);
        _ = Store.Remove(MediaKeys.OfUpload(id, key));
        _ = _open.Remove(Convert.ToHexStringLower(id));
    }

    internal void Close(EsfMediaUpload upload) => _open.Remove(upload.Id);

    private EsfMediaUpload Track(EsfMediaUpload upload)
    {
        _open.Add(upload.Id, upload);
        return upload;
    }

    // If the process crashed between appending the manifest and removing the upload record, the upload is complete: only the record is
    // removed.
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
            HashSet<string> complete = MediaManifests.Ids(_queue);
            Span<byte> key = stackalloc byte[MediaKeys.UploadKeyBytes];
            foreach (byte[] id in found.Where(id => complete.Contains(Convert.ToHexStringLower(id))))
            {
                _ = Store.Remove(MediaKeys.OfUpload(id, key));
            }

            _ = found.RemoveAll(id => complete.Contains(Convert.ToHexStringLower(id)));
        }

        return found;
    }

    private bool HasCompleted(ReadOnlySpan<byte> id) => MediaManifests.Ids(_queue).Contains(Convert.ToHexStringLower(id));

    private static byte[] IdOf(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        try
        {
            return id.Length == 2 * MediaKeys.ObjectBytes ? Convert.FromHexString(id) : throw new FormatException();
        }
        catch (FormatException)
        {
            throw new ArgumentException($"'{id}' is not a valid upload id: an id has 64 hexadecimal digits.", nameof(id));
        }
    }
}

/// <summary>The limits of large objects.</summary>
public static class EsfMedia
{
    /// <summary>The default length of a chunk in bytes: 1 MiB.</summary>
    public const int DefaultChunkBytes = 1 << 20;

    /// <summary>The minimum length of a chunk in bytes: 1 KiB.</summary>
    public const int MinChunkBytes = 1 << 10;

    /// <summary>The maximum length of a chunk in bytes: 16 MiB.</summary>
    public const int MaxChunkBytes = 16 << 20;

    /// <summary>The maximum number of chunks of an object. The queue must accept a message with 32 bytes for each chunk.</summary>
    public const int MaxChunks = 1 << 20;

    /// <summary>The maximum length of a name, in bytes of UTF-8.</summary>
    public const int MaxNameBytes = 256;

    /// <summary>The maximum length of a media type, in bytes of UTF-8.</summary>
    public const int MaxMediaTypeBytes = 128;
}
