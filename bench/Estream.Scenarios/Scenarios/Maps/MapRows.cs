using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Peers.Stores;
using Estream.Scenarios.Product;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Scenarios;

/// <summary>The contenders that the map scenarios have in common.</summary>
internal static class MapRows
{
    /// <summary>The divisor of the databases' operations, because a get from a database takes microseconds.</summary>
    private const int DatabasePortion = 32;

    public static Contender Native(string implementation, string command, string caseName, int oneIn = 1)
    {
        return Contender.Native(implementation, command, size => MapWorkload.Of(caseName, size, oneIn).NativeArguments);
    }

    /// <summary>Returns the product's row in files of default pages, and the same row in files of huge pages.</summary>
    public static IEnumerable<Contender> Product(string caseName, Target? target, Func<ProductMap, MapWorkload, IContender> round)
    {
        yield return Product("estream", caseName, round) with { Target = target };
        if (HasHugePages(caseName))
        {
            yield return Product("estream-huge", caseName, round) with { IsPeer = true, Storage = Storage.HugePages };
        }
    }

    public static Contender Product(string implementation, string caseName, Func<ProductMap, MapWorkload, IContender> round, int oneIn = 1)
    {
        return Contender.Managed(implementation, context =>
        {
            MapWorkload workload = MapWorkload.Of(caseName, context.Size, oneIn);
            return round(new ProductMap(context, workload), workload);
        });
    }

    public static Contender Dictionary(string caseName, Func<DictionaryStore, MapWorkload, IContender> round) =>
        Managed("dictionary", caseName, workload => round(new DictionaryStore(workload), workload));

    public static Contender ConcurrentDictionary(string caseName, Func<ConcurrentDictionaryStore, MapWorkload, IContender> round) =>
        Managed("concurrent-dictionary", caseName, workload => round(new ConcurrentDictionaryStore(workload), workload));

    public static Contender Faster(string caseName, Func<FasterStore, MapWorkload, IContender> round) =>
        Managed("faster-kv", caseName, workload => round(new FasterStore(workload), workload));

    public static Contender Tsavorite(string caseName, Func<TsavoriteStore, MapWorkload, IContender> round) =>
        Managed("tsavorite", caseName, workload => round(new TsavoriteStore(workload), workload));

    /// <summary>Returns the .NET bindings of the databases, in the cases of <see cref="Databases"/>.</summary>
    public static IEnumerable<Contender> DatabaseBindings(
        string caseName, Func<LightningStore, MapWorkload, IContender> lightning, Func<RocksStore, MapWorkload, IContender> rocks)
    {
        return caseName == "16M"
            ? []
            :
            [
                Binding("lightningdb", caseName, (context, workload) => lightning(new LightningStore(context, workload), workload)) with
                {
                    // The binding is compared with the C++ row, whose library it loads: without that row the binding is also skipped.
                    NativeCommand = "lmdb-get",
                },
                Binding("rocksdb-net", caseName, (context, workload) => rocks(new RocksStore(context, workload), workload)),
            ];
    }

    /// <summary>Returns a C++ row that <c>--quick</c> leaves out.</summary>
    public static Contender Peer(string implementation, string command, string caseName, int oneIn = 1) =>
        Native(implementation, command, caseName, oneIn) with { IsPeer = true };

    /// <summary>Returns the rows of the embedded databases. There are none in the case of sixteen million entries, because filling a
    /// database takes minutes there.</summary>
    public static IEnumerable<Contender> Databases(string caseName, string operation)
    {
        return caseName == "16M"
            ? []
            : new[] { "lmdb", "rocksdb" }.Select(name =>
                Native(name, $"{name}-{operation}", caseName, DatabasePortion) with { IsPeer = true, Portion = DatabasePortion });
    }

    /// <summary>Returns absl on huge pages, in cases whose table is larger than a huge page.</summary>
    public static IEnumerable<Contender> AbslHuge(string caseName, string operation, int oneIn = 1)
    {
        return HasHugePages(caseName) ? [Peer("absl-huge", $"absl-huge-{operation}", caseName, oneIn)] : [];
    }

    /// <summary>Whether the tables of a case are larger than a huge page.</summary>
    public static bool HasHugePages(string caseName) => caseName != "1K";

    private static Contender Binding(string implementation, string caseName, Func<ContenderContext, MapWorkload, IContender> create)
    {
        return Contender.Managed(implementation, context => create(context, MapWorkload.Of(caseName, context.Size, DatabasePortion))) with
        {
            IsPeer = true,
            Portion = DatabasePortion,
        };
    }

    private static Contender Managed(string implementation, string caseName, Func<MapWorkload, IContender> create)
    {
        return Contender.Managed(implementation, context => create(MapWorkload.Of(caseName, context.Size))) with { IsPeer = true };
    }
}
