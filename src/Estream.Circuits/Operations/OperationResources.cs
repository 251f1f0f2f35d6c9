using Estream.Circuits.Operations.Replication;
using Estream.Queue;

namespace Estream.Circuits.Operations;

/// <summary>The queues and maps of circuits that are operations. Their owner disposes them, after the operations.</summary>
public sealed record OperationResources
{
    /// <summary>Queues by the names that circuit files use, open for writing.</summary>
    public IReadOnlyDictionary<string, EstreamQueue> Queues { get; init; } = new Dictionary<string, EstreamQueue>();

    /// <summary>Maps by the names that circuit files use.</summary>
    public IReadOnlyDictionary<string, OperationMap> Maps { get; init; } = new Dictionary<string, OperationMap>();

    /// <summary>The replication engine; needed only by <see cref="OperationKind.QueueReplicate"/> and
    /// <see cref="OperationKind.MapSync"/>.</summary>
    public IReplicationEngine? Replication { get; init; }

    /// <summary>The mode of appenders; <see cref="AppenderMode.Shared"/> by default. Only in <see cref="AppenderMode.Exclusive"/> mode do
    /// results contain the sequence number of a message.</summary>
    public AppenderMode Appending { get; init; } = AppenderMode.Shared;

    /// <summary>Returns the queue with a name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">There is no such queue.</exception>
    public EstreamQueue Queue(string name) => Queues.TryGetValue(name, out EstreamQueue? queue)
        ? queue
        : throw None("queue", name, Queues.Keys);

    /// <summary>Returns the map with a name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">There is no such map.</exception>
    public OperationMap Map(string name) => Maps.TryGetValue(name, out OperationMap? map) ? map : throw None("map", name, Maps.Keys);

    /// <summary>Returns the directories of the data that an operation stores.</summary>
    internal IEnumerable<string> DirectoriesOf(CircuitOperation operation)
    {
        string? directory = operation.Queue is string queue ? Queue(queue).Directory : Map(operation.Map!).Directory;
        return directory is null || operation.IsReading ? [] : [directory];
    }

    /// <summary>Returns the lock that is held while an operation runs: operations on a map exclude one another, because a map has one
    /// writer.</summary>
    internal Lock GateOf(CircuitOperation operation) => operation.Map is string map ? Map(map).Gate : new Lock();

    /// <summary>Requires that every queue and map of an operation exists.</summary>
    /// <exception cref="ArgumentException">One does not exist.</exception>
    internal void Require(CircuitOperation operation)
    {
        foreach (string queue in new[] { operation.Queue, operation.Feed }.OfType<string>())
        {
            _ = Queue(queue);
        }

        if (operation.Map is string map)
        {
            _ = Map(map);
        }
    }

    private static ArgumentException None(string what, string name, IEnumerable<string> known) =>
        new($"The circuit uses the {what} '{name}', which does not exist; there are: "
            + $"{string.Join(", ", known.DefaultIfEmpty("none"))}. Add it to {nameof(OperationResources)}.");
}
