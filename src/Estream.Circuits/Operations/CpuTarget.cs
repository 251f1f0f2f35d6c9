using Estream.Circuits.Operations.Cpu;

namespace Estream.Circuits.Operations;

/// <summary>Runs every operation on the calling thread. Stateless and thread-safe.</summary>
public sealed class CpuTarget : IExecutionTarget
{
    private CpuTarget()
    {
    }

    /// <summary>The only one.</summary>
    public static CpuTarget Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "cpu";

    /// <inheritdoc/>
    public bool CanRun(OperationKind kind) => Enum.IsDefined(kind);

    /// <inheritdoc/>
    public IOpenedOperation Open(CircuitOperation operation, OperationPlaces places)
    {
        ArgumentNullException.ThrowIfNull(operation);
        ArgumentNullException.ThrowIfNull(places);
        return operation.Kind switch
        {
            OperationKind.QueueAppend => new AppendOperation(operation, places.Queue(operation.Queue!), places.Appending),
            OperationKind.QueueAppendBatch => new AppendBatchOperation(operation, places.Queue(operation.Queue!), places.Appending),
            OperationKind.QueueCompact => new CompactOperation(operation, places.Queue(operation.Queue!)),
            OperationKind.MapPut => new PutOperation(operation, places.Map(operation.Map!)),
            OperationKind.MapCas => new CasOperation(operation, places.Map(operation.Map!)),
            OperationKind.MapGet => new GetOperation(operation, places.Map(operation.Map!)),
            OperationKind.MapRemove => new RemoveOperation(operation, places.Map(operation.Map!)),
            OperationKind.QueueRead => new ReadOperation(operation, places.Queue(operation.Queue!)),
            OperationKind.MapBatch => new BatchOperation(operation, places.Map(operation.Map!)),
            OperationKind.MapTouch => new TouchOperation(operation, places.Map(operation.Map!)),
            OperationKind.MapClear => new ClearOperation(operation, places.Map(operation.Map!)),
            OperationKind.MapGc => new GcOperation(operation, places.Map(operation.Map!)),
            OperationKind.QueueReplicate or OperationKind.MapSync => ReplicateOperation.Open(operation, places),
            _ => throw new NotSupportedException($"There is no operation {operation.Kind}."),
        };
    }
}
