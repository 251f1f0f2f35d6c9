using System.Buffers.Binary;
using Estream.Core;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>A queue in files whose segments retention recycles while a second process has it open.</summary>
internal sealed class BenchQueue : IDisposable
{
    /// <summary>Far above the number of retained segments: preallocation creates a new segment if the oldest one is still being
    /// read.</summary>
    private const int SegmentLimit = 64;

    private IDisposable? _holder;

    public BenchQueue(ContenderContext context, FrameChecksum checksum, QueueKeyRing? keys = null)
    {
        var workload = new LogWorkload(context.Size);
        Queue = EstreamQueue.Open(context.Directory, new QueueOptions
        {
            SegmentBytes = workload.SegmentBytes,
            RetainedBytes = workload.SegmentBytes * workload.RetainedSegments,
            Checksum = checksum,
            Keys = keys,
        });
    }

    private BenchQueue(EstreamQueue queue) => Queue = queue;

    /// <summary>Returns a queue with the default options, which deletes nothing.</summary>
    public static BenchQueue Whole(string directory) => new(EstreamQueue.Open(directory));

    public EstreamQueue Queue { get; }

    public void Dispose()
    {
        _holder?.Dispose();
        Queue.Dispose();
    }

    /// <summary>Lets a second process open the queue; call this after the appenders exist.</summary>
    public void Hold() => _holder = Holder.Start(HeldStorage.Queue, Queue.Directory);

    /// <summary>Rejects a queue that has grown without limit.</summary>
    public void RequireRecycling()
    {
        int segments = Directory.GetFiles(Queue.Directory, "*.seg").Length;
        if (segments > SegmentLimit)
        {
            throw new ScenarioException(
                $"'{Queue.Directory}' has grown to {segments} segments: they are not recycled, so the row is invalid");
        }
    }

    /// <summary>Returns the stamp of the message at a position, read back from the queue.</summary>
    public ulong StampAt(long position)
    {
        using QueueTailer tailer = Queue.CreateTailer();
        tailer.Seek(position);
        return tailer.TryRead(out QueueMessage message)
            ? BinaryPrimitives.ReadUInt64LittleEndian(message.Payload)
            : throw new ScenarioException($"the message appended at {position} cannot be read back");
    }
}
