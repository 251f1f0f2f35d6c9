using System.Buffers.Binary;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>
/// The <c>estream</c> row of `read`: <see cref="QueueTailer.TryRead"/> over a filled queue of files that its appender
/// and a second process still have open.
/// </summary>
internal sealed class QueueReadContender : Batches
{
    private readonly EstreamQueue _queue;
    private readonly QueueAppender _appender;
    private readonly QueueTailer _tailer;
    private readonly IDisposable _holder;
    private ulong _sum;

    public QueueReadContender(ContenderContext context)
        : base(new LogWorkload(context.Size).ReadMessages, LogWorkload.BatchMessages)
    {
        var workload = new LogWorkload(context.Size);
        _queue = EstreamQueue.Open(context.Directory, new QueueOptions { SegmentBytes = workload.SegmentBytes });
        _appender = _queue.CreateAppender(AppenderMode.Exclusive);
        Span<byte> payload = stackalloc byte[LogWorkload.PayloadBytes];
        for (long i = 0; i < workload.StoredMessages; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(payload, i);
            BinaryPrimitives.WriteInt64LittleEndian(payload[^sizeof(long)..], i);
            _appender.Append(payload);
        }

        _tailer = _queue.CreateTailer();
        _holder = Holder.Start(HeldStorage.Queue, context.Directory);
    }

    public override void Dispose()
    {
        _holder.Dispose();
        _tailer.Dispose();
        _appender.Dispose();
        _queue.Dispose();
    }

    protected override void BeforeRound() => _sum = 0;

    protected override void Batch(int count)
    {
        QueueTailer tailer = _tailer;
        ulong sum = 0;
        for (int i = 0; i < count; i++)
        {
            if (!tailer.TryRead(out QueueMessage message))
            {
                tailer.SeekToStart();
                i--;
                continue;
            }

            ReadOnlySpan<byte> payload = message.Payload;
            sum += BinaryPrimitives.ReadUInt64LittleEndian(payload)
                + BinaryPrimitives.ReadUInt64LittleEndian(payload[^sizeof(ulong)..]);
        }

        _sum += sum;
    }

    protected override ulong CheckOfRound() => _sum;
}
