using Estream.Core;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.TestProcess.Patterns;
using Estream.Testing;

namespace Estream.Streams.Tests.Patterns;

/// <summary>Large objects are complete or absent, verified while they are read, and resumed or removed after an interruption.</summary>
public sealed class MediaTests : IDisposable
{
    private const int ChunkBytes = MediaProgram.ChunkBytes;

    private readonly TempDirectory _directory = new();
    private readonly EstreamQueue _queue;
    private ByteMap _store;
    private EsfMediaWriter _writer;

    public MediaTests()
    {
        _queue = EstreamQueue.Open(MediaProgram.QueueOf(_directory.Path), new QueueOptions { SegmentBytes = 1 << 20 });
        _store = ByteMap.Open(MediaProgram.StoreOf(_directory.Path));
        _writer = new EsfMediaWriter(_queue, _store);
    }

    public void Dispose()
    {
        _writer.Dispose();
        _store.Dispose();
        _queue.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Invalid_arguments_are_refused()
    {
        Assert.ThrowsAny<ArgumentException>(() => _writer.Begin(""));
        Assert.ThrowsAny<ArgumentException>(() => _writer.Begin(new string('a', 257)));
        Assert.ThrowsAny<ArgumentException>(() => _writer.Begin("a", new string('a', 129)));
        Assert.ThrowsAny<ArgumentException>(() => _writer.Begin("a", "", EsfMedia.MinChunkBytes - 1));
        Assert.ThrowsAny<ArgumentException>(() => _writer.Begin("a", "", EsfMedia.MaxChunkBytes + 1));
        Assert.Throws<ArgumentException>(() => _writer.Resume("no id"));
        Assert.Throws<ArgumentException>(() => _writer.Resume(new string('x', 64)));
        Assert.Null(_writer.Resume(new string('0', 64)));
        EsfMediaUpload upload = _writer.Begin("a");
        Assert.Throws<InvalidOperationException>(() => _writer.Resume(upload.Id));
        upload.Abort();
        Assert.Throws<InvalidOperationException>(() => upload.Write("late"u8));
        Assert.Throws<InvalidOperationException>(() => upload.Commit());
        using ByteMap readOnly = ByteMap.OpenReadOnly(_store.Directory!);
        Assert.Throws<InvalidOperationException>(() => new EsfMediaWriter(_queue, readOnly));
        Assert.Equal(0, _store.Count);
        Assert.Empty(Objects());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(ChunkBytes - 1)]
    [InlineData(ChunkBytes)]
    [InlineData(ChunkBytes + 1)]
    [InlineData((5 * ChunkBytes) + 77)]
    public void Object_becomes_visible_with_its_commit_and_is_read_unchanged(int length)
    {
        byte[] content = Content(length);
        using EsfMediaUpload upload = _writer.Begin("film", "video/mp4", ChunkBytes);
        foreach (byte[] piece in content.Chunk(1_000))
        {
            upload.Write(piece);
        }

        Assert.Equal(length, upload.Length);
        Assert.Empty(Objects());
        upload.Commit();
        EsfMediaObject media = Assert.Single(Objects());
        Assert.Equal((upload.Id, "film", "video/mp4", length, ChunkBytes),
            (media.Id, media.Name, media.MediaType, (int)media.Length, media.ChunkBytes));
        Assert.Equal(content, Read(media));
        Assert.Empty(_writer.ListInterrupted());
    }

    [Fact]
    public void Any_range_can_be_read()
    {
        byte[] content = Content((3 * ChunkBytes) + 500);
        using Stream stream = Upload(content).OpenRead(_store);
        var random = new Random(1);
        byte[] buffer = new byte[content.Length];
        for (int i = 0; i < 200; i++)
        {
            int from = random.Next(content.Length);
            int count = random.Next(content.Length - from);
            stream.Position = from;
            stream.ReadExactly(buffer, 0, count);
            Assert.Equal(content.AsSpan(from, count), buffer.AsSpan(0, count));
        }

        Assert.Equal(content.Length - 1, stream.Seek(-1, SeekOrigin.End));
        Assert.Equal(1, stream.Read(buffer));
        Assert.Equal(0, stream.Read(buffer));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Seek(-1, SeekOrigin.Begin));
        Assert.Throws<NotSupportedException>(() => stream.WriteByte(1));
    }

    [Fact]
    public void Digest_is_the_Merkle_root_of_the_chunks()
    {
        EsfMediaObject media = Upload(Content((2 * ChunkBytes) + 1));
        byte[][] leaves = [.. Content((2 * ChunkBytes) + 1).Chunk(ChunkBytes).Select(chunk => Sha([0, .. chunk]))];
        byte[] root = Sha([1, .. Sha([1, .. leaves[0], .. leaves[1]]), .. leaves[2]]);
        Assert.Equal(Convert.ToHexStringLower(root), media.Digest);
        Assert.Equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Upload([]).Digest);
    }

    [Fact]
    public void Changed_chunk_throws_before_any_of_its_bytes_are_returned()
    {
        byte[] content = Content(3 * ChunkBytes);
        EsfMediaObject media = Upload(content);
        byte[] second = content[ChunkBytes..(2 * ChunkBytes)];
        second[9] ^= 1;
        Replace(content.AsSpan(ChunkBytes, ChunkBytes), second);
        using Stream stream = media.OpenRead(_store);
        byte[] buffer = new byte[ChunkBytes];
        stream.ReadExactly(buffer);
        Assert.Equal(content[..ChunkBytes], buffer);
        Array.Clear(buffer);
        Assert.Contains("Chunk 1", Assert.Throws<EstreamCorruptionException>(() => stream.Read(buffer)).Message, StringComparison.Ordinal);
        Assert.All(buffer, b => Assert.Equal(0, b));
        stream.Position = 2 * ChunkBytes;
        stream.ReadExactly(buffer);
        Assert.Equal(content[(2 * ChunkBytes)..], buffer);
    }

    [Fact]
    public void Changed_manifest_throws()
    {
        Upload(Content(3 * ChunkBytes));
        using QueueTailer tailer = _queue.CreateTailer();
        Assert.True(tailer.TryRead(out QueueMessage message));
        byte[] manifest = message.Payload.ToArray();
        using QueueAppender appender = _queue.CreateAppender();
        byte[] changed = [.. manifest];
        changed[^1] ^= 1;
        appender.Append(changed);
        appender.Append(manifest);
        var objects = new EsfMediaTailer(tailer);
        Assert.Contains("is inconsistent", Assert.Throws<EstreamFormatException>(() => objects.TryRead(out _)).Message,
            StringComparison.Ordinal);
        Assert.True(objects.TryRead(out _));
    }

    [Fact]
    public void An_interrupted_upload_resumes_after_the_last_complete_chunk()
    {
        byte[] content = Content((4 * ChunkBytes) + 100);
        string id;
        using (EsfMediaUpload upload = _writer.Begin("film", "", ChunkBytes))
        {
            upload.Write(content.AsSpan(0, (2 * ChunkBytes) + 50));
            id = upload.Id;
        }

        Reopen();
        Assert.Equal([id], _writer.ListInterrupted());
        using EsfMediaUpload resumed = _writer.Resume(id)!;
        Assert.Empty(_writer.ListInterrupted());
        Assert.Equal(("film", 2 * ChunkBytes), (resumed.Name, resumed.Length));
        resumed.Write(content.AsSpan((int)resumed.Length));
        resumed.Commit();
        Assert.Equal(content, Read(Assert.Single(Objects())));
        resumed.Dispose();
        Assert.Null(_writer.Resume(id));
    }

    [Fact]
    public void RemoveInterrupted_removes_only_interrupted_uploads()
    {
        EsfMediaObject whole = Upload(Content(3 * ChunkBytes));
        long before = _store.Count;
        _writer.Begin("a", "", ChunkBytes).Write(Content(2 * ChunkBytes));
        Reopen();
        using EsfMediaUpload open = _writer.Begin("b", "", ChunkBytes);
        open.Write(Content(ChunkBytes));
        Assert.Equal(0, _writer.RemoveInterrupted(TimeSpan.FromDays(1)));
        Assert.Equal(1, _writer.RemoveInterrupted(TimeSpan.Zero));
        open.Abort();
        Assert.Equal(before, _store.Count);
        Assert.Equal(Content(3 * ChunkBytes), Read(whole));
        _writer.Remove(whole);
        Assert.Equal(0, _store.Count);
        Assert.Contains("was removed", Assert.Throws<EstreamStorageException>(() => Read(whole)).Message, StringComparison.Ordinal);
    }

    /// <summary>Simulates a crash between appending the manifest of an object and removing the record of its upload.</summary>
    [Fact]
    public void Complete_object_with_a_stale_upload_record_is_not_interrupted()
    {
        (byte[] Key, byte[] Record) noted = default;
        using (EsfMediaUpload upload = _writer.Begin("film", "", ChunkBytes))
        {
            foreach (ByteMapEntry entry in _store)
            {
                noted = (entry.Key.ToArray(), entry.Value.ToArray());
            }

            upload.Write(Content(2 * ChunkBytes));
            upload.Commit();
            _store.Put(noted.Key, noted.Record);
            Reopen();
            Assert.Null(_writer.Resume(upload.Id));
        }

        Assert.Empty(_writer.ListInterrupted());
        Assert.Equal(0, _writer.RemoveInterrupted(TimeSpan.Zero));
        Assert.False(_store.ContainsKey(noted.Key));
        Assert.Equal(Content(2 * ChunkBytes), Read(Assert.Single(Objects())));
    }

    [Fact]
    public void Write_throws_when_the_manifest_would_not_fit_in_the_queue()
    {
        using EstreamQueue small = EstreamQueue.Open(_directory.Combine("small"), new QueueOptions { SegmentBytes = 64 << 10 });
        using ByteMap store = ByteMap.Open(_directory.Combine("small-store"));
        using var writer = new EsfMediaWriter(small, store);
        using EsfMediaUpload upload = writer.Begin("a", "", EsfMedia.MinChunkBytes);
        byte[] chunk = new byte[EsfMedia.MinChunkBytes];
        int chunks = 0;
        InvalidOperationException? full = null;
        while (full is null)
        {
            full = Record.Exception(() => upload.Write(chunk)) as InvalidOperationException;
            chunks += full is null ? 1 : 0;
        }

        Assert.Contains("Use larger chunks", full.Message, StringComparison.Ordinal);
        Assert.Equal((long)chunks * chunk.Length, upload.Length);
        Assert.InRange(chunks, 1_900, 2_048);
        upload.Commit();
    }

    [Fact]
    public void After_crashes_visible_objects_are_complete_and_uploads_are_resumed_or_removed()
    {
        _writer.Dispose();
        _store.Dispose();
        KillLoop.Run("media", _directory.Path, LongRun.Count(8, 100), seed: 9, longestMs: 200);

        Reopen();
        List<EsfMediaObject> objects = Objects();
        Assert.NotEmpty(objects);
        Assert.All(objects, media => Assert.Equal(MediaProgram.ContentOf(media.Name), Read(media)));
        _ = _writer.RemoveInterrupted(TimeSpan.Zero);
        Assert.Equal(objects.Sum(media => (media.Length + ChunkBytes - 1) / ChunkBytes), _store.Count);
    }

    private static byte[] Sha(byte[] data) => System.Security.Cryptography.SHA256.HashData(data);

    private static byte[] Content(int length)
    {
        byte[] content = new byte[length];
        new Random(length).NextBytes(content);
        return content;
    }

    private EsfMediaObject Upload(byte[] content)
    {
        using EsfMediaUpload upload = _writer.Begin("film", "", ChunkBytes);
        upload.Write(content);
        upload.Commit();
        return Objects()[^1];
    }

    private List<EsfMediaObject> Objects()
    {
        List<EsfMediaObject> seen = [];
        using QueueTailer tailer = _queue.CreateTailer();
        var objects = new EsfMediaTailer(tailer);
        while (objects.TryRead(out EsfMediaObject? media))
        {
            seen.Add(media);
        }

        return seen;
    }

    private byte[] Read(EsfMediaObject media)
    {
        using Stream stream = media.OpenRead(_store);
        byte[] content = new byte[media.Length];
        stream.ReadExactly(content);
        Assert.Equal(-1, stream.ReadByte());
        return content;
    }

    private void Replace(ReadOnlySpan<byte> value, ReadOnlySpan<byte> by)
    {
        byte[]? key = null;
        foreach (ByteMapEntry entry in _store)
        {
            key = entry.Value.SequenceEqual(value) ? entry.Key.ToArray() : key;
        }

        _store.Put(key, by);
    }

    private void Reopen()
    {
        _writer.Dispose();
        _store.Dispose();
        _store = ByteMap.Open(MediaProgram.StoreOf(_directory.Path));
        _writer = new EsfMediaWriter(_queue, _store);
    }
}
