using System.Buffers.Binary;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>
/// The <c>estream</c> row of `append`: <see cref="QueueAppender.Append"/> into a queue of files whose segments are
/// recycled by retention while a second process has it open.
/// </summary>
internal sealed class QueueAppendContender : Batches
{
    /// <summary>Far above what is retained: a preparation that found its segment being read makes a new one.</summary>
    private const int SegmentLimit = 64;

    private readonly EstreamQueue _queue;
    private readonly QueueAppender _appender;
    private readonly IDisposable _holder;
    private readonly byte[] _source = new byte[LogWorkload.PayloadBytes];
    private ulong _stamp;
    private long _lastPosition;

    public QueueAppendContender(ContenderContext context, FrameChecksum checksum)
        : base(new LogWorkload(context.Size).AppendedMessages, LogWorkload.BatchMessages)
    {
        var workload = new LogWorkload(context.Size);
        _queue = EstreamQueue.Open(context.Directory, new QueueOptions
        {
            SegmentBytes = workload.SegmentBytes,
            RetainedBytes = workload.SegmentBytes * workload.RetainedSegments,
            Checksum = checksum,
        });
        _appender = _queue.CreateAppender(AppenderMode.Exclusive);
        _holder = Holder.Start(HeldStorage.Queue, context.Directory);
    }

    public override void Dispose()
    {
        _holder.Dispose();
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

    /// <summary>The stamp of the newest message, read back from the queue, which must not have grown without end.</summary>
    protected override ulong CheckOfRound()
    {
        int segments = Directory.GetFiles(_queue.Directory, "*.seg").Length;
        if (segments > SegmentLimit)
        {
            throw new ScenarioException(
                $"'{_queue.Directory}' has grown to {segments} segments: they are not recycled, so this is not the row it claims to be");
        }

        using QueueTailer tailer = _queue.CreateTailer();
        tailer.Seek(_lastPosition);
        return tailer.TryRead(out QueueMessage message)
            ? BinaryPrimitives.ReadUInt64LittleEndian(message.Payload)
            : throw new ScenarioException($"the message appended at {_lastPosition} cannot be read back");
    }
}
