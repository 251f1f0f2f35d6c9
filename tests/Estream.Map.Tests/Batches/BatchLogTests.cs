using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map.Tests;

/// <summary>What the log of a batch says to who only looks, when the look falls between two stores of its writer.</summary>
public sealed class BatchLogTests
{
    private const long Owner = 5;

    [Fact]
    public void Who_looked_between_the_two_stores_of_a_commit_sees_that_the_batch_is_being_made_and_that_it_has_ended()
    {
        MemoryRegion region = NativeRegion.Allocate(BatchLog<long, long>.BytesFor(1));
        using BatchLog<long, long> log = BatchLog<long, long>.Initialize(region, "log", hashSeed: 1);
        BatchLogSnapshot before = log.Now;

        // The turn is there, and the word is not yet.
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
    public void Who_looked_while_a_batch_was_made_sees_that_it_has_ended_and_that_the_next_one_of_the_same_owner_is_another()
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
