using System.Buffers.Binary;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>
/// The <c>estream</c> row of `append-durable`: every message requests a group commit, and the round ends when the last one is
/// durable. The queue keeps the default checksum, because without it the effect of a power cut could not be distinguished from a message.
/// </summary>
internal sealed class QueueDurableContender : Batches
{
    private readonly BenchQueue _queue;
    private readonly QueueAppender _appender;
    private readonly Durability _durability = Durability.GroupCommit(DurableWorkload.Interval, DurableWorkload.GroupBytes);
    private readonly byte[] _source = new byte[LogWorkload.PayloadBytes];
    private readonly long _messages;
    private ulong _stamp;
    private long _left;
    private long _lastPosition;

    public QueueDurableContender(ContenderContext context)
        : base(new DurableWorkload(context.Size).Messages, LogWorkload.BatchMessages)
    {
        _messages = new DurableWorkload(context.Size).Messages;
        _queue = new BenchQueue(context, FrameChecksum.Crc32C);
        _appender = _queue.Queue.CreateAppender(AppenderMode.Exclusive);
        _queue.Hold();
    }

    public override void Dispose()
    {
        _appender.Dispose();
        _queue.Dispose();
    }

    // The queue's own thread flushes groups. Its time includes the copies of pages that a flush needs.
    protected override bool HasHelpers => true;

    protected override void BeforeRound() => _left = _messages;

    protected override void Batch(int count)
    {
        QueueAppender appender = _appender;
        Span<byte> source = _source;
        ulong stamp = _stamp;
        for (int i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(source, stamp++);
            _lastPosition = appender.Append(source, _durability);
        }

        _stamp = stamp;
        _left -= count;
        if (_left == 0)
        {
            _queue.Queue.WaitDurable(_lastPosition);
        }
    }

    protected override ulong CheckOfRound()
    {
        _queue.RequireRecycling();
        return _queue.StampAt(_lastPosition) + 1;
    }
}
