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
        _storage.Fails = false;
        map.Put("c"u8, "3"u8, null);
        await map.WaitAcknowledgedAsync(map.Changes, CancellationToken.None);

        Assert.True(map.Info.HostCrashed);
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
            Assert.Same(first, commit.WaitAsync(commit.Changes));

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

    private KeyValueMap Open(bool isFlushed) =>
        KeyValueMap.Open(_folder.Combine("map"), 100, isFlushed, new ByteMapOptions { Storage = _storage });
}
