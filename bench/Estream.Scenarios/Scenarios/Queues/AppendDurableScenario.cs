using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Scenarios;

/// <summary>
/// Appends messages that survive a power cut, by group commit, on a disk: groups of a mebibyte, or the messages of a millisecond. The floor
/// writes equally large groups one after the other over existing blocks, and so shows the limit of the disk.
/// </summary>
internal sealed class AppendDurableScenario : IScenario
{
    public string Name => "append-durable";

    public string Summary => "append a 64-byte message durably to a disk, by group commit";

    public Unit Unit => Unit.OperationsPerSecond;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "64B",
            Reference: "floor-cpp",
            Contender.Native("floor-cpp", "append-durable", size => new DurableWorkload(size).NativeArguments) with
            {
                Storage = Storage.Disk,
            },
            Contender.Managed("estream", context => new QueueDurableContender(context)) with
            {
                Storage = Storage.Disk,
                Target = new Target([Goal.AtLeast(1_000_000)], [Goal.AtLeastTimes(1)]),
            },
            Contender.Native("floor-io_uring", "append-durable-uring", size => new DurableWorkload(size).NativeArguments) with
            {
                Storage = Storage.Disk,
                IsPeer = true,
            }),
    ];
}
