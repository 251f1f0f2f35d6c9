using Estream.Host.Runtime;
using Estream.Wire;

namespace Estream.Host.Http;

/// <summary>The response of <c>/api/adapters/{name}</c>. <paramref name="IsPaused"/> says whether an operator has paused the adapter.
/// <paramref name="PauseReasons"/> are the reasons of the adapter, and of <paramref name="Queues"/>, the queues that the adapter writes.
/// <paramref name="DeadLetters"/> is the queue of its dead letters, and <paramref name="Egress"/> are the queues that the adapter
/// sends.</summary>
internal sealed record AdapterDetail(
    string Name,
    string Type,
    string State,
    string Detail,
    long Connections,
    long ReceivedTotal,
    long RejectedTotal,
    long Restarts,
    int DeviceCount,
    int WaitingPaymentCount,
    bool IsPaused,
    IReadOnlyList<string> PauseReasons,
    IReadOnlyList<string> Queues,
    string DeadLetters,
    IReadOnlyList<string> Egress,
    IReadOnlyList<RejectionOverview> Rejections,
    IReadOnlyList<AdapterTableOverview> Tables)
{
    public static AdapterDetail Of(
        AdapterOverview overview, IReadOnlyList<string> pauseReasons, IReadOnlyList<string> queues,
        IReadOnlyList<string> egress, IReadOnlyList<RejectionOverview> rejections, IReadOnlyList<AdapterTableOverview> tables) => new(
            overview.Name, overview.Type, overview.State, overview.Detail, overview.Connections, overview.ReceivedTotal,
            overview.RejectedTotal, overview.Restarts, overview.DeviceCount, overview.WaitingPaymentCount, overview.IsPaused,
            pauseReasons, queues,
            HostConfiguration.DeadLetters, egress, rejections, tables);
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
