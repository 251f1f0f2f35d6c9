using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map.Tests;

/// <summary>A reader reads the log of a batch between two stores of its writer.</summary>
public sealed class BatchLogTests
{
    private const long Owner = 5;

    [Fact]
    public void A_snapshot_between_the_two_stores_of_a_commit_is_outdated_by_the_commit_and_the_end_of_the_batch()
    {
        MemoryRegion region = NativeRegion.Allocate(BatchLog<long, long>.BytesFor(1));
        using BatchLog<long, long> log = BatchLog<long, long>.Initialize(region, "log", hashSeed: 1);
        BatchLogSnapshot before = log.Now;

        // Commit has stored the turn, but not yet the owner word.
        region.All.WriteInt64(BatchLayout.Turn, before.Turn + 1);
        BatchLogSnapshot between = log.Now;
        Assert.Equal(OwnerWord.Nobody, between.Owner);
        region.All.WriteInt64(BatchLayout.Turn, before.Turn);
        log.Commit(Owner);
        Assert.Equal(between.Turn, log.Now.Turn);
        Assert.False(log.IsUnchangedSince(between));
        log.End();
        Assert.False(log.IsUnchangedSince(between));
        Assert.False(log.IsUnchangedSince(before));
    }

    [Fact]
    public void A_snapshot_of_a_committed_batch_is_outdated_by_its_end_and_by_the_next_batch_of_the_same_owner()
    {
        MemoryRegion region = NativeRegion.Allocate(BatchLog<long, long>.BytesFor(1));
        using BatchLog<long, long> log = BatchLog<long, long>.Initialize(region, "log", hashSeed: 1);
        log.Commit(Owner);
        BatchLogSnapshot first = log.Now;
        Assert.True(log.IsUnchangedSince(first));
        log.End();
        Assert.False(log.IsUnchangedSince(first));
        Assert.True(log.IsUnchangedSince(log.Now));
        log.Commit(Owner);
        Assert.Equal(first.Owner, log.Now.Owner);
        Assert.False(log.IsUnchangedSince(first));
    }
}
