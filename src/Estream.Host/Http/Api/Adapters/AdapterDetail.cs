using System.Text.Json.Serialization;
using Estream.Host.Runtime;
using Estream.Wire;

namespace Estream.Host.Http;

/// <summary>The response of <c>/api/adapters/{name}</c>: the members of the overview, followed by further members.</summary>
internal sealed record AdapterDetail : AdapterOverview
{
    public AdapterDetail(AdapterOverview overview)
        : base(overview)
    {
    }

    /// <summary>The pause reasons of the adapter, and of <see cref="Queues"/>.</summary>
    [JsonPropertyOrder(1)]
    public required IReadOnlyList<string> PauseReasons { get; init; }

    /// <summary>The queues that the adapter writes.</summary>
    [JsonPropertyOrder(2)]
    public required IReadOnlyList<string> Queues { get; init; }

    /// <summary>The queue of the dead letters of the adapter.</summary>
    [JsonPropertyOrder(3)]
    public string DeadLetters { get; } = HostConfiguration.DeadLetters;

    /// <summary>The queues that the adapter sends.</summary>
    [JsonPropertyOrder(4)]
    public required IReadOnlyList<string> Egress { get; init; }

    [JsonPropertyOrder(5)]
    public required IReadOnlyList<RejectionOverview> Rejections { get; init; }

    [JsonPropertyOrder(6)]
    public required IReadOnlyList<AdapterTableOverview> Tables { get; init; }
}

/// <summary>A reason for which an adapter refused messages, packets or connections. <paramref name="Detail"/> is the text of the last
/// refusal; empty if the text is the reason. <paramref name="LastAt"/> is in milliseconds since 1970-01-01 UTC.
/// <paramref name="LastSequence"/> is the sequence number of the latest dead letter with this reason; null if there is none.</summary>
internal sealed record RejectionOverview(string Reason, string Detail, long Count, long LastAt, long? LastSequence)
{
    private const long NanosPerMilli = 1_000_000;

    public static RejectionOverview Of(AdapterRejection rejection) => new(
        rejection.Reason, rejection.Detail == rejection.Reason ? "" : rejection.Detail, rejection.Count,
        rejection.LastAt / NanosPerMilli, rejection.LastSequence);
}

/// <summary>A table of an adapter. <paramref name="Total"/> is the number of rows; 0 if the adapter cannot count them now.</summary>
internal sealed record AdapterTableOverview(string Name, string Title, long Total)
{
    public static AdapterTableOverview Of(AdapterTable table)
    {
        try
        {
            return new AdapterTableOverview(table.Name, table.Title, table.Total);
        }
        catch (Exception)
        {
            // An adapter of a third party may throw any exception; the rest of the page is still shown.
            return new AdapterTableOverview(table.Name, table.Title, 0);
        }
    }
}
