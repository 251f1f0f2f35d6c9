using Estream.Esf;
using Estream.Queue;

namespace Estream.Circuits.Operations.Cpu;

/// <summary>Gives up now what the retention of a queue allows, or other limits do.</summary>
internal sealed class CompactOperation(CircuitOperation operation, EstreamQueue queue) : CpuOperation(operation)
{
    private EsfField RetainedBytes { get; } = operation.Request.Fields.First(field => field.Name == "retained_bytes");

    private EsfField RetainedAge { get; } = operation.Request.Fields.First(field => field.Name == "retained_age");

    protected override OperationStatus Do(ReadOnlySpan<byte> request, ref EsfMessageBuilder result)
    {
        bool hasBytes = RetainedBytes.TryGetUInt64(request, out ulong bytes);
        bool hasAge = RetainedAge.TryGetUInt64(request, out ulong age);
        RetentionResult given = hasBytes || hasAge
            ? queue.ApplyRetention((long)Math.Min(bytes, long.MaxValue), Nanos.ToTime(age))
            : queue.ApplyRetention();
        Set(ref result, "segments", given.Segments);
        Set(ref result, "segment_bytes", given.Bytes);
        Set(ref result, "segments_beyond", given.SegmentsBeyond);
        Set(ref result, "oldest_position", given.FirstPosition);
        Set(ref result, "oldest_sequence", queue.GetInfo().FirstSequence);
        return OperationStatus.Done;
    }
}
