using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>
/// The <c>estream</c> row of `handoff-latency`: the writer puts the time into each message just before it appends it. The reader
/// polls without a pause and reads the clock when it has the message.
/// </summary>
internal sealed class QueueLatencyContender : IContender
{
    private readonly long _messages;
    private readonly BenchQueue _queue;
    private readonly QueueAppender _appender;
    private readonly QueueTailer _tailer;
    private readonly Samples _samples;
    private readonly BoundThreads _threads;
    private readonly byte[] _source = new byte[LogWorkload.PayloadBytes];

    public QueueLatencyContender(ContenderContext context)
    {
        _messages = new HandoffWorkload(context.Size).TimedMessages;
        _samples = new Samples(_messages);
        _queue = new BenchQueue(context, FrameChecksum.None);
        _appender = _queue.Queue.CreateAppender(AppenderMode.Exclusive);
        _tailer = _queue.Queue.CreateTailer();
        _queue.Hold();
        _threads = new BoundThreads(2);
    }

    public RunResult Run()
    {
        IReadOnlyList<RunResult> both = _threads.Run(thread => thread == 0 ? Write() : Read());
        return _samples.Round((ulong)_messages) with { AllocatedBytes = both.Sum(r => r.AllocatedBytes) };
    }

    public void Dispose()
    {
        _threads.Dispose();
        _tailer.Dispose();
        _appender.Dispose();
        _queue.Dispose();
    }

    private RunResult Write()
    {
        RoundTimer timer = RoundTimer.Start();
        long due = Samples.Now();
        for (long i = 0; i < _messages; i++)
        {
            due = WriteAt(due) + HandoffWorkload.IntervalNanos;   // a late message does not speed up the next one
        }

        return timer.Stop(_messages);
    }

    /// <summary>Called often enough to be compiled separately, as in <see cref="Batches"/>.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private long WriteAt(long due)
    {
        Span<byte> source = _source;
        long stamp = Samples.WaitUntil(due);
        BinaryPrimitives.WriteInt64LittleEndian(source, stamp);
        _appender.Append(source);
        return stamp;
    }

    private RunResult Read()
    {
        RoundTimer timer = RoundTimer.Start();
        for (long i = 0; i < _messages; i++)
        {
            long stamp = ReadNext();
            _samples.Set(i, stamp, Samples.Now());
        }

        return timer.Stop(_messages);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private long ReadNext()
    {
        QueueTailer tailer = _tailer;
        QueueMessage message;
        while (!tailer.TryRead(out message))
        {
        }

        return BinaryPrimitives.ReadInt64LittleEndian(message.Payload);
    }
}
