using Estream.Esf;

namespace Estream.Circuits.Operations;

/// <summary>What a circuit of an operation does, and with what, as its file says it. Immutable.</summary>
public sealed class CircuitOperation
{
    private readonly IReadOnlyDictionary<string, string> _resources;
    private readonly EsfField _status;

    internal CircuitOperation(OperationContract contract, EsfSchema request, EsfSchema result,
        IReadOnlyDictionary<string, string> resources)
    {
        Kind = contract.Kind;
        Name = contract.Name;
        Request = request;
        Result = result;
        _resources = resources;
        _status = result.Fields[0];
    }

    /// <summary>Which operation.</summary>
    public OperationKind Kind { get; }

    /// <summary>Its name in circuit files, for example <c>queue.append</c>.</summary>
    public string Name { get; }

    /// <summary>The type of requests.</summary>
    public EsfSchema Request { get; }

    /// <summary>The type of results. Where it has numbers alone they all have one length, that of its fixed block; those with bytes are
    /// longer by them.</summary>
    public EsfSchema Result { get; }

    /// <summary>The name of the queue it works on; null where it is a map.</summary>
    public string? Queue => Place(OperationContract.Queue);

    /// <summary>The name of the map it works on; null where it is a queue.</summary>
    public string? Map => Place(OperationContract.Map);

    /// <summary>The name of the queue that keeps the changes of the map; of <see cref="OperationKind.MapSync"/>.</summary>
    public string? Feed => Place(OperationContract.Feed);

    /// <summary>What the engine that replicates calls the replica; of <see cref="OperationKind.QueueReplicate"/> and
    /// <see cref="OperationKind.MapSync"/>.</summary>
    public string? Replica => Place(OperationContract.Replica);

    /// <summary>The queue it appends to; null where it appends to none of the host's.</summary>
    internal string? QueueWritten => Kind is OperationKind.QueueAppend or OperationKind.QueueAppendBatch ? Queue : null;

    /// <summary>Whether it only reads: what it reads is held by those who write it.</summary>
    internal bool IsReading => Kind is OperationKind.QueueRead or OperationKind.MapGet;

    /// <summary>Whether there may be more on disk behind it. What only reads, frees or says when an entry ends is done also where a tenant
    /// holds too much: it may be what makes room.</summary>
    internal bool IsStoring =>
        !IsReading && Kind is not (OperationKind.QueueCompact or OperationKind.MapRemove or OperationKind.MapTouch or OperationKind.MapClear
            or OperationKind.MapGc);

    /// <summary>What became of a request.</summary>
    /// <param name="result">A result of the operation.</param>
    /// <exception cref="ArgumentException">It is none.</exception>
    public OperationStatus StatusOf(ReadOnlySpan<byte> result) =>
        _status.TryGetInt64(result, out long status)
            ? (OperationStatus)status
            : throw new ArgumentException($"This is no message of {Result}.", nameof(result));

    /// <inheritdoc cref="Name"/>
    public override string ToString() => Name;

    private string? Place(string key) => _resources.GetValueOrDefault(key);
}
