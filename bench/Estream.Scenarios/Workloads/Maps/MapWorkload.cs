using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>What the map scenarios do in a round: operations on <paramref name="Entries"/> present keys.</summary>
internal sealed record MapWorkload(ulong Entries, long Operations)
{
    /// <summary>Operations between two calls of a batch method; also the smallest number of operations there is.</summary>
    public const int BatchOperations = 1024;

    /// <summary>Keys in one call of the product's batched operations.</summary>
    public const int Together = 16;

    private const int TinyBatches = 32;

    public static readonly IReadOnlyList<string> Cases = ["1K", "1M", "16M"];

    public string NativeArguments => $"--entries {Entries} --operations {Operations}";

    /// <summary>Independent operations: rounds of some 100 ms to 250 ms at full size; a tiny run keeps at most ten thousand
    /// entries.</summary>
    public static MapWorkload Of(string caseName, RunSize size) => Of(caseName, size, oneIn: 1);

    /// <summary>The same with fewer operations, for what takes several times as long.</summary>
    /// <param name="caseName">One of <see cref="Cases"/>.</param>
    /// <param name="size">The amount of work.</param>
    /// <param name="oneIn">A power of two of at most 32: so many times fewer operations.</param>
    public static MapWorkload Of(string caseName, RunSize size, int oneIn)
    {
        (ulong entries, int batches) = caseName switch
        {
            "1K" => (1_000UL, 32_000),
            "1M" => (1_000_000UL, 4_000),
            "16M" => (16_000_000UL, 2_016),
            _ => throw new ScenarioException($"the maps have no case '{caseName}'"),
        };
        return size == RunSize.Tiny
            ? new MapWorkload(Math.Min(entries, 10_000), (long)TinyBatches / oneIn * BatchOperations)
            : new MapWorkload(entries, (long)batches / oneIn * BatchOperations);
    }
}

/// <summary>
/// A map under test: entry i is there with value i. Implementations are structs, so that the compiler makes a loop of its own for
/// each, with their calls in it.
/// </summary>
internal interface IMapStore : IDisposable
{
    bool TryGet(ulong key, out ulong value);

    void Put(ulong key, ulong value);

    bool CompareExchange(ulong key, ulong expected, ulong replacement);

    /// <summary>All values added up.</summary>
    ulong Sum();
}
