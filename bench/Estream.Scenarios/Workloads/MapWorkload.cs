using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>What the map scenarios do in a round: random operations on <paramref name="Entries"/> present keys.</summary>
internal sealed record MapWorkload(ulong Entries, long Operations)
{
    public const int BatchOperations = 1024;

    public static readonly IReadOnlyList<string> Cases = ["1K", "1M"];

    public string NativeArguments => $"--entries {Entries} --operations {Operations}";

    /// <summary>Rounds of some 150 ms to 300 ms at full size; a tiny run keeps at most ten thousand entries.</summary>
    public static MapWorkload Of(string caseName, RunSize size)
    {
        ulong entries = caseName switch
        {
            "1K" => 1_000,
            "1M" => 1_000_000,
            _ => throw new ScenarioException($"the maps have no case '{caseName}'"),
        };
        return size == RunSize.Tiny
            ? new MapWorkload(Math.Min(entries, 10_000), 20 * BatchOperations)
            : new MapWorkload(entries, (caseName == "1K" ? 32_000 : 8_000) * BatchOperations);
    }
}
