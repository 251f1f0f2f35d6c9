using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Estream.Testing;

namespace Estream.Journeys;

/// <summary>
/// Kills samples/FixToMap repeatedly during a burst of orders: before a fill, between a fill and its position, and between the position and
/// the report. Each order that the circuit accepts is filled once and in order, counts once in the position, and all its reports to the
/// desk are the same.
/// </summary>
public sealed class FixToMapKillTests
{
    private const int Burst = 400;

    [Fact]
    public void Each_order_is_filled_once_when_the_gateway_crashes()
    {
        using TempDirectory place = new();
        KillRounds rounds = new(LongRun.Count(4, 100));
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

        // All orders are accepted: none exceeds a limit, and the desk is not halted.
        string[] judged = Column(place, "judged", "order_id", "--schema", RepositoryRoot.Combine("samples", "FixToMap", "risk.esf.yaml"));
        Assert.Equal(judged, Column(place, "fills", "order_id"));
        Assert.Equal(judged.Length, judged.Distinct().Count());
        Assert.EndsWith($"position EURUSD {judged.Length.ToString(CultureInfo.InvariantCulture)}\n", PositionsOf(last.Output),
            StringComparison.Ordinal);
        Assert.All(reports, report => Assert.Contains("|32=1|31=1|151=0|14=1|6=1|", report, StringComparison.Ordinal));
        Assert.All(reports.GroupBy(report => Field(report, 11)),
            ofOrder => Assert.Single(ofOrder.Select(report => Field(report, 17)).Distinct()));
    }

    /// <summary>Runs the gateway until a number of reports has arrived, and kills it while it works on the rest of the burst. Returns the
    /// received reports.</summary>
    private static List<string> KilledLife(TempDirectory place, int life, int reports)
    {
        using ChildProcess gateway = FixToMapGateway.Start(place, out int port);
        using FixCounterparty desk = FixToMapGateway.LogOn(port);
        Send(0, reports);
        List<string> came = [.. Enumerable.Range(0, reports).Select(_ => desk.Receive())];

        // Kills right away, so that the gateway cannot finish the orders.
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

    /// <summary>Reads a field of every message of a queue.</summary>
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
