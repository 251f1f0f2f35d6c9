using Estream.Host.Runtime;
using Estream.Queue;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>
/// The default durability of a queue: a group commit for messages of FIX, ISO 20022, HL7 and FHIR adapters, because a counterparty does not
/// resend them after a power cut; otherwise the page cache.
/// </summary>
internal static class QueueDurability
{
    /// <summary>The name of <see cref="Durability.Quorum"/>.</summary>
    public const string Quorum = "Quorum";

    /// <summary>The names that a configuration may contain.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [Durability.PageCache.ToString(), Durability.GroupCommit().ToString(), Durability.Every.ToString(), Quorum];

    public static Durability Of(QueueSettings queue, EstreamSettings settings) => queue.Durability switch
    {
        "PageCache" => Durability.PageCache,
        "GroupCommit" => Durability.GroupCommit(),
        "Every" => Durability.Every,
        Quorum => Durability.Quorum,
        _ => IsNotResent(queue, settings) ? Durability.GroupCommit() : Durability.PageCache,
    };

    /// <summary>Whether FIX, ISO 20022, HL7 or FHIR adapters store messages in a queue.</summary>
    public static bool IsNotResent(QueueSettings queue, EstreamSettings settings) =>
        settings.Adapters.Any(adapter => IsNotResent(adapter) && Feeds(adapter, queue.Name));

    private static bool IsNotResent(AdapterSettings adapter) =>
        adapter.Type is { } type
        && (type.StartsWith("fix-", StringComparison.Ordinal) || type.StartsWith("iso20022-", StringComparison.Ordinal)
            || Hl7SettingSchemas.Has(type) || FhirSettingSchemas.Has(type));

    private static bool Feeds(AdapterSettings adapter, string queue) =>
        queue == HostConfiguration.DeadLetters || adapter.Section.GetSection("Mappings").GetChildren().Any(mapping =>
            mapping["Queue"] == queue || mapping.GetSection("SubLexes").GetChildren().Any(subLex => subLex.Value == queue));
}
