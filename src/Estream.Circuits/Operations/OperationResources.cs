using Estream.Circuits.Operations.Replication;
using Estream.Queue;

namespace Estream.Circuits.Operations;

/// <summary>Where circuits of operations find the queues and maps they name. Everything stays its owner's to dispose, after the
/// operations.</summary>
public sealed record OperationResources
{
    /// <summary>Queues by the names that circuit files use, open for writing.</summary>
    public IReadOnlyDictionary<string, EstreamQueue> Queues { get; init; } = new Dictionary<string, EstreamQueue>();

    /// <summary>Maps by the names that circuit files use.</summary>
    public IReadOnlyDictionary<string, OperationMap> Maps { get; init; } = new Dictionary<string, OperationMap>();

    /// <summary>What replicates; needed by <see cref="OperationKind.QueueReplicate"/> and <see cref="OperationKind.MapSync"/>
    /// alone.</summary>
    public IReplicationEngine? Replication { get; init; }

    /// <summary>How appends are made; <see cref="AppenderMode.Shared"/> by default. Results tell the sequence number of a message where it
    /// is <see cref="AppenderMode.Exclusive"/>.</summary>
    public AppenderMode Appending { get; init; } = AppenderMode.Shared;

    /// <summary>The queue of a name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public EstreamQueue Queue(string name) => Queues.TryGetValue(name, out EstreamQueue? queue)
        ? queue
        : throw None("queue", name, Queues.Keys);

    /// <summary>The map of a name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public OperationMap Map(string name) => Maps.TryGetValue(name, out OperationMap? map) ? map : throw None("map", name, Maps.Keys);

    private static ArgumentException None(string what, string name, IEnumerable<string> known) =>
        new($"The circuit works on a {what} '{name}', and there is none of that name; there are: "
            + $"{string.Join(", ", known.DefaultIfEmpty("none"))}. Give it to {nameof(OperationResources)}.");
}
