using Estream.Esf;
using Estream.Map;

namespace Estream.Circuits.Operations.Cpu;

/// <summary>Takes away what has ended in a map, and moves what is left together where that is asked for.</summary>
internal sealed class GcOperation(CircuitOperation operation, OperationMap map) : CpuOperation(operation)
{
    private readonly EsfField _shrink = operation.Request.Fields.First(field => field.Name == "shrink");

    protected override OperationStatus Do(ReadOnlySpan<byte> request, ref EsfMessageBuilder result)
    {
        _ = _shrink.TryGetInt64(request, out long shrink);
        long before = Statistics().HeapBytes;
        long removed = map.Versioned?.RemoveExpired() ?? 0;
        Set(ref result, "removed", removed);
        Set(ref result, "bytes_before", before);
        if (shrink != 0)
        {
            map.Versioned?.Compact();
            map.Plain?.Compact();
        }

        ByteMapStatistics after = Statistics();
        Set(ref result, "entries", after.Entries);
        Set(ref result, "bytes_after", after.HeapBytes);
        return OperationStatus.Done;
    }

    private ByteMapStatistics Statistics() => map.Plain?.GetStatistics() ?? map.Versioned!.GetStatistics();
}
