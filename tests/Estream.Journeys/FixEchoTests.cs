using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Estream.Testing;

namespace Estream.Journeys;

/// <summary>samples/FixEcho as a counterparty sees it: over a socket, with messages written by hand, through a kill.</summary>
public sealed class FixEchoTests
{
    [Fact]
    public void An_order_comes_back_and_again_after_a_kill()
    {
        using TempDirectory place = new();
        using (ChildProcess echo = Start(place, out int port))
        using (Counterparty desk = new(port))
        {
            desk.Send("A", 1, "98=0|108=0|");
            Assert.Contains("|35=A|34=1|49=ISLD|", desk.Receive(), StringComparison.Ordinal);
            desk.Send("D", 2, "54=1|40=1|55=MSFT|60=20260707-12:30:00|11=first|");
            Assert.Contains("|11=first|40=1|54=1|55=MSFT|60=20260707-12:30:00|", desk.Receive(), StringComparison.Ordinal);
            echo.Kill();
        }

        using ChildProcess again = Start(place, out int next);
        using Counterparty back = new(next);
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

    private static ChildProcess Start(TempDirectory place, out int port)
    {
        string program = BuiltProgram.Find("samples/FixEcho", "FixEcho.dll");
        ChildProcess echo = ChildProcess.Start(
            "env", ["--default-signal=INT", "dotnet", program, "--port", "0", "--journal", place.Combine("journal")], place.Path);
        echo.WaitForText("port ");
        string found = "";
        Eventually.True(() => (found = Regex.Match(echo.Output, "^port ([0-9]+)\n").Groups[1].Value).Length > 0, "it names its port");
        port = int.Parse(found, CultureInfo.InvariantCulture);
        return echo;
    }

    /// <summary>TW in FIX 4.4; writes | for SOH.</summary>
    private sealed class Counterparty : IDisposable
    {
        private const int TrailerBytes = 7;

        private readonly TcpClient _client = new();
        private readonly StringBuilder _received = new();

        public Counterparty(int port)
        {
            _client.Connect(IPAddress.Loopback, port);
            _client.ReceiveTimeout = 60_000;
        }

        public void Send(string msgType, int number, string body)
        {
            string time = DateTime.UtcNow.ToString("yyyyMMdd-HH:mm:ss", CultureInfo.InvariantCulture);
            string fields = $"35={msgType}|34={number}|49=TW|52={time}|56=ISLD|{body}";
            string start = $"8=FIX.4.4|9={fields.Length}|{fields}".Replace('|', '\u0001');
            int sum = Encoding.ASCII.GetBytes(start).Sum(value => value) % 256;
            _client.GetStream().Write(Encoding.ASCII.GetBytes(start + $"10={sum:000}\u0001"));
        }

        /// <summary>The next message.</summary>
        public string Receive()
        {
            byte[] buffer = new byte[4_096];
            Match end;
            while (!(end = Regex.Match(_received.ToString(), @"\|10=[0-9]{3}\|")).Success)
            {
                int length = _client.GetStream().Read(buffer);
                Assert.True(length > 0, $"The connection has ended behind '{_received}'.");
                _received.Append(Encoding.ASCII.GetString(buffer, 0, length).Replace('\u0001', '|'));
            }

            int messageLength = end.Index + 1 + TrailerBytes;
            string message = _received.ToString(0, messageLength);
            _received.Remove(0, messageLength);
            return message;
        }

        public void Dispose()
        {
            _client.Dispose();
        }
    }
}
