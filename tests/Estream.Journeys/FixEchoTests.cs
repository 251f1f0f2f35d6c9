using System.Globalization;
using Estream.Testing;

namespace Estream.Journeys;

/// <summary>samples/FixEcho as a counterparty sees it: over a socket, with handwritten messages, across a crash.</summary>
public sealed class FixEchoTests
{
    [Fact]
    public void Order_is_echoed_and_resent_after_a_crash()
    {
        using TempDirectory place = new();
        using (ChildProcess echo = Start(place, out int port))
        using (FixCounterparty desk = new(port, "TW", "ISLD"))
        {
            desk.Send("A", 1, "98=0|108=0|");
            Assert.Contains("|35=A|34=1|49=ISLD|", desk.Receive(), StringComparison.Ordinal);
            desk.Send("D", 2, "54=1|40=1|55=MSFT|60=20260707-12:30:00|11=first|");
            Assert.Contains("|11=first|40=1|54=1|55=MSFT|60=20260707-12:30:00|", desk.Receive(), StringComparison.Ordinal);
            echo.Kill();
        }

        using ChildProcess again = Start(place, out int next);
        using FixCounterparty back = new(next, "TW", "ISLD");
        back.Send("A", 3, "98=0|108=0|");
        Assert.Contains("|35=A|34=3|49=ISLD|", back.Receive(), StringComparison.Ordinal);
        back.Send("2", 4, "7=2|16=2|");
        string resent = back.Receive();
        Assert.Contains("|35=D|34=2|43=Y|49=ISLD|", resent, StringComparison.Ordinal);
        Assert.Contains("|11=first|40=1|54=1|55=MSFT|", resent, StringComparison.Ordinal);
        again.Signal("INT");
        Assert.Contains("|35=5|34=4|", back.Receive(), StringComparison.Ordinal);
        back.Send("5", 5, "");
        Assert.Equal(0, again.WaitForExit().ExitCode);
    }

    [Fact]
    public void Quote_requests_are_echoed_and_one_session_may_send_empty_values()
    {
        using TempDirectory place = new();
        using ChildProcess echo = Start(place, out int port);
        using FixCounterparty desk = new(port, "TW44", "ISLD");
        desk.Send("A", 1, "98=0|108=0|");
        Assert.Contains("|35=A|", desk.Receive(), StringComparison.Ordinal);
        desk.Send("R", 2, "131=quote|146=2|55=MSFT|55=AAPL|");
        string quote = desk.Receive();
        Assert.Contains("|35=R|", quote, StringComparison.Ordinal);
        Assert.Contains("|131=quote|146=2|55=MSFT|55=AAPL|", quote, StringComparison.Ordinal);
        desk.Send("1", 3, "112=|");
        Assert.Contains("|373=4|", desk.Receive(), StringComparison.Ordinal);

        using FixCounterparty loose = new(port, "NO_CHECK_FIELDS_HAVE_VALUES", "ISLD");
        loose.Send("A", 1, "98=0|108=0|");
        Assert.Contains("|35=A|", loose.Receive(), StringComparison.Ordinal);
        loose.Send("1", 2, "112=|");
        string heartbeat = loose.Receive();
        Assert.Contains("|35=0|", heartbeat, StringComparison.Ordinal);
        Assert.Contains("|112=|", heartbeat, StringComparison.Ordinal);
    }

    [Fact]
    public void FixEcho_has_at_most_150_lines()
    {
        string folder = RepositoryRoot.Combine("samples", "FixEcho");
        string[] files = [.. Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(folder, file).StartsWith("obj", StringComparison.Ordinal))];
        Assert.InRange(files.Sum(file => File.ReadAllLines(file).Length), 50, 150);
    }

    private static ChildProcess Start(TempDirectory place, out int port)
    {
        string program = BuiltProgram.Find("samples/FixEcho", "FixEcho.dll");
        ChildProcess echo = ChildProcess.Start(
            "env", ["--default-signal=INT", "dotnet", program, "--port", "0", "--journal", place.Combine("journal")], place.Path);
        port = int.Parse(echo.WaitForMatch("^port ([0-9]+)\n").Groups[1].Value, CultureInfo.InvariantCulture);
        return echo;
    }
}
