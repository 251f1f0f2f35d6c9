using Estream.Host.Http;
using Estream.Wire;

namespace Estream.Host.Tests.Http;

/// <summary>An adapter with one rejection and one table of five rows.</summary>
internal sealed class FakeAdapter : IAdapterView
{
    private readonly List<string> _pauses = [];

    public AdapterDetail Detail =>
        new(new AdapterOverview("front", "mqtt-endpoint", "healthy", "Listening.", 1, 2, 3, 0) { IsPaused = _pauses.Count > 0 })
        {
            PauseReasons = _pauses,
            Queues = ["telemetry"],
            Egress = ["commands"],
            Rejections = [new RejectionOverview("no mapping", "no mapping (from a)", 3, 1_700_000_000_123, 12)],
            Tables = [AdapterTableOverview.Of(Tables[0])],
        };

    public IReadOnlyList<AdapterTable> Tables { get; } =
    [
        AdapterTable.Of(
            "clients", "Clients",
            [
                new AdapterColumn("clientId", "Client id", AdapterColumnKind.Id),
                new AdapterColumn("keepAlive", "Keep-alive", AdapterColumnKind.Duration, "s"),
                new AdapterColumn("filters", "Filters", AdapterColumnKind.List),
            ],
            static () => Enumerable.Range(0, 5),
            static number => $"c{number}",
            static number => number == 4
                ? [new string('x', 5_000), AdapterCell.None, AdapterCell.Of([.. Enumerable.Repeat("f", 500)])]
                : [$"c{number}", number, AdapterCell.Of(["a/#"])],
            static () => 5),
    ];

    public void Pause() => _pauses.Add("operator");

    public void Resume() => _pauses.Clear();
}
