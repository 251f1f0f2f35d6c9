using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Estream.Testing;

namespace Estream.Journeys;

/// <summary>
/// samples/FixToMap is killed amid a burst of orders again and again: before a fill, between a fill and its position, between that and the
/// report. Each order that its circuit has let pass is filled once and in order, it is once in the position, and whatever the desk hears of
/// it is the same report.
/// </summary>
public sealed class FixToMapKillTests
{
    private const int Burst = 400;

    [Fact]
    public void Each_order_is_filled_once_whenever_the_gateway_is_killed()
    {
        using TempDirectory place = new();
        KillRounds rounds = new(LongRun.Count(8, 100));
        Random random = new(20261124);
        List<string> reports = [];
        int filled = 0;
        for (int life = 1; !rounds.AreOver; life++)
        {
            reports.AddRange(KilledLife(place, life, random.Next(1, Burst / 2)));
            int before = filled;
            filled = Column(place, "fills", "order_id").Length;
            rounds.Add(wasAtWork: filled > before && filled - before < Burst);
        }

        using ChildProcess last = FixToMapGateway.Start(place, out int port);
        using FixCounterparty desk = FixToMapGateway.LogOn(port);
        FixToMapGateway.Order(desk, 2, "last", 1, "1");
        while (reports.Count == 0 || !reports[^1].Contains("|11=last|", StringComparison.Ordinal))
        {
            reports.Add(desk.Receive());
        }

        last.Signal("INT");
        Assert.Equal(0, last.WaitForExit().ExitCode);

        // All of them pass: none is beyond a limit, and nobody halts the desk.
        string[] judged = Column(place, "judged", "order_id", "--schema", RepositoryRoot.Combine("samples", "FixToMap", "risk.esf.yaml"));
        Assert.Equal(judged, Column(place, "fills", "order_id"));
        Assert.Equal(judged.Length, judged.Distinct().Count());
        Assert.EndsWith($"position EURUSD {judged.Length.ToString(CultureInfo.InvariantCulture)}\n", PositionsOf(last.Output),
            StringComparison.Ordinal);
        Assert.All(reports, report => Assert.Contains("|32=1|31=1|151=0|14=1|6=1|", report, StringComparison.Ordinal));
        Assert.All(reports.GroupBy(report => Field(report, 11)),
            ofOrder => Assert.Single(ofOrder.Select(report => Field(report, 17)).Distinct()));
    }

    /// <summary>A life that ends while the rest of a burst is worked on, of which so many reports have come; what came is handed
    /// back.</summary>
    private static List<string> KilledLife(TempDirectory place, int life, int reports)
    {
        using ChildProcess gateway = FixToMapGateway.Start(place, out int port);
        using FixCounterparty desk = FixToMapGateway.LogOn(port);
        Send(0, reports);
        List<string> came = [.. Enumerable.Range(0, reports).Select(_ => desk.Receive())];

        // Not a moment for the gateway to come to their end.
        Send(reports, Burst);
        gateway.Kill();
        return came;

        void Send(int first, int end)
        {
            for (int order = first; order < end; order++)
            {
                FixToMapGateway.Order(desk, 2 + order, string.Create(CultureInfo.InvariantCulture, $"{life}-{order}"), 1, "1");
            }
        }
    }

    /// <summary>A field of every message of a queue.</summary>
    private static string[] Column(TempDirectory place, string queue, string field, params string[] more)
    {
        ProcessResult tail = ChildProcess.Run(
            "dotnet", [BuiltProgram.Cli, "tail", queue, "--from", "start", "--json", .. more],
            environment: new Dictionary<string, string?> { ["ESTREAM_DATA"] = place.Combine("data") });
        return [.. tail.EnsureSuccess().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => FieldOf(line, field))];
    }

    private static string FieldOf(string line, string field)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty("message").GetProperty(field).GetRawText();
    }

    private static string Field(string report, int tag) => Regex.Match(report, $@"\|{tag}=([^|]*)\|").Groups[1].Value;

    private static string PositionsOf(string output) =>
        string.Concat(Regex.Matches(output, "^position .*\n", RegexOptions.Multiline).Select(match => match.Value));
}
