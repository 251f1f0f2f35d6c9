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

    private static ArgumentException None(string what, string name, IEnumerable<string> known) =>
        new($"The circuit uses the {what} '{name}', which does not exist; there are: "
            + $"{string.Join(", ", known.DefaultIfEmpty("none"))}. Add it to {nameof(OperationResources)}.");
}
