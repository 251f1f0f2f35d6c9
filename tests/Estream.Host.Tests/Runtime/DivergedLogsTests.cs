using Estream.Core;
using Estream.Host.Http;
using Estream.Host.Runtime;
using Estream.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Estream.Host.Tests.Runtime;

/// <summary>Goal: the host deletes logs that differ from their stream after some days. Only a person deletes logs that may hold
/// acknowledged messages.</summary>
public sealed class DivergedLogsTests : IDisposable
{
    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);

    private readonly TempDirectory _directory = new();
    private readonly ManualClock _clock = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_log_is_deleted_after_its_days_and_one_that_may_hold_acknowledged_messages_is_kept()
    {
        DivergedLogs logs = Open(days: 2);
        string old = PutAside(logs, "orders");
        string kept = PutAside(logs, "orders", mayHoldAcknowledged: true);
        Pass(logs, hours: 47);
        Assert.Equal(2, Assert.Single(logs.Health).Logs);

        Pass(logs, hours: 1);
        Assert.False(Directory.Exists(old));
        Assert.True(Directory.Exists(kept));
        Pass(logs, hours: 24 * 100);
        DivergedHealth health = Assert.Single(logs.Health);
        Assert.Equal(("orders", 1, 1), (health.Queue, health.Logs, health.Kept));
        Assert.Contains("'orders.diverged-2' may contain acknowledged messages", health.Detail, StringComparison.Ordinal);

        Directory.Delete(kept, recursive: true);
        Pass(logs, hours: 1);
        Assert.Empty(logs.Health);
    }

    [Fact]
    public void Zero_days_keep_all_logs()
    {
        DivergedLogs logs = Open(days: 0);
        for (int number = 1; number <= 20; number++)
        {
            Assert.EndsWith($"orders.diverged-{number}", PutAside(logs, "orders"), StringComparison.Ordinal);
        }

        Pass(logs, hours: 24 * 400);
        DivergedHealth health = Assert.Single(logs.Health);
        Assert.Equal((20, 0, ""), (health.Logs, health.Kept, health.Detail));
    }

    [Fact]
    public void A_clock_that_jumps_and_a_host_that_was_off_age_a_log_by_one_day()
    {
        string log = PutAside(Open(days: 3), "orders");
        _clock.UtcNanos += 100 * s_day.Ticks * TimeSpan.NanosecondsPerTick;
        DivergedLogs logs = Open(days: 3);
        logs.Check();
        Pass(logs, hours: 47);
        Assert.True(Directory.Exists(log));

        _clock.UtcNanos -= 100 * s_day.Ticks * TimeSpan.NanosecondsPerTick;
        Pass(logs, hours: 1);
        Assert.True(Directory.Exists(log));
        Pass(logs, hours: 1);
        Assert.False(Directory.Exists(log));
    }

    [Fact]
    public void Directories_that_the_host_has_not_put_aside_are_not_touched()
    {
        string queue = _directory.Combine("orders.diverged-1");
        Directory.CreateDirectory(queue);
        string live = _directory.Combine("orders");
        Directory.CreateDirectory(live);
        File.WriteAllText(Path.Combine(live, DivergedLogs.MarkFile), "{}");

        DivergedLogs logs = Open(days: 1);
        Pass(logs, hours: 100);
        Assert.Empty(logs.Health);
        Assert.True(Directory.Exists(queue));
        Assert.Empty(Directory.EnumerateFileSystemEntries(live));
        Assert.EndsWith("orders.diverged-2", PutAside(logs, "orders"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"seenAt\":")]
    [InlineData("{}")]
    [InlineData("{\"seenAt\":1,\"ageSeconds\":9000000000000000000,\"mayHoldAcknowledged\":false}")]
    public void A_log_whose_mark_is_damaged_is_kept_and_the_others_are_deleted(string mark)
    {
        DivergedLogs logs = Open(days: 1);
        string damaged = PutAside(logs, "orders");
        string other = PutAside(logs, "trades");
        File.WriteAllText(Path.Combine(damaged, DivergedLogs.MarkFile), mark);
        Pass(logs, hours: 100);
        Assert.Equal(1, Assert.Single(logs.Health).Kept);
        Assert.True(Directory.Exists(damaged));
        Assert.False(Directory.Exists(other));
    }

    [Fact]
    public void A_log_whose_mark_cannot_be_written_is_put_aside_and_marked_later()
    {
        DivergedLogs logs = Open(days: 2);
        string blocker = Path.Combine(_directory.Combine("orders"), DivergedLogs.MarkFile);
        Directory.CreateDirectory(blocker);
        string log = PutAside(logs, "orders");
        Assert.False(Directory.Exists(_directory.Combine("orders")));
        for (int day = 0; day < 3; day++)
        {
            _clock.Pass(s_day);
            Assert.ThrowsAny<Exception>(logs.Check);
            Assert.Equal(1, Assert.Single(logs.Health).Kept);
        }

        Directory.Delete(Path.Combine(log, DivergedLogs.MarkFile));
        Pass(logs, hours: 1);
        Assert.True(File.Exists(Path.Combine(log, DivergedLogs.MarkFile)));
        Pass(logs, hours: 24);
        Assert.False(Directory.Exists(log));
    }

    [Fact]
    public void A_mark_that_cannot_be_deleted_at_the_start_is_reported_with_its_path()
    {
        string mark = Path.Combine(_directory.Combine("orders"), DivergedLogs.MarkFile);
        Directory.CreateDirectory(mark);
        EstreamStorageException refused = Assert.Throws<EstreamStorageException>(() => Open(days: 1));
        Assert.Contains(mark, refused.Message, StringComparison.Ordinal);
    }

    private DivergedLogs Open(int days) => new(
        [("orders", _directory.Combine("orders")), ("trades", _directory.Combine("trades") + "/")], days, _clock, NullLogger.Instance);

    private string PutAside(DivergedLogs logs, string queue, bool mayHoldAcknowledged = false)
    {
        Directory.CreateDirectory(_directory.Combine(queue));
        return logs.PutAside(_directory.Combine(queue), mayHoldAcknowledged);
    }

    private void Pass(DivergedLogs logs, int hours)
    {
        for (int left = hours; left > 0; left -= 24)
        {
            _clock.Pass(TimeSpan.FromHours(Math.Min(left, 24)));
            logs.Check();
        }
    }
}
