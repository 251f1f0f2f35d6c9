using System.Buffers.Binary;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>The <c>estream</c> row of `append` and `append-checksum`: <see cref="QueueAppender.Append"/> by a single appender.</summary>
internal sealed class QueueAppendContender : Batches
{
    private readonly BenchQueue _queue;
    private readonly QueueAppender _appender;
    private readonly byte[] _source = new byte[LogWorkload.PayloadBytes];
    private ulong _stamp;
    private long _lastPosition;

    public QueueAppendContender(ContenderContext context, FrameChecksum checksum)
        : base(new LogWorkload(context.Size).AppendedMessages, LogWorkload.BatchMessages)
    {
        _queue = new BenchQueue(context, checksum);
        _appender = _queue.Queue.CreateAppender(AppenderMode.Exclusive);
        _queue.Hold();
    }

    public override void Dispose()
    {
        _appender.Dispose();
        _queue.Dispose();
    }

    protected override void Batch(int count)
    {
        QueueAppender appender = _appender;
        Span<byte> source = _source;
        ulong stamp = _stamp;
        for (int i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(source, stamp++);
            _lastPosition = appender.Append(source);
        }

        _stamp = stamp;
    }

    /// <summary>Returns the stamp of the newest message, read back from the queue, which must not have grown without limit.</summary>
    protected override ulong CheckOfRound()
    {
        _queue.RequireRecycling();
        return _queue.StampAt(_lastPosition);
    }
}
