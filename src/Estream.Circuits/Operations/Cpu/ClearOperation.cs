using Estream.Core;
using Estream.Esf;

namespace Estream.Circuits.Operations.Cpu;

/// <summary>Removes all entries at once, unconditionally or if there are as many as expected.</summary>
internal sealed class ClearOperation : CpuOperation
{
    private readonly OperationMap _map;
    private readonly EsfField _expectedEntries;
    private readonly EsfField _removed;

    public ClearOperation(CircuitOperation operation, OperationMap map)
        : base(operation)
    {
        _map = map;
        _expectedEntries = RequestField("expected_entries");
        _removed = ResultField("removed");
    }

    private long Count => _map.Plain?.Count ?? _map.Versioned!.Count;

    protected override OperationStatus Execute(ReadOnlySpan<byte> request, ref EsfMessageBuilder result)
    {
        long entries = Count;
        if (_expectedEntries.TryGetUInt64(request, out ulong expected) && expected != (ulong)entries)
        {
            return OperationStatus.Conflict;
        }

        try
        {
            _map.Plain?.Clear();
            _map.Versioned?.Clear();
        }
        catch (EstreamStorageException full) when (full.Reason == StorageFailure.DiskFull && entries > 0 && Count == 0)
        {
            // The disk was full only in a step after the removal: all entries are removed, as requested.
        }

        _ = result.TrySet(_removed, (Int128)entries);
        return OperationStatus.Done;
    }
}
