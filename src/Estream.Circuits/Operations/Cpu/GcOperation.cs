using Estream.Core;
using Estream.Esf;
using Estream.Map;

namespace Estream.Circuits.Operations.Cpu;

/// <summary>Removes expired entries of a map and compacts it if requested.</summary>
internal sealed class GcOperation(CircuitOperation operation, OperationMap map) : CpuOperation(operation)
{
    private readonly EsfField _shrink = operation.Request.Fields.First(field => field.Name == "shrink");

    protected override OperationStatus Execute(ReadOnlySpan<byte> request, ref EsfMessageBuilder result)
    {
        _ = _shrink.TryGetInt64(request, out long shrink);
        ByteMapStatistics before = Statistics();
        OperationStatus status = Collect(shrink != 0);

        // Computed from the counts, since collection may stop early. No other thread writes the map meanwhile.
        ByteMapStatistics after = Statistics();
        Set(ref result, "removed", before.Entries - after.Entries);
        Set(ref result, "entries", after.Entries);
        Set(ref result, "bytes_before", before.HeapBytes);
        Set(ref result, "bytes_after", after.HeapBytes);
        return status;
    }

    private OperationStatus Collect(bool shrinks)
    {
        try
        {
            _ = map.Versioned?.RemoveExpired();
            if (shrinks)
            {
                map.Versioned?.Compact();
                map.Plain?.Compact();
            }

            return OperationStatus.Done;
        }
        catch (EstreamStorageException full) when (full.Reason == StorageFailure.DiskFull)
        {
            return OperationStatus.Full;
        }
    }

    private ByteMapStatistics Statistics() => map.Plain?.GetStatistics() ?? map.Versioned!.GetStatistics();
}
