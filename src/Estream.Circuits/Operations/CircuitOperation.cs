using Estream.Circuits.Operations.Compaction;
using Estream.Esf;

namespace Estream.Circuits.Operations;

/// <summary>The operation of a circuit with its resources, as declared in the circuit file. Immutable.</summary>
public sealed class CircuitOperation
{
    private readonly IReadOnlyDictionary<string, string> _resources;
    private readonly EsfField _status;

    internal CircuitOperation(OperationContract contract, EsfSchema request, EsfSchema result,
        IReadOnlyDictionary<string, string> resources, CompactionRule? compaction = null)
    {
        Compaction = compaction;
        Kind = contract.Kind;
        Name = contract.Name;
        Request = request;
        Result = result;
        _resources = resources;
        _status = result.Fields[0];
    }

    /// <summary>The kind of operation.</summary>
    public OperationKind Kind { get; }

    /// <summary>The name in circuit files, for example <c>queue.append</c>.</summary>
    public string Name { get; }

    /// <summary>The type of requests.</summary>
    public EsfSchema Request { get; }

    /// <summary>The type of results. Results that contain only numbers all have the length of the fixed block; bytes add to that
    /// length.</summary>
    public EsfSchema Result { get; }

    /// <summary>The name of the queue that the operation works on; null if it works on a map.</summary>
    public string? Queue => Place(OperationContract.Queue);

    /// <summary>The name of the map that the operation works on; null if it works on a queue.</summary>
    public string? Map => Place(OperationContract.Map);

    /// <summary>The name of the queue with the change feed of the map, for <see cref="OperationKind.MapSync"/>; otherwise null.</summary>
    public string? Feed => Place(OperationContract.Feed);

    /// <summary>The name of the replica in the replication engine, for <see cref="OperationKind.QueueReplicate"/> and
    /// <see cref="OperationKind.MapSync"/>; otherwise null.</summary>
    public string? Replica => Place(OperationContract.Replica);

    /// <summary>The expression by which <see cref="OperationKind.QueueCompact"/> compacts; null if it applies retention.</summary>
    public string? CompactionKey => Compaction?.Key.Text;

    /// <summary>The rule of a compaction by key; null if there is none.</summary>
    internal CompactionRule? Compaction { get; }

    /// <summary>The queue that the operation appends to; null if it appends to none of the host's queues.</summary>
    public string? QueueWritten =>
        Kind is OperationKind.QueueAppend or OperationKind.QueueAppendBatch || Compaction is not null ? Queue : null;

    /// <summary>Whether the operation only reads. The storage of the data that it reads is charged to the writers of the data.</summary>
    internal bool IsReading => Kind is OperationKind.QueueRead or OperationKind.MapGet;

    /// <summary>Whether the operation may increase the amount of stored data. Operations that only read, free data or set an expiry also
    /// run when a tenant exceeds its storage limit, since they may free space.</summary>
    internal bool IsStoring =>
        !IsReading && Kind is not (OperationKind.QueueCompact or OperationKind.MapRemove or OperationKind.MapTouch or OperationKind.MapClear
            or OperationKind.MapGc);

    /// <summary>Returns the status in a result.</summary>
    /// <param name="result">A result of the operation.</param>
    /// <exception cref="ArgumentException">The message is not a result of the operation.</exception>
    public OperationStatus StatusOf(ReadOnlySpan<byte> result) =>
        _status.TryGetInt64(result, out long status)
            ? (OperationStatus)status
            : throw new ArgumentException($"The message is not a {Result}.", nameof(result));

    /// <inheritdoc cref="Name"/>
    public override string ToString() => Name;

    private string? Place(string key) => _resources.GetValueOrDefault(key);
}
