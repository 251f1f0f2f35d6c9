using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>
/// The <c>estream</c> row of `append-fresh`: a queue that retains everything, with the default checksum, so that no segment is ever
/// reused. Every round has a new queue; the queue of the previous round is deleted, because the memory would not suffice.
/// </summary>
internal sealed class QueueFreshContender : IContender
{
    private readonly LogWorkload _workload;
    private readonly string _directory;
    private readonly Samples _samples;
    private readonly ThreadFaults _faults = new();
    private readonly byte[] _source = new byte[LogWorkload.PayloadBytes];
    private readonly IDisposable _holder;
    private EstreamQueue _queue;
    private QueueAppender _appender;
    private int _round;
    private ulong _stamp;
    private long _lastPosition;

    public QueueFreshContender(ContenderContext context)
    {
        _workload = new LogWorkload(context.Size);
        _directory = context.Directory;
        _samples = new Samples(_workload.FreshMessages);
        (_queue, _appender) = Open();
        _holder = Holder.Start(HeldStorage.Queues, _directory);
    }

    public RunResult Run()
    {
        // Not timed: replaces the queue, and waits while the queue's helper thread preallocates segments, as in a program that has been
        // running for a while.
        Replace();
        long? faults = _faults.Count();
        long due = Samples.Now();
        for (long done = 0; done < _workload.FreshMessages; done += LogWorkload.BatchMessages)
        {
            due = Batch(done, (int)Math.Min(_workload.FreshMessages - done, LogWorkload.BatchMessages), due);
        }

        faults = _faults.Count() - faults;
        return _samples.Round(LastStamp()) with { PageFaults = faults };
    }

    public void Dispose()
    {
        _faults.Dispose();
        _holder.Dispose();
        _appender.Dispose();
        _queue.Dispose();
    }

    /// <summary>Called often enough to be compiled separately, as in <see cref="Batches"/>.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private long Batch(long first, int count, long due)
    {
        QueueAppender appender = _appender;
        Samples samples = _samples;
        Span<byte> source = _source;
        ulong stamp = _stamp;
        for (int i = 0; i < count; i++)
        {
            due += LogWorkload.FreshIntervalNanos;
            BinaryPrimitives.WriteUInt64LittleEndian(source, stamp++);
            long before = Samples.WaitUntil(due);
            _lastPosition = appender.Append(source);
            samples.Set(first + i, before, Samples.Now());
        }

        _stamp = stamp;
        return due;
    }

    private (EstreamQueue Queue, QueueAppender Appender) Open()
    {
        EstreamQueue queue =
            EstreamQueue.Open(Path.Combine(_directory, $"round-{_round:000}"), new QueueOptions { SegmentBytes = _workload.SegmentBytes });
        return (queue, queue.CreateAppender(AppenderMode.Exclusive));
    }

    private void Replace()
    {
        _appender.Dispose();
        _queue.Dispose();
        Directory.Delete(_queue.Directory, recursive: true);
        _round++;
        (_queue, _appender) = Open();
    }

    private ulong LastStamp()
    {
        using QueueTailer tailer = _queue.CreateTailer();
        tailer.Seek(_lastPosition);
        return tailer.TryRead(out QueueMessage message)
            ? BinaryPrimitives.ReadUInt64LittleEndian(message.Payload)
            : throw new ScenarioException($"the message appended at {_lastPosition} cannot be read back");
    }
}
