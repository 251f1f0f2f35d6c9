using Estream.Circuits.Operations.Cpu;
using Estream.Circuits.Operations.Fixed;

namespace Estream.Circuits.Operations;

/// <summary>Runs every operation on the calling thread. Stateless and thread-safe.</summary>
public sealed class CpuTarget : IExecutionTarget
{
    private CpuTarget()
    {
    }

    /// <summary>The single instance.</summary>
    public static CpuTarget Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "cpu";

    /// <inheritdoc/>
    public bool CanRun(OperationKind kind) => Enum.IsDefined(kind);

    /// <inheritdoc/>
    public IExecutableOperation Open(CircuitOperation operation, OperationResources resources)
    {
        ArgumentNullException.ThrowIfNull(operation);
        ArgumentNullException.ThrowIfNull(resources);
        if (operation.Map is string map && resources.Map(map).Fixed is { } store)
        {
            return FixedMapOperation.Open(operation, store);
        }

        return operation.Kind switch
        {
            OperationKind.QueueAppend => new AppendOperation(operation, resources.Queue(operation.Queue!), resources.Appending),
            OperationKind.QueueAppendBatch => new AppendBatchOperation(operation, resources.Queue(operation.Queue!), resources.Appending),
            OperationKind.QueueCompact => operation.Compaction is { } rule
                ? new CompactByKeyOperation(operation, resources.Queue(operation.Queue!), rule, resources.Appending)
                : new CompactOperation(operation, resources.Queue(operation.Queue!)),
            OperationKind.MapPut => new PutOperation(operation, resources.Map(operation.Map!)),
            OperationKind.MapCas => new CasOperation(operation, resources.Map(operation.Map!)),
            OperationKind.MapGet => new GetOperation(operation, resources.Map(operation.Map!)),
            OperationKind.MapRemove => new RemoveOperation(operation, resources.Map(operation.Map!)),
            OperationKind.QueueRead => new ReadOperation(operation, resources.Queue(operation.Queue!)),
            OperationKind.MapBatch => new BatchOperation(operation, resources.Map(operation.Map!)),
            OperationKind.MapTouch => new TouchOperation(operation, resources.Map(operation.Map!)),
            OperationKind.MapClear => new ClearOperation(operation, resources.Map(operation.Map!)),
            OperationKind.MapGc => new GcOperation(operation, resources.Map(operation.Map!)),
            OperationKind.QueueReplicate or OperationKind.MapSync => ReplicateOperation.Open(operation, resources),
            _ => throw new NotSupportedException($"There is no operation {operation.Kind}."),
        };
    }
}
