using Estream.Map;

namespace Estream.Circuits.Operations.Cpu;

/// <summary>Stores values under keys, whatever is there.</summary>
internal sealed class PutOperation(CircuitOperation operation, OperationMap map) : StoreOperation(operation, map)
{
    protected override OperationStatus Store(ReadOnlySpan<byte> request, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, TimeSpan? time, out long version)
    {
        version = 0;
        if (Map.Plain is ByteMap plain)
        {
            return time is not null ? OperationStatus.Unversioned : plain.Put(key, value) ? OperationStatus.Created : OperationStatus.Replaced;
        }

        // This thread is the only one that writes.
        bool isThere = Map.Versioned!.ContainsKey(key);
        version = Map.Versioned.Put(key, value, time);
        return isThere ? OperationStatus.Replaced : OperationStatus.Created;
    }
}
