using Estream.Circuits.Operations.Compaction;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;

namespace Estream.Circuits.Operations.Cpu;

/// <summary>Applies the retention of a queue, or the limits given in the request, now.</summary>
internal class CompactOperation : CpuOperation
{
    private readonly EstreamQueue _queue;
    private readonly EsfField _retainedBytes;
    private readonly EsfField _retainedAge;

    public CompactOperation(CircuitOperation operation, EstreamQueue queue)
        : base(operation)
    {
        _queue = queue;
        _retainedBytes = RequestField("retained_bytes");
        _retainedAge = RequestField("retained_age");
    }

    protected sealed override OperationStatus Execute(ReadOnlySpan<byte> request, ref EsfMessageBuilder result)
    {
        long? bytes = _retainedBytes.TryGetUInt64(request, out ulong size) ? (long)Math.Min(size, long.MaxValue) : null;
        TimeSpan? age = _retainedAge.TryGetUInt64(request, out ulong nanos) ? Nanos.ToTime(nanos) : null;
        if (Compact(bytes, age) is not RetentionResult given)
        {
            return OperationStatus.Invalid;
        }

        Set(ref result, "segments", given.Segments);
        Set(ref result, "segment_bytes", given.Bytes);
        Set(ref result, "segments_beyond", given.SegmentsBeyond);
        Set(ref result, "oldest_position", given.FirstPosition);
        Set(ref result, "oldest_sequence", _queue.GetInfo().FirstSequence);
        return OperationStatus.Done;
    }

    /// <summary>Compacts the queue.</summary>
    /// <param name="bytes">The limit in the request; null if it has none.</param>
    /// <param name="age">The limit in the request; null if it has none.</param>
    /// <returns>Null if the request is invalid.</returns>
    protected virtual RetentionResult? Compact(long? bytes, TimeSpan? age) => bytes is null && age is null
        ? _queue.ApplyRetention()
        : _queue.ApplyRetention(bytes ?? 0, age ?? TimeSpan.Zero);
}

/// <summary>Keeps the newest message of each key of a queue.</summary>
internal sealed class CompactByKeyOperation(CircuitOperation operation, EstreamQueue queue, CompactionRule rule, AppenderMode mode)
    : CompactOperation(operation, queue)
{
    private readonly KeyCompactor _compactor = new(queue, rule, mode, SystemClock.Instance);

    public override void Dispose()
    {
        base.Dispose();
        _compactor.Dispose();
    }

    // Limits are for retention, which this operation does not apply.
    protected override RetentionResult? Compact(long? bytes, TimeSpan? age) => bytes is null && age is null ? _compactor.Run() : null;
}
