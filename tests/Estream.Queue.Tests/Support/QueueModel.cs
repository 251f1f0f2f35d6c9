using Estream.Core;
using Estream.Testing;

namespace Estream.Queue.Tests.Support;

/// <summary>A queue and a list that should have the same content.</summary>
internal sealed class QueueModel : IDisposable
{
    private const int SegmentBytes = 64 << 10;

    private readonly TempDirectory _directory = new();
    private readonly List<(long Position, byte[] Payload)> _messages = [];
    private readonly QueueOptions _options;
    private int _life;
    private int _consumed;
    private EstreamQueue _queue;
    private QueueAppender _appender;

    public QueueModel(FrameChecksum checksum, bool encrypted, bool isGrowing)
    {
        _options = new QueueOptions
        {
            SegmentBytes = isGrowing ? 4 * SegmentBytes : SegmentBytes, FirstSegmentBytes = SegmentBytes, Checksum = checksum,
            Keys = encrypted ? TestKeys.Ring("first") : null,
        };
        _queue = EstreamQueue.Open(Life, _options);
        _appender = _queue.CreateAppender(AppenderMode.Exclusive);
    }

    private string Life => _directory.Combine($"life-{_life}");

    public void Dispose()
    {
        _queue.Dispose();
        _directory.Dispose();
    }

    public void Do(int operation, int argument)
    {
        switch (operation)
        {
            case 0 or 1 or 2:
                Append(argument % 200);
                break;
            case 3:
                Append(argument % (_queue.MaxMessageBytes + 1));
                break;
            case 4:
                Claim(argument % 3_000, argument % 7);
                break;
            case 5:
                Abort(argument % _queue.MaxMessageBytes);
                break;
            case 6:
                Reopen();
                break;
            case 7:
                Kill(claimed: argument % 2 == 0 ? argument % 5_000 : null);
                break;
            case 8:
                SeekAndRead(argument);
                break;
            case 9 or 10:
                ReadNamed(argument % 30, finish: argument % 2 == 0);
                break;
            case 11 when _options.Keys is not null:
                _queue.RotateKey();
                break;
            default:
                CheckAll();
                break;
        }
    }

    /// <summary>Reads all messages with a new tailer from the start.</summary>
    public void CheckAll()
    {
        using QueueTailer tailer = _queue.CreateTailer();
        for (int i = 0; i < _messages.Count; i++)
        {
            CheckNext(tailer, i);
        }

        Assert.False(tailer.TryRead(out _));
        Assert.Equal(_messages.Count, _queue.GetInfo().MessageCount);
        QueueVerification verification = _queue.Verify();
        Assert.True(verification.IsWhole, verification.Damage?.Reason);
    }

    private void Append(int length)
    {
        byte[] payload = Payload(length);
        _messages.Add((_appender.Append(payload), payload));
        Assert.Equal(_messages.Count, _appender.NextSequence);
    }

    private void Claim(int length, int unused)
    {
        byte[] payload = Payload(length);
        using AppendClaim claim = _appender.Claim(length + unused);
        claim.Span.Fill(0xEE);
        payload.CopyTo(claim.Span);
        claim.Commit(length);
        _messages.Add((claim.Position, payload));
    }

    private void Abort(int length)
    {
        using AppendClaim claim = _appender.Claim(length);
        claim.Span.Fill(0xEE);
        Assert.Throws<InvalidOperationException>(() => _appender.Append([]));
    }

    private void Reopen()
    {
        _queue.Dispose();
        _queue = EstreamQueue.Open(Life, _options);
        _appender = _queue.CreateAppender(AppenderMode.Exclusive);
        Assert.Equal(_messages.Count, _appender.NextSequence);
    }

    // A process that dies leaves the files as they are at that moment. They are copied, and the test continues with the copy.
    private void Kill(int? claimed)
    {
        using AppendClaim claim = claimed is { } length ? _appender.Claim(length) : default;
        claim.Span.Fill(0x10);
        string image = _directory.Combine($"life-{_life + 1}");
        foreach (string file in Directory.EnumerateFiles(Life, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(image, Path.GetRelativePath(Life, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.WriteAllBytes(copy, Content(file));
        }

        _queue.Dispose();
        _life++;
        _queue = EstreamQueue.Open(Life, _options);
        _appender = _queue.CreateAppender(AppenderMode.Exclusive);
        Assert.Equal(_messages.Count, _appender.NextSequence);
    }

    private void SeekAndRead(int argument)
    {
        using QueueTailer tailer = _queue.CreateTailer();
        if (_messages.Count > 0)
        {
            tailer.Seek(_messages[argument % _messages.Count].Position);
            CheckNext(tailer, argument % _messages.Count);
        }

        tailer.SeekToEnd();
        Assert.False(tailer.TryRead(out _));
        tailer.Seek(_appender.NextPosition);
        Assert.False(tailer.TryRead(out _));
    }

    private void ReadNamed(int count, bool finish)
    {
        using QueueTailer tailer = _queue.CreateTailer("reader");
        int read = 0;
        for (; read < count && _consumed + read < _messages.Count; read++)
        {
            CheckNext(tailer, _consumed + read);
        }

        // The last message counts only when the next one is requested or when it is committed.
        if (finish)
        {
            tailer.Commit();
        }

        _consumed += finish ? read : Math.Max(read - 1, 0);
    }

    private void CheckNext(QueueTailer tailer, int sequence)
    {
        Assert.True(tailer.TryRead(out QueueMessage message), $"message {sequence} is missing");
        Assert.Equal(sequence, message.Sequence);
        Assert.Equal(_messages[sequence].Position, message.Position);
        Assert.True(message.Payload.SequenceEqual(_messages[sequence].Payload), $"message {sequence} differs");
    }

    // Leftovers of other messages look like frames as far as possible: small numbers in each group of eight bytes.
    private byte[] Payload(int length)
    {
        byte[] payload = new byte[length];
        for (int i = 0; i < length; i++)
        {
            payload[i] = (byte)(i % 8 == 0 ? 16 + ((_messages.Count * 8) & 0x78) : i % 8 == 4 ? _messages.Count : 0);
        }

        return payload;
    }

    private static byte[] Content(string file)
    {
        if (new FileInfo(file).Length == 0)
        {
            return [];
        }

        using MemoryRegion region = FileStorage.Instance.OpenRegion(file, RegionAccess.ReadOnly);
        return region.All.ReadOnlySpan(0, (int)region.Length).ToArray();
    }
}
