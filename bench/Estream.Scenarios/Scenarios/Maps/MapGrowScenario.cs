using Estream.Map;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Product;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Scenarios;

/// <summary>Puts new keys into a map without a size hint. The longest put matters: a map that grows in one step has one put that takes
/// the whole time. Reported without a target.</summary>
internal sealed class MapGrowScenario : IScenario
{
    private static readonly MapWorkload s_nothing = new(Entries: 0, MapWorkload.BatchOperations);

    public string Name => "map-grow";

    public string Summary => "put a new key into a map that is empty at the start of the round; each put is timed";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new(
            "1-writer",
            Reference: null,
            Of("estream", EntriesOf, 1, context => new ProductMap(context, s_nothing)),
            Of("dictionary", EntriesOf, 1, _ => new DictionaryStore(s_nothing)) with { IsPeer = true },
            Of("concurrent-dictionary", EntriesOf, 1, _ => new ConcurrentDictionaryStore(s_nothing)) with { IsPeer = true }),
        new(
            "2-writers",
            Reference: null,
            Of("estream", EntriesOf, 2, context => new ProductMap(context, s_nothing, new MapOptions { Writers = MapWriters.Many })),
            Of("concurrent-dictionary", EntriesOf, 2, _ => new ConcurrentDictionaryStore(s_nothing)) with { IsPeer = true }),
        new(
            "bytes",
            Reference: null,
            Of("estream", ByteEntriesOf, 1, context => new ProductByteMap(context, s_nothing)),
            Of("dictionary", ByteEntriesOf, 1, _ => new ByteDictionaryStore()) with { IsPeer = true }),
    ];

    private static Contender Of<TStore>(string implementation, Func<RunSize, long> entries, int writers,
        Func<ContenderContext, TStore> open)
        where TStore : struct, IMapStore =>
        Contender.Managed(implementation, context => new MapGrow<TStore>(context, entries(context.Size), writers, open));

    private static long EntriesOf(RunSize size) => size.Of(16_000_000, 10_000);

    /// <summary>A quarter of the entries of the other maps: each entry takes several times as long, and ten times the space.</summary>
    private static long ByteEntriesOf(RunSize size) => size.Of(4_000_000, 10_000);
}
