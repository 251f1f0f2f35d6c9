using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>The work of the map scenarios in a round: operations on <paramref name="Entries"/> present keys.</summary>
internal sealed record MapWorkload(ulong Entries, long Operations)
{
    /// <summary>Operations per call of a batch method; also the smallest number of operations.</summary>
    public const int BatchOperations = 1024;

    /// <summary>Keys in one call of the product's batched operations.</summary>
    public const int Together = 16;

    private const int TinyBatches = 32;

    public static readonly IReadOnlyList<string> Cases = ["1K", "1M", "16M"];

    public string NativeArguments => $"--entries {Entries} --operations {Operations}";

    /// <summary>Returns independent operations: rounds of about 100 ms to 250 ms at full size; a tiny run has at most ten thousand
    /// entries.</summary>
    public static MapWorkload Of(string caseName, RunSize size) => Of(caseName, size, oneIn: 1);

    /// <summary>Returns a workload with fewer operations, for stores that take several times as long.</summary>
    /// <param name="caseName">One of <see cref="Cases"/>.</param>
    /// <param name="size">The amount of work.</param>
    /// <param name="oneIn">The divisor of the operations: a power of two, at most 32.</param>
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
/// A map under test: entry i exists with value i. Implementations are structs, so that the JIT compiles a separate loop for
/// each, with their calls inlined.
/// </summary>
internal interface IMapStore : IDisposable
{
    bool TryGet(ulong key, out ulong value);

    void Put(ulong key, ulong value);

    bool CompareExchange(ulong key, ulong expected, ulong replacement);

    /// <summary>Returns the sum of all values.</summary>
    ulong Sum();
}
