using Estream.Host.Remote;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Host.Tests.Remote;

public sealed class CursorOwnersTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly ManualClock _clock = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_clock_that_may_be_wrong_makes_no_room_for_another_cursor()
    {
        TimeSpan age = TimeSpan.FromDays(7);
        using EstreamQueue log = EstreamQueue.Open(
            _directory.Combine("trades"), new QueueOptions { SegmentBytes = 64 << 10, Clock = _clock });
        for (int i = 0; i < CursorOwners.MaxCursors; i++)
        {
            log.CreateTailer($"{CursorOwners.Prefix}{i}", age).Dispose();
        }

        using CursorOwners cursors = new(age);
        _clock.UtcNanos += 100L * 24 * 3_600_000_000_000;
        await Assert.ThrowsAsync<RemoteRefusalException>(() => OpenAsync("another"));
        Assert.Equal(CursorOwners.MaxCursors, log.ListTailers().Count);

        log.ConfirmRetentionClock();
        await OpenAsync("another");
        Assert.Equal(CursorOwners.MaxCursors, log.ListTailers().Count);
        Assert.Contains($"{CursorOwners.Prefix}another", log.ListTailers());

        Task OpenAsync(string cursor) => cursors.TakeOverAsync("trades", cursor, log, tailer =>
        {
            tailer.Dispose();
            return null!;
        });
    }
}
