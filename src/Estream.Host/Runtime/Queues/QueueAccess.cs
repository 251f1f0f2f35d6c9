using System.Collections.Frozen;
using Estream.Client;
using Estream.Host.Http;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>
/// Decides which queues and maps a caller reaches. Decided once for each configuration. Thread-safe.
/// </summary>
/// <param name="commands">The queues whose messages an adapter sends to its peers.</param>
/// <param name="logs">The queues whose messages only their adapter writes: the logs and access records of FHIR
/// servers.</param>
/// <param name="payments">The queues of payment files. A foreign message among the messages of a file would look like a payment that a
/// bank has sent.</param>
/// <param name="maps">The maps that fold a queue, each with its queue.</param>
internal sealed class QueueAccess(
    IEnumerable<string> commands, IEnumerable<string> logs, IEnumerable<string> payments, IEnumerable<MapPlan> maps)
{
    private const string CommitSchema = "FhirCommit";

    private readonly FrozenSet<string> _commands = commands.ToFrozenSet(StringComparer.Ordinal);

    // A member of a consumer group of a partitioned queue reads all partitions.
    private readonly FrozenSet<string> _logs =
        logs.SelectMany(log => new[] { log, ParentOf(log) ?? log }).ToFrozenSet(StringComparer.Ordinal);

    private readonly FrozenSet<string> _payments = payments.ToFrozenSet(StringComparer.Ordinal);
    private readonly FrozenDictionary<string, string> _folds =
        maps.ToFrozenDictionary(map => map.Name, map => map.Queue, StringComparer.Ordinal);

    /// <summary>Reads the settings of all adapters, built in and components, and of the maps that fold queues.</summary>
    public static QueueAccess Of(IEnumerable<AdapterPlan> adapters, IEnumerable<MapPlan> maps)
    {
        WireSettings[] settings = [.. adapters.Select(adapter => adapter.Settings.Afresh())];
        return new QueueAccess(
            settings.SelectMany(adapter => adapter.List("Egress")).Select(egress => egress.Text("Queue")).OfType<string>(),
            settings.SelectMany(adapter => adapter.List("Mappings")).Where(mapping => IsCommit(mapping.Text("Schema")))
                .Select(mapping => mapping.Text("Queue")).Concat(settings.Select(AccessQueueOf)).OfType<string>(),
            settings.Where(IsPaymentFolder).SelectMany(adapter => adapter.List("Mappings")).Select(mapping => mapping.Text("Queue"))
                .OfType<string>(),
            maps);
    }

    /// <summary>Whether a caller may read a map. A map that folds the log of a FHIR server has the messages of the log.</summary>
    public bool MayReadMap(Identity identity, string map) => identity.Scopes.MayReadMap(map)
        && (identity.Scopes.ReachesFhir || !_folds.TryGetValue(map, out string? queue) || !_logs.Contains(queue));

    /// <summary>Returns why the scopes of a caller exclude changes of a map; null if the scopes include changes.</summary>
    public static string? WhyNotChange(Identity identity, string map) =>
        identity.Scopes.MayWriteMap(map) ? null : WhyNot(identity, "change", "map", map);

    public bool MayRead(Identity identity, string queue) =>
        (identity.Scopes.ReachesFhir || !_logs.Contains(queue))
        && (identity.Scopes.MayReadQueue(queue) || (ParentOf(queue) is { } parent && identity.Scopes.MayReadQueue(parent)));

    /// <summary>Returns why a caller may not append to a queue, and what to do; null if it may.</summary>
    public string? WhyNotAppend(Identity identity, string queue)
    {
        string? parent = ParentOf(queue);
        if (_logs.Contains(queue) && !identity.Scopes.ReachesFhir)
        {
            return WhyNot(identity, "append to", "queue", queue);
        }

        if (_commands.Contains(queue) || _logs.Contains(queue) || _payments.Contains(queue))
        {
            return identity.Scopes.NamesForAppend(queue) || (parent is not null && identity.Scopes.NamesForAppend(parent))
                ? null
                : $"An adapter {ActOf(queue)} queue '{queue}', so only a token that "
                    + $"names the queue may append to it. Create one with: estream token new --role operator --queue {queue}:append";
        }

        return identity.Scopes.MayAppend(queue) || (parent is not null && identity.Scopes.MayAppend(parent))
            ? null
            : WhyNot(identity, "append to", "queue", queue);
    }

    /// <summary>Returns why a caller may not use or remove a cursor or a consumer group of a queue, and what to do; null if it may. Commits
    /// and removals let retention delete messages that other clients have not read, so a token that only reads reaches only its
    /// own.</summary>
    public string? WhyNotMove(Identity identity, string queue, string cursor)
    {
        if (!MayRead(identity, queue))
        {
            return WhyNot(identity, "read", "queue", queue);
        }

        return !identity.Scopes.IsLimited || IsOwn(identity, cursor) || WhyNotAppend(identity, queue) is null
            ? null
            : $"Token '{identity.Name}' may not append to queue '{queue}', so it reaches only cursors and groups named '{identity.Name}' "
                + $"or '{identity.Name}.' and more, not '{cursor}'. Use such a name, or create a token with the scope "
                + $"{queue}:read,append.";
    }

    /// <summary>Returns the refusal of a caller whose scopes do not include a right.</summary>
    public static string WhyNot(Identity identity, string act, string kind, string name) =>
        $"The scopes of {identity.Name} do not include to {act} {kind} '{name}'. They are: {identity.Scopes}.";

    // A scope of a partitioned queue includes its partitions.
    private static string? ParentOf(string queue) => PartitionName.TryParse(queue, out string parent, out _) ? parent : null;

    private static bool IsOwn(Identity identity, string cursor) =>
        cursor == identity.Name || cursor.StartsWith(identity.Name + ".", StringComparison.Ordinal);

    private string ActOf(string queue) =>
        _commands.Contains(queue) ? "sends the messages of" : _logs.Contains(queue) ? "owns" : "stores files of payments in";

    // Only adapters of payment folders, built in or components, have the setting Folder.
    private static bool IsPaymentFolder(WireSettings adapter) => adapter.Text("Folder") is not null;

    private static string? AccessQueueOf(WireSettings adapter) => adapter.Text("AccessQueue") is { } name and not "none" ? name : null;

    private static bool IsCommit(string? schema) =>
        schema == CommitSchema || schema?.EndsWith("." + CommitSchema, StringComparison.Ordinal) == true;
}
