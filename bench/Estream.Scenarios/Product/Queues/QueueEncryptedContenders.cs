using System.Buffers.Binary;
using System.Security.Cryptography;
using Estream.Core;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>Appends to an encrypted queue with the default checksum, message by message or in batches. Each batch is one block.</summary>
internal sealed class QueueEncryptedAppendContender : Batches
{
    /// <summary>The divisor of the number of messages, compared with the other rows.</summary>
    public const int Portion = 10;

    private readonly QueueKeyRing _keys = new("bench", RandomNumberGenerator.GetBytes(QueueKeyRing.KeyBytes));
    private readonly BenchQueue _queue;
    private readonly QueueAppender _appender;
    private readonly byte[] _source;
    private readonly int[] _lengths;
    private ulong _stamp;
    private long _lastPosition;

    public QueueEncryptedAppendContender(ContenderContext context, int messagesPerBlock)
        : base(new LogWorkload(context.Size).AppendedMessages / Portion, LogWorkload.BatchMessages)
    {
        _source = new byte[messagesPerBlock * LogWorkload.PayloadBytes];
        _lengths = [.. Enumerable.Repeat(LogWorkload.PayloadBytes, messagesPerBlock)];
        _queue = new BenchQueue(context, FrameChecksum.Crc32C, _keys);
        _appender = _queue.Queue.CreateAppender(AppenderMode.Exclusive);
        _queue.Hold();
    }

    public override void Dispose()
    {
        _appender.Dispose();
        _queue.Dispose();
        _keys.Dispose();
    }

    protected override void Batch(int count)
    {
        for (int done = 0; done < count;)
        {
            int block = Math.Min(_lengths.Length, count - done);
            for (int i = 0; i < block; i++)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(_source.AsSpan(i * LogWorkload.PayloadBytes), _stamp++);
            }

            ReadOnlySpan<byte> source = _source.AsSpan(0, block * LogWorkload.PayloadBytes);
            _lastPosition = block == 1 ? _appender.Append(source) : _appender.AppendBatch(source, _lengths.AsSpan(0, block));
            done += block;
        }
    }

    /// <summary>Returns the stamp of the newest block's first message, read back from the queue, which must not have grown without
    /// limit.</summary>
    protected override ulong CheckOfRound()
    {
        _queue.RequireRecycling();
        return _queue.StampAt(_lastPosition);
    }
}

/// <summary>Reads an encrypted queue whose blocks hold one message, or many: each block is decrypted once.</summary>
internal sealed class QueueEncryptedReadContender : Batches
{
    /// <summary>The divisor of the number of messages, compared with the other rows.</summary>
    public const int Portion = 10;

    private readonly QueueKeyRing _keys = new("bench", RandomNumberGenerator.GetBytes(QueueKeyRing.KeyBytes));
    private readonly EstreamQueue _queue;
    private readonly QueueTailer _tailer;
    private readonly IDisposable _holder;
    private ulong _sum;

    public QueueEncryptedReadContender(ContenderContext context, int messagesPerBlock)
        : base(new LogWorkload(context.Size).ReadMessages / Portion, LogWorkload.BatchMessages)
    {
        var workload = new LogWorkload(context.Size);
        _queue = EstreamQueue.Open(context.Directory, new QueueOptions { SegmentBytes = workload.SegmentBytes, Keys = _keys });
        using (QueueAppender appender = _queue.CreateAppender(AppenderMode.Exclusive))
        {
            byte[] source = new byte[messagesPerBlock * LogWorkload.PayloadBytes];
            int[] lengths = [.. Enumerable.Repeat(LogWorkload.PayloadBytes, messagesPerBlock)];
            for (long i = 0; i < workload.StoredMessages / Portion; i += messagesPerBlock)
            {
                appender.AppendBatch(source, lengths);
            }
        }

        _tailer = _queue.CreateTailer();
        _holder = Holder.Start(HeldStorage.Queue, context.Directory);
    }

    public override void Dispose()
    {
        _holder.Dispose();
        _tailer.Dispose();
        _queue.Dispose();
        _keys.Dispose();
    }

    protected override void BeforeRound() => _sum = 0;

    protected override void Batch(int count)
    {
        for (int i = 0; i < count;)
        {
            if (!_tailer.TryRead(out QueueMessage message))
            {
                _tailer.SeekToStart();
                continue;
            }

            ReadOnlySpan<byte> payload = message.Payload;
            _sum += BinaryPrimitives.ReadUInt64LittleEndian(payload) + BinaryPrimitives.ReadUInt64LittleEndian(payload[^sizeof(ulong)..])
                + 1;
            i++;
        }
    }

    /// <summary>Returns the number of messages read, because all messages are zero.</summary>
    protected override ulong CheckOfRound() => _sum;
}
