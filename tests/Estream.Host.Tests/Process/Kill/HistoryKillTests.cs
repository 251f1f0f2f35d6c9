using System.Text.Json;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: <c>kill -9</c> loses the history of the last minute at most.</summary>
[Collection(LongProcessCollection.Name)]
public sealed class HistoryKillTests
{
    private const string Recent = "/api/history?series=queue/telemetry/bytes&step=1&from=";
    private const int MillisPerMinute = 60_000;

    [Fact]
    public void A_killed_host_has_its_history_up_to_a_minute_before_the_kill()
    {
        using HostFiles files = new();
        long start = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        HashSet<long> before;
        using (HostProcess host = files.Start().WaitUntilReady())
        {
            // The first minute ends within 60 s, perhaps before the first value.
            FileInfo file = new(Path.Combine(files.Data, "history", "queue~telemetry~bytes.history"));
            Eventually.True(
                () =>
                {
                    file.Refresh();
                    return file.Exists && Recorded(host, start).Any(
                        time => time < new DateTimeOffset(file.LastWriteTimeUtc).ToUnixTimeMilliseconds() - 1_000);
                },
                "a minute with a value is written", TimeSpan.FromMinutes(3));
            before = Recorded(host, start);
            host.Kill();
        }

        long killed = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        using HostProcess again = files.Start().WaitUntilReady();
        HashSet<long> kept = Recorded(again, start);

        Assert.NotEmpty(before);
        Assert.All(before.Where(time => time < killed - MillisPerMinute), time => Assert.Contains(time, kept));
        Assert.Contains(kept, time => time < killed && before.Contains(time));
    }

    private static HashSet<long> Recorded(HostProcess host, long start)
    {
        using JsonDocument answer = JsonDocument.Parse(host.Get(Recent + start));
        JsonElement series = answer.RootElement.GetProperty("series")[0];
        return
        [
            .. series.GetProperty("times").EnumerateArray().Zip(series.GetProperty("mean").EnumerateArray())
                .Where(pair => pair.Second.ValueKind != JsonValueKind.Null).Select(pair => pair.First.GetInt64()),
        ];
    }
}
