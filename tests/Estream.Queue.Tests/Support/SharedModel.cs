using Estream.Core;
using Estream.Testing;

namespace Estream.Queue.Tests.Support;

/// <summary>A queue with several appenders, each possibly with an open claim or batch, and a list of the committed messages by
/// position.</summary>
internal sealed class SharedModel : IDisposable
{
    private const int Appenders = 4;
    private const int SegmentBytes = 64 << 10;

    private readonly TempDirectory _directory = new();
    private readonly SortedDictionary<long, byte[]> _messages = [];
    private readonly EstreamQueue[] _queues = new EstreamQueue[2];
    private readonly QueueAppender?[] _appenders = new QueueAppender?[Appenders];
    private readonly QueueOptions _options;
    private int _stamp;

    public SharedModel(FrameChecksum checksum, bool encrypted, bool isGrowing)
    {
        _options = new QueueOptions
        {
            SegmentBytes = isGrowing ? 4 * SegmentBytes : SegmentBytes, FirstSegmentBytes = SegmentBytes, Checksum = checksum,
            Keys = encrypted ? TestKeys.Ring("first") : null,
        };
        for (int i = 0; i < _queues.Length; i++)
        {
            _queues[i] = EstreamQueue.Open(_directory.Combine("queue"), _options);
        }
    }

    public void Dispose()
    {
        foreach (EstreamQueue queue in _queues)
        {
            queue.Dispose();
        }

        _directory.Dispose();
    }

    public void Do(int operation, int who, int argument)
    {
        switch (operation)
        {
            case 0 or 1 or 2:
                Append(Appender(who), argument % (argument % 20 == 0 ? 60_000 : 200));
                break;
            case 3 or 4:
                Claim(Appender(who), Appender(who + 1), argument);
                break;
            case 5 or 6:
                Batch(Appender(who), argument);
                break;
            case 7:
                _appenders[who % Appenders]?.Dispose();
                _appenders[who % Appenders] = null;
                break;
            case 8:
                Alone(argument);
                break;
            case 9:
                Seek(argument);
                break;
            case 10 when _options.Keys is not null && _messages.Count > 0:
                _queues[who % 2].RotateKey();
                break;
            default:
                CheckAll();
                break;
        }
    }

    /// <summary>Reads all messages from the start and verifies the queue.</summary>
    public void CheckAll()
    {
        using QueueTailer tailer = _queues[0].CreateTailer();
        long sequence = -1;
        foreach ((long position, byte[] payload) in _messages)
        {
            Assert.True(tailer.TryRead(out QueueMessage message), $"the message at {position} is missing");
            Assert.Equal(position, message.Position);
            Assert.True(message.Payload.SequenceEqual(payload), $"the message at {position} differs");
            Assert.True(message.Sequence > sequence);
            sequence = message.Sequence;
        }

        Assert.False(tailer.TryRead(out _));
        QueueVerification verification = _queues[1].Verify();
        Assert.True(verification.IsWhole, verification.Damage?.Reason);
        Assert.Equal(_messages.Count, verification.MessageCount);
    }

    private QueueAppender Appender(int who) => _appenders[who % Appenders] ??= _queues[who % 2].CreateAppender();

    private void Append(QueueAppender appender, int length)
    {
        byte[] payload = Payload(length);
        _messages.Add(appender.Append(payload), payload);
    }

    // One appender claims, another appends after it, and the first commits all, some or nothing of its claim.
    private void Claim(QueueAppender first, QueueAppender second, int argument)
    {
        byte[] payload = Payload(argument % 500);
        using AppendClaim claim = first.Claim(payload.Length + (argument % 70));
        claim.Span.Fill(0xEE);
        if (first != second)
        {
            Append(second, argument % 100);
        }

        if (argument % 3 != 0)
        {
            payload.CopyTo(claim.Span);
            claim.Commit(payload.Length);
            _messages.Add(claim.Position, payload);
        }
    }

    private void Batch(QueueAppender appender, int argument)
    {
        byte[][] payloads = [.. Enumerable.Range(0, 1 + (argument % 9)).Select(i => Payload((argument >> i) % 300))];
        using BatchClaim batch = appender.ClaimBatch(payloads.Sum(p => p.Length) + (argument % 50), payloads.Length + (argument % 3));
        foreach (byte[] payload in payloads)
        {
            batch.Append(payload);
        }

        if (argument % 4 == 0)
        {
            return;
        }

        batch.Commit();
        long position = batch.Position;
        foreach (byte[] payload in payloads)
        {
            _messages.Add(position, payload);
            position += (payload.Length + 16 + 7) & ~7;
        }
    }

    // All appenders are disposed, one appends in exclusive mode, and the others are created again when needed.
    private void Alone(int argument)
    {
        for (int i = 0; i < Appenders; i++)
        {
            _appenders[i]?.Dispose();
            _appenders[i] = null;
        }

        using QueueAppender alone = _queues[argument % 2].CreateAppender(AppenderMode.Exclusive);
        for (int i = 0; i < argument % 5; i++)
        {
            Append(alone, (argument + i) % 300);
        }

        Batch(alone, argument);
    }

    private void Seek(int argument)
    {
        if (_messages.Count == 0)
        {
            return;
        }

        (long position, byte[] payload) = _messages.ElementAt(argument % _messages.Count);
        using QueueTailer tailer = _queues[argument % 2].CreateTailer();
        tailer.Seek(position);
        Assert.True(tailer.TryRead(out QueueMessage message));
        long sequence = message.Sequence;
        tailer.SeekToEnd();
        Assert.False(tailer.TryRead(out _));
        tailer.SeekToSequence(sequence);
        Assert.Equal(position, tailer.Position);
        Assert.True(tailer.TryRead(out message));
        Assert.True(message.Payload.SequenceEqual(payload));
    }

    private byte[] Payload(int length)
    {
        byte[] payload = new byte[length];
        new Random(_stamp++).NextBytes(payload);
        return payload;
    }
}
