using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Scenarios;

/// <summary>
/// `fix-roundtrip` with sessions that survive the acceptor, on a disk: a report is sent when order and report are in the journal at a level
/// of durability. QuickFIX uses its file store, which it writes without flushing to the device. So QuickFIX is compared with
/// <c>estream</c>, the page cache level.
/// </summary>
internal sealed class FixRoundtripDurableScenario : IScenario
{
    public string Name => "fix-roundtrip-durable";

    public string Summary => "fix-roundtrip with a journal on a disk, answered at each level of durability";

    public Unit Unit => Unit.OperationsPerSecond;

    public IReadOnlyList<ScenarioCase> Cases { get; } = [Of("64-in-flight", 64), Of("1-in-flight", 1)];

    private static ScenarioCase Of(string name, int inFlight) => new(
        name,
        Reference: "quickfix",
        [
            Contender.Managed("quickfix", context => new FixRoundtripContender(
                context, inFlight, (out int port) => FixVenue.StartQuickFix(context.Directory, out port))) with
            {
                NativeCommand = FixVenue.QuickFixCommand,
                Storage = Storage.Disk,
            },
            .. DurabilityLevels.All.Select(level => Contender.Managed(DurabilityLevels.RowOf(level), context => new FixRoundtripContender(
                context, inFlight, (out int port) => FixVenue.Start(context.Directory, level, out port))) with
            {
                IsPeer = level != DurabilityLevels.PageCache,
                IsWithoutFiles = true,
                Storage = Storage.Disk,
            }),
        ]);
}
