using Estream.Host.Runtime;
using Estream.Queue;

namespace Estream.Host.Configuration;

/// <summary>
/// The durability of the queues of a configuration. The default is a group commit for queues of adapters whose peers do not send an
/// acknowledged message again (<see cref="Estream.Wire.IWireAdapterFactory.NeedsDurableQueues"/>), otherwise the page cache. For a queue
/// that a host with the role auto replicates, a majority of the brokers must have the message as well.
/// </summary>
/// <param name="settings">The configuration.</param>
/// <param name="plan">The adapters of the configuration, and the factories of their types.</param>
internal sealed class QueueDurability(EstreamSettings settings, HostConfiguration plan)
{
    /// <summary>The key of the durability in the section of a queue.</summary>
    public const string Key = "Durability";

    private const string PageCache = "PageCache";
    private const string Quorum = "Quorum";
    private const string QuorumAndFlush = "QuorumAndFlush";

    private readonly AdapterSettings[] _needing =
        [.. settings.Adapters.Where(adapter => plan.NeedsDurableQueues(plan.Adapters[adapter.Name]))];

    /// <summary>The names that a configuration may contain.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [PageCache, Durability.GroupCommit().ToString(), Durability.Every.ToString(), Quorum, QuorumAndFlush];

    /// <summary>Whether a durability waits for the brokers.</summary>
    public static bool NeedsBrokers(string? durability) => durability is Quorum or QuorumAndFlush;

    /// <summary>Returns the configured durability of a queue, or its default.</summary>
    public Durability Of(QueueSettings queue) => queue.Durability switch
    {
        PageCache => Durability.PageCache,
        "GroupCommit" => Durability.GroupCommit(),
        "Every" => Durability.Every,
        Quorum => Durability.Quorum,
        QuorumAndFlush => Durability.QuorumAndFlush,
        null or "" => DefaultOf(queue),
        { } unknown => throw new ArgumentException($"'{unknown}' is not a durability.", nameof(queue)),
    };

    /// <summary>Returns the first adapter that stores messages in a queue and needs them durable; null if there is none.</summary>
    public string? NeededBy(QueueSettings queue) => _needing.FirstOrDefault(adapter => Feeds(adapter, queue.Name))?.Name;

    /// <summary>Returns a warning about a queue that is configured with less than its adapters need: messages that are not flushed. Null if
    /// there is none.</summary>
    public DurabilityWarning? WarningOf(QueueSettings queue) =>
        queue.Durability is PageCache or Quorum && NeededBy(queue) is { } adapter
            ? new DurabilityWarning(queue.Name, queue.Durability, adapter, DefaultOf(queue).ToString())
            : null;

    private Durability DefaultOf(QueueSettings queue)
    {
        bool isNeeded = NeededBy(queue) is not null;
        return settings.Replication is { Lease: not null } auto && auto.Publish.Contains(queue.Name, StringComparer.Ordinal)
            ? isNeeded ? Durability.QuorumAndFlush : Durability.Quorum
            : isNeeded ? Durability.GroupCommit() : Durability.PageCache;
    }

    private static bool Feeds(AdapterSettings adapter, string queue) =>
        queue == HostConfiguration.DeadLetters || adapter.Section.GetSection("Mappings").GetChildren().Any(mapping =>
            mapping["Queue"] == queue || mapping.GetSection("SubLexes").GetChildren().Any(subLex => subLex.Value == queue));
}
