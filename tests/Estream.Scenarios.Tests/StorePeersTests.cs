using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Peers.Stores;
using Estream.Scenarios.Workloads;
using Estream.Testing;

namespace Estream.Scenarios.Tests;

/// <summary>The stores and logs from NuGet return the results that the scenarios expect of every map and every log.</summary>
public sealed class StorePeersTests
{
    private const int Entries = 5_000;

    private static readonly MapWorkload s_workload = new(Entries, MapWorkload.BatchOperations);

    [Fact]
    public void FasterKV_answers_as_a_dictionary_does() => AssertIsMap(new FasterStore(s_workload), swaps: true);

    [Fact]
    public void Tsavorite_answers_as_a_dictionary_does() => AssertIsMap(new TsavoriteStore(s_workload), swaps: true);

    [PeerFact("/usr/include/lmdb.h", "liblmdb-dev")]
    public void LightningDB_answers_as_a_dictionary_does()
    {
        using TempDirectory directory = new();
        AssertIsMap(new LightningStore(Context(directory), s_workload), swaps: false);
    }

    [Fact]
    public void RocksDB_answers_as_a_dictionary_does()
    {
        using TempDirectory directory = new();
        AssertIsMap(new RocksStore(Context(directory), s_workload), swaps: false);
    }

    [Fact]
    public void FasterLog_returns_the_stamp_of_the_newest_entry()
    {
        using TempDirectory directory = new();
        using FasterLogAppendContender log = new(Context(directory));
        long messages = new LogWorkload(RunSize.Tiny).AppendedMessages;

        for (int round = 1; round <= 5; round++)
        {
            // 5 rounds write several times the retained amount.
            Assert.Equal((ulong)(messages * round) - 1, log.Run().Check);
        }
    }

    [Fact]
    public void FasterLog_reads_every_entry_of_every_pass()
    {
        using TempDirectory directory = new();
        using FasterLogReadContender log = new(Context(directory));
        LogWorkload workload = new(RunSize.Tiny);
        ulong sum = (ulong)(workload.StoredMessages * (workload.StoredMessages - 1) * workload.Passes);

        Assert.Equal(sum, log.Run().Check);
        Assert.Equal(sum, log.Run().Check);
    }

    private static ContenderContext Context(TempDirectory directory) => new(directory.Path, RunSize.Tiny);

    private static void AssertIsMap<TStore>(TStore store, bool swaps)
        where TStore : struct, IMapStore
    {
        using (store)
        {
            ulong sum = 0;
            for (ulong i = 0; i < Entries; i++)
            {
                Assert.True(store.TryGet(KeySequence.KeyOf(i), out ulong value));
                Assert.Equal(i, value);
                sum += value;
            }

            Assert.False(store.TryGet(KeySequence.KeyOf(Entries), out _));
            Assert.Equal(sum, store.Sum());
            for (ulong i = 0; i < Entries; i += 2)
            {
                store.Put(KeySequence.KeyOf(i), i + 7);
                sum += 7;
            }

            Assert.Equal(sum, store.Sum());
            Assert.True(store.TryGet(KeySequence.KeyOf(2), out ulong changed));
            Assert.Equal(9UL, changed);
            if (swaps)
            {
                Assert.False(store.CompareExchange(KeySequence.KeyOf(2), 2, 100));
                Assert.True(store.CompareExchange(KeySequence.KeyOf(2), 9, 100));
                Assert.False(store.CompareExchange(KeySequence.KeyOf(Entries), 0, 1));
                Assert.Equal(sum - 9 + 100, store.Sum());
            }
        }
    }
}
