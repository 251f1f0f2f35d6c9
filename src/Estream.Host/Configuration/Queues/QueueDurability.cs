using Estream.Host.Runtime;
using Estream.Queue;

namespace Estream.Host.Configuration;

/// <summary>
/// The durability of the queues of a configuration. The default is a group commit for queues of adapters whose peers do not send an
/// acknowledged message again (<see cref="Estream.Wire.IWireAdapterFactory.NeedsDurableQueues"/>), otherwise the page cache.
/// </summary>
/// <param name="settings">The configuration.</param>
/// <param name="plan">The adapters of the configuration, and the factories of their types.</param>
internal sealed class QueueDurability(EstreamSettings settings, HostConfiguration plan)
{
    /// <summary>The key of the durability in the section of a queue.</summary>
    public const string Key = "Durability";

    /// <summary>The name of <see cref="Durability.Quorum"/>.</summary>
    public const string Quorum = "Quorum";

    private readonly AdapterSettings[] _needing =
        [.. settings.Adapters.Where(adapter => plan.NeedsDurableQueues(plan.Adapters[adapter.Name]))];

    /// <summary>The names that a configuration may contain.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [Durability.PageCache.ToString(), Durability.GroupCommit().ToString(), Durability.Every.ToString(), Quorum];

    /// <summary>Returns the configured durability of a queue, or its default.</summary>
    public Durability Of(QueueSettings queue) => queue.Durability switch
    {
        "PageCache" => Durability.PageCache,
        "GroupCommit" => Durability.GroupCommit(),
        "Every" => Durability.Every,
        Quorum => Durability.Quorum,
        null or "" => DefaultOf(queue),
        { } unknown => throw new ArgumentException($"'{unknown}' is not a durability.", nameof(queue)),
    };

    /// <summary>Returns the name of the first adapter that stores messages in a queue and needs them durable; null if there is none.</summary>
    public string? NeededBy(QueueSettings queue) => _needing.FirstOrDefault(adapter => Feeds(adapter, queue.Name))?.Name;

    /// <summary>Returns a warning about a queue that is configured with less than its adapters need; null if there is none.</summary>
    public DurabilityWarning? WarningOf(QueueSettings queue) =>
        queue.Durability == "PageCache" && NeededBy(queue) is { } adapter
            ? new DurabilityWarning(queue.Name, queue.Durability, adapter, DefaultOf(queue).ToString())
            : null;

    private Durability DefaultOf(QueueSettings queue) => NeededBy(queue) is null ? Durability.PageCache : Durability.GroupCommit();

    private static bool Feeds(AdapterSettings adapter, string queue) =>
        queue == HostConfiguration.DeadLetters || adapter.Section.GetSection("Mappings").GetChildren().Any(mapping =>
            mapping["Queue"] == queue || mapping.GetSection("SubLexes").GetChildren().Any(subLex => subLex.Value == queue));
}
