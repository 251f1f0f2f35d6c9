using Estream.Crypto;
using Estream.Host.Http;
using Estream.Host.Runtime;

namespace Estream.Host.Tests.Http;

/// <summary>Goal: a token learns nothing of parts that its scopes do not include, also not from alerts, history and descriptions.</summary>
public sealed class ScopedAnswersTests
{
    private static readonly QueueAccess s_access = new([], ["records"], [], []);
    private static readonly Identity s_desk = IdentityOf(AccessScopes.Create(["orders:read"], ["latest:read"], reachesFhir: true));
    private static readonly Identity s_withoutFhir = IdentityOf(AccessScopes.Create([], [], reachesFhir: false));

    [Theory]
    [InlineData("queue/orders/rate", true, true)]
    [InlineData("queue/orders/lag/desk", false, true)]
    [InlineData("queue/records/rate", false, false)]
    [InlineData("queue/records/lag/desk", false, false)]
    [InlineData("map/latest/entries", true, true)]
    [InlineData("replication/orders/lag-seconds", false, true)]
    [InlineData("replication/records/lag-seconds", false, false)]
    [InlineData("pipeline/sums/lag", false, false)]
    [InlineData("host/cpu", false, true)]
    public void A_series_is_readable_by_name_only_within_the_scopes(string series, bool byDesk, bool withoutFhir) => Assert.Equal(
        (byDesk, withoutFhir),
        (SeriesInfo.IsReadable(series, s_desk, s_access), SeriesInfo.IsReadable(series, s_withoutFhir, s_access)));

    [Fact]
    public void The_lag_of_a_reader_is_not_readable_with_scopes()
    {
        SeriesInfo lag = new("queue/orders/lag/desk", "", SeriesInfo.Bytes, "queue", "orders", SeriesInfo.ScopeOfQueue("orders"));

        Assert.False(lag.IsReadableBy(s_desk, s_access));
        Assert.True((lag with { Name = "queue/orders/rate" }).IsReadableBy(s_desk, s_access));
        Assert.True(lag.IsReadableBy(s_withoutFhir, s_access));
    }

    [Fact]
    public void A_queue_names_neither_readers_nor_operators_outside_of_the_scopes()
    {
        QueueOverview row = new("orders", 1, 2, 3, 4, "PageCache") { RetentionHeldBy = "pipeline-sums, map-latest" };
        QueueDetail queue = new(row)
        {
            Readers = [Reader("pipeline", "sums", "pipeline-sums"), Reader("map", "latest", "map-latest")],
            Retention = new QueueRetention(5, 6, ["pipeline-sums", "map-latest"], 7),
            PauseDetail = "kim has paused queue 'orders'.",
        };

        QueueDetail limited = ScopedAnswers.Limit(queue, s_access, s_desk);

        Assert.Equal(["map-latest"], limited.Readers.Select(reader => reader.Tailer));
        Assert.Equal(["map-latest"], limited.Retention.HeldBy);
        Assert.Equal(("map-latest", "The queue is paused."), (limited.RetentionHeldBy, limited.PauseDetail));
        Assert.Equal("", ScopedAnswers.Limit(row, s_desk).RetentionHeldBy);
        Assert.Same(queue, ScopedAnswers.Limit(queue, s_access, s_withoutFhir));
    }

    private static Identity IdentityOf(AccessScopes scopes) => new("desk", AccessRole.Viewer) { Scopes = scopes };

    private static QueueReader Reader(string kind, string name, string tailer) => new(kind, name, tailer, 1, 1, 1, true, 1);
}
