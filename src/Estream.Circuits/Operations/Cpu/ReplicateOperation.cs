using Estream.Circuits.Operations.Replication;
using Estream.Esf;

namespace Estream.Circuits.Operations.Cpu;

/// <summary>Advances a replica of a queue or map.</summary>
internal sealed class ReplicateOperation : CpuOperation
{
    private readonly EsfField _most;
    private readonly IReplica _replica;

    private ReplicateOperation(CircuitOperation operation, IReplica replica)
        : base(operation)
    {
        _most = RequestField("most");
        _replica = replica;
    }

    public static ReplicateOperation Open(CircuitOperation operation, OperationResources resources)
    {
        IReplicationEngine engine = resources.Replication
            ?? throw new ArgumentException(
                $"'{operation}' needs a replication engine. Set one in {nameof(OperationResources)}, for example a "
                + $"{nameof(LocalReplicationEngine)}.", nameof(resources));
        IReplica replica = operation.Kind == OperationKind.QueueReplicate
            ? engine.OpenQueue(operation.Replica!, resources.Queue(operation.Queue!))
            : engine.OpenMap(operation.Replica!, resources.Map(operation.Map!), resources.Queue(operation.Feed!));
        return new ReplicateOperation(operation, replica);
    }

    public override void Dispose()
    {
        base.Dispose();
        _replica.Dispose();
    }

    protected override OperationStatus Execute(ReadOnlySpan<byte> request, ref EsfMessageBuilder result)
    {
        _ = _most.TryGetInt64(request, out long most);
        ReplicationProgress progress = _replica.Advance(most);
        Set(ref result, "messages", progress.Messages);
        Set(ref result, "message_bytes", progress.Bytes);
        Set(ref result, "position", progress.Position);
        Set(ref result, "lag_messages", progress.LagMessages);
        Set(ref result, "lag_bytes", progress.LagBytes);
        return OperationStatus.Done;
    }
}
