using System.Globalization;
using System.Text.RegularExpressions;
using Estream.Testing;

namespace Estream.Journeys;

/// <summary>samples/FixToMap as a desk uses it: orders through the risk circuit, the kill switch, and positions across a crash.</summary>
public sealed class FixToMapTests
{
    [Fact]
    public void Orders_are_filled_or_refused_and_positions_survive_a_crash()
    {
        using TempDirectory place = new();
        int number = 1;
        int held = 0;
        using (ChildProcess gateway = FixToMapGateway.Start(place, out int port))
        using (FixCounterparty desk = new(port, "DESK", "VENUE"))
        {
            desk.Send("A", number++, "98=0|108=0|");
            Assert.Contains("|35=A|34=1|49=VENUE|", desk.Receive(), StringComparison.Ordinal);

            string report = Answer(desk, number++, "first", 100, "1.0825");
            Assert.Contains("|11=first|150=F|39=2|55=EURUSD|54=1|32=100|31=1.0825|151=0|14=100|6=1.0825|", report,
                StringComparison.Ordinal);
            Assert.Contains("|150=8|39=8|", Answer(desk, number++, "many", 10_001, "1"), StringComparison.Ordinal);
            Assert.Contains("|58=above the maximum order value|", Answer(desk, number++, "dear", 10_000, "101"), StringComparison.Ordinal);

            held = 100 + UntilItSays(gateway, desk, "halt", "|58=the desk is halted|", ref number);
            held += UntilItSays(gateway, desk, "go", "|150=F|", ref number);
            gateway.WaitForText($"position EURUSD {held.ToString(CultureInfo.InvariantCulture)}\n");
            gateway.Kill();
        }

        using ChildProcess again = FixToMapGateway.Start(place, out int next);
        using FixCounterparty back = FixToMapGateway.LogOn(next);
        string onceMore = Answer(back, 2, "again", 50, "1");
        Assert.Contains("|32=50|", onceMore, StringComparison.Ordinal);
        again.WaitForText($"position EURUSD {(held + 50).ToString(CultureInfo.InvariantCulture)}\n");

        again.Signal("INT");
        ProcessResult end = again.WaitForExit();
        Assert.Equal(0, end.ExitCode);

        // All sent messages are stored, and all stored messages are attested: anyone with the key and the files can verify this.
        int orders = number - 1;
        Match said = Regex.Match(end.Output, "([0-9]+) orders, ([0-9]+) switches, ([0-9]+) verdicts and ([0-9]+) fills are attested\n");
        Assert.Equal([$"{orders}", "2", $"{orders}"], said.Groups.Values.Skip(1).Take(3).Select(group => group.Value));
        string[] queues = ["orders", "switches", "judged", "fills"];
        for (int at = 0; at < queues.Length; at++)
        {
            string verified = Cli("witness", "verify", "--queue", place.Combine("data", "queues", queues[at]), "--key",
                place.Combine("data", "witness.key.pub"));
            Assert.Contains($"good: {said.Groups[at + 1].Value} messages in ", verified, StringComparison.Ordinal);
            Assert.DoesNotContain("not attested", verified, StringComparison.Ordinal);
        }
    }

    private static string Cli(params ReadOnlySpan<string> arguments) => ChildProcess.Run("dotnet", [BuiltProgram.Cli, .. arguments])
        .EnsureSuccess().Output;

    /// <summary>Sets the kill switch, and sends orders of quantity 10 until one gets the expected report.</summary>
    /// <returns>The quantity bought meanwhile.</returns>
    private static int UntilItSays(ChildProcess gateway, FixCounterparty desk, string word, string expected, ref int number)
    {
        gateway.Input.WriteLine(word);
        gateway.Input.Flush();
        int bought = 0;
        int next = number;
        Eventually.True(
            () =>
            {
                string report = Answer(desk, next, string.Create(CultureInfo.InvariantCulture, $"{word} {next}"), 10, "1");
                next++;
                bought += report.Contains("|150=F|", StringComparison.Ordinal) ? 10 : 0;
                return report.Contains(expected, StringComparison.Ordinal);
            },
            $"the gateway has heard '{word}'");
        number = next;
        return bought;
    }

    /// <summary>Sends a limit order to buy, and returns its report. After a crash, repeated reports of other orders may come
    /// first.</summary>
    private static string Answer(FixCounterparty desk, int number, string id, int quantity, string price)
    {
        FixToMapGateway.Order(desk, number, id, quantity, price);
        string report = desk.Receive();
        while (!report.Contains($"|11={id}|", StringComparison.Ordinal))
        {
            report = desk.Receive();
        }

        Assert.Contains("|35=8|", report, StringComparison.Ordinal);
        return report;
    }
}
