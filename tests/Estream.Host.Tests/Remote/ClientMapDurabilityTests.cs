using Estream.Client;
using Estream.Client.Maps;
using Estream.Core;
using Estream.Host.Remote;
using Estream.Map;
using Estream.Testing;

namespace Estream.Host.Tests.Remote;

/// <summary>Goal: with <c>GroupCommit</c>, an acknowledged change of a map of clients is on the disk, and clients share flushes.</summary>
public sealed class ClientMapDurabilityTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly FailingFlushStorage _storage = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_change_is_acknowledged_after_its_flush_and_a_failed_flush_is_reported()
    {
        using KeyValueMap map = Open(isFlushed: true);
        Assert.True(map.WaitsForAcknowledgement);
        map.Put("a"u8, "1"u8, null);
        await map.WaitAcknowledgedAsync(map.Changes, CancellationToken.None);
        Assert.False(map.Info.HostCrashed);

        _storage.Fails = true;
        map.Put("b"u8, "2"u8, null);
        await Assert.ThrowsAsync<EstreamStorageException>(async () =>
            await map.WaitAcknowledgedAsync(map.Changes, CancellationToken.None));

        Assert.True(map.Info.HostCrashed);
        _storage.Fails = false;
    }

    [Fact]
    public async Task After_a_refused_flush_no_change_is_acknowledged_until_the_map_is_opened_again()
    {
        using (KeyValueMap map = Open(isFlushed: true))
        {
            map.Put("a"u8, "1"u8, null);
            _storage.Fails = true;
            await Assert.ThrowsAsync<EstreamStorageException>(async () =>
                await map.WaitAcknowledgedAsync(map.Changes, CancellationToken.None));
            _storage.Fails = false;

            // The kernel does not write the refused pages again, so a flush that succeeds proves nothing.
            map.Put("b"u8, "2"u8, null);
            EstreamStorageException refused = await Assert.ThrowsAsync<EstreamStorageException>(async () =>
                await map.WaitAcknowledgedAsync(map.Changes, CancellationToken.None));
            Assert.Contains("restart the host", refused.Message, StringComparison.Ordinal);
            Assert.True(map.HasCrashed);
        }

        using KeyValueMap again = Open(isFlushed: true);
        again.Put("c"u8, "3"u8, null);
        await again.WaitAcknowledgedAsync(again.Changes, CancellationToken.None);
        Assert.True(again.HasCrashed);
    }

    [Fact]
    public void A_refused_flush_of_the_compaction_is_reported_while_the_map_is_open()
    {
        KeyValueMap map = Open(isFlushed: false);
        Assert.False(map.HasCrashed);
        _storage.Fails = true;
        for (int change = 0; change < 100_000 && !map.HasCrashed; change++)
        {
            map.Put([(byte)(change % 100)], new byte[1024], null);
        }

        Assert.True(map.HasCrashed);
        Assert.True(map.Info.HostCrashed);
        _storage.Fails = false;
        map.Dispose();
        Assert.True(map.HasCrashed);
    }

    [Theory]
    [InlineData(true, false, 1)]
    [InlineData(true, true, 3)]
    [InlineData(false, false, 0)]
    [InlineData(false, true, 0)]
    public void An_incomplete_map_has_no_flags_because_older_clients_take_any_flag_for_complete(
        bool isComplete, bool hostCrashed, byte flags) =>
        Assert.Equal(flags, MapFrames.FlagsOf(new RemoteMapInfo(RemoteMapRole.Replica, "", 0, isComplete) { HostCrashed = hostCrashed }));

    [Fact]
    public async Task Closing_a_map_waits_for_the_running_flush()
    {
        KeyValueMap map = Open(isFlushed: true);
        map.Put("a"u8, "1"u8, null);
        using ManualResetEventSlim isFlushing = new();
        using ManualResetEventSlim mayFlush = new();
        _storage.Flushing = () =>
        {
            _storage.Flushing = null;
            isFlushing.Set();
            mayFlush.Wait();
        };
        Task acknowledged = map.WaitAcknowledgedAsync(map.Changes, CancellationToken.None).AsTask();
        isFlushing.Wait();
        Thread closing = new(map.Dispose);
        closing.Start();
        Eventually.True(() => closing.ThreadState.HasFlag(ThreadState.WaitSleepJoin) || !closing.IsAlive, "the map waits or is closed");
        bool isClosedEarly = !closing.IsAlive;
        mayFlush.Set();
        closing.Join();

        Assert.False(isClosedEarly);
        await acknowledged;
    }

    [Fact]
    public void Without_GroupCommit_a_change_does_not_wait_for_a_flush()
    {
        using KeyValueMap map = Open(isFlushed: false);
        _storage.Fails = true;
        map.Put("a"u8, "1"u8, null);

        Assert.False(map.WaitsForAcknowledgement);
        _storage.Fails = false;
    }

    [Fact]
    public async Task Changes_that_wait_at_the_same_time_share_a_flush()
    {
        using VersionedByteMap map = VersionedByteMap.Open(_folder.Combine("map"));
        Lock writing = new();
        MapGroupCommit commit = new(map, writing);
        Task first, second, third;
        writing.Enter();
        try
        {
            commit.Note();
            first = commit.WaitAsync(commit.Changes);

            // The first flush has started: it does not cover the next changes.
            Eventually.True(() => !ReferenceEquals(first, commit.WaitAsync(commit.Changes)), "the first flush has started");
            commit.Note();
            second = commit.WaitAsync(commit.Changes);
            commit.Note();
            third = commit.WaitAsync(commit.Changes);
            Assert.NotSame(first, second);
            Assert.Same(second, third);
            Assert.False(first.IsCompleted || second.IsCompleted);
        }
        finally
        {
            writing.Exit();
        }

        await Task.WhenAll(first, second, third);
        Assert.True(commit.WaitAsync(commit.Changes).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_change_during_a_flush_blocks_no_thread_and_is_made_before_the_next_flush()
    {
        using VersionedByteMap map = VersionedByteMap.Open(_folder.Combine("map"));
        Lock writing = new();
        MapGroupCommit commit = new(map, writing);
        Assert.Null(commit.TryDefer(() => Assert.Fail("No flush is running.")));
        Task flushed, deferred, next;
        writing.Enter();
        try
        {
            commit.Note();
            flushed = commit.WaitAsync(commit.Changes);

            // The flush waits for the lock that this thread holds.
            Eventually.True(() => !TryEnterAndExit(commit, writing), "the flush has started");
            next = commit.WaitAsync(commit.Changes + 1);
            deferred = commit.TryDefer(() =>
            {
                Assert.True(TryEnterAndExit(commit, writing));
                Assert.False(next.IsCompleted);
                commit.Note();
            })!;
            Assert.False(deferred.IsCompleted);
        }
        finally
        {
            writing.Exit();
        }

        await deferred;
        await next;
        await flushed;
        Assert.True(commit.WaitAsync(commit.Changes).IsCompletedSuccessfully);
        commit.Close();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => commit.WaitAsync(commit.Changes + 1));
    }

    private static bool TryEnterAndExit(MapGroupCommit commit, Lock writing)
    {
        if (!commit.TryEnter())
        {
            return false;
        }

        writing.Exit();
        return true;
    }

    private KeyValueMap Open(bool isFlushed) =>
        KeyValueMap.Open(_folder.Combine("map"), 100, isFlushed, new ByteMapOptions { Storage = _storage });
}
