using Estream.Core;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Scenarios;

/// <summary>Random gets of present keys of 24 bytes; the values of 64 bytes are copied.</summary>
internal sealed class ByteMapGetScenario : IScenario
{
    public string Name => "bytemap-get";

    public string Summary => "get the 64-byte value of a random present 24-byte key";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } = ByteMapRows.Of("get", (map, workload) => new MapGet<ProductByteMap>(map, workload));
}

/// <summary>Random overwrites of values of 64 bytes, one writer, readers allowed.</summary>
internal sealed class ByteMapPutScenario : IScenario
{
    public string Name => "bytemap-put";

    public string Summary => "overwrite the 64-byte value of a random present 24-byte key";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } = ByteMapRows.Of("put", (map, workload) => new MapPut<ProductByteMap>(map, workload));
}

/// <summary>Overwrites of sixteen values per call. absl has no such call: its row is that of <c>bytemap-put</c>.</summary>
internal sealed class ByteMapPutBatchScenario : IScenario
{
    public string Name => "bytemap-put-batch";

    public string Summary => "overwrite the 64-byte values of random present 24-byte keys, sixteen per call; the cost of one value";

    public Unit Unit => Unit.NanosPerOperation;

    /// <summary>The targets are fifty and ten million puts a second.</summary>
    public IReadOnlyList<ScenarioCase> Cases { get; } = [Case("1K", Goal.Below(20)), Case("1M", Goal.Below(100))];

    private static ScenarioCase Case(string name, Goal goal) => ByteMapRows.Case(
        name, "put", "log-strings-put-batch", new Target([], [goal]), (map, workload) => new ByteMapPutManyContender(map, workload));
}

/// <summary>The contenders of the scenarios.</summary>
internal static class ByteMapRows
{
    /// <summary>The divisor of the operations compared with the maps of numbers, because each operation takes longer.</summary>
    private const int OneIn = 4;

    /// <summary>The further divisor of encrypted operations.</summary>
    private const int EncryptedPortion = 8;

    private static readonly QueueKeyRing s_keys = new("bench", new byte[QueueKeyRing.KeyBytes]);

    public static IReadOnlyList<ScenarioCase> Of(string operation, Func<ProductByteMap, MapWorkload, IContender> round) =>
    [
        Case("1K", operation, $"log-strings-{operation}", target: null, round),
        Case("1M", operation, $"log-strings-{operation}", new Target([Goal.AtMost(1.5)], []), round),
    ];

    public static ScenarioCase Case(
        string name, string operation, string log, Target? target, Func<ProductByteMap, MapWorkload, IContender> round) => new(
        name,
        Reference: "absl-strings",
        [
            MapRows.Native("absl-strings", $"absl-strings-{operation}", name, OneIn),
            MapRows.Peer("log-cpp", log, name, OneIn),
            Product("estream", name, OneIn, round, keys: null) with { Target = target },
            Product("estream-encrypted", name, OneIn * EncryptedPortion, round, s_keys) with
            {
                IsPeer = true, Portion = EncryptedPortion,
            },
        ]);

    private static Contender Product(
        string row, string name, int oneIn, Func<ProductByteMap, MapWorkload, IContender> round, QueueKeyRing? keys) =>
        Contender.Managed(row, context =>
        {
            MapWorkload workload = MapWorkload.Of(name, context.Size, oneIn);
            return round(new ProductByteMap(context, workload, keys), workload);
        });
}
