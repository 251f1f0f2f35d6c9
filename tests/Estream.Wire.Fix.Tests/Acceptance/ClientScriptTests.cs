using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Estream.Core;
using Estream.Testing;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Acceptance;

/// <summary>Plays the only initiator script of the QuickFIX C++ set against our initiator over a socket: Logon, Logout, answer and
/// disconnect.</summary>
public sealed partial class ClientScriptTests
{
    private const int PatienceMs = 60_000;
    private const char Soh = '\u0001';

    // The script has a SendingTime without milliseconds, so its BodyLength is smaller by this number.
    private const int MillisecondBytes = 4;

    private static readonly string s_script =
        RepositoryRoot.Combine("tests", "Estream.Wire.Fix.Tests", "Acceptance", "scripts", "quickfix-cpp-client", "Normal.def");

    [Theory]
    [InlineData("108=30", true)]
    [InlineData("108=31", false)]
    public async Task Initiator_passes_the_QuickFIX_client_script(string heartbeat, bool isMet)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        await using FixInitiator initiator = new(
            new FixInitiatorOptions { Host = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port, MaxReconnectSeconds = 1 },
            SessionRig.Options(FixProtocol.Fix42) with { SenderCompId = "TW", TargetCompId = "ISLD", HeartbeatSeconds = 30 },
            new Inbox(),
            SystemClock.Instance,
            _ => { });
        using CancellationTokenSource stopping = new();
        Task initiating = initiator.RunAsync(stopping.Token);
        string script = File.ReadAllText(s_script, Encoding.Latin1).Replace("108=30", heartbeat, StringComparison.Ordinal);

        Exception? failure = await Record.ExceptionAsync(() => Task.Run(() => Play(script, listener)));

        await stopping.CancelAsync();
        await initiating;
        Assert.True(failure is null == isMet, failure?.ToString() ?? "a wrong script passed");
    }

    [GeneratedRegex("^[0-9]{8}-[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}$")]
    private static partial Regex Time();

    private static void Play(string script, TcpListener listener)
    {
        Socket? socket = null;
        foreach (string line in script.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            switch (line)
            {
                case "eCONNECT":
                    socket = listener.AcceptSocket();
                    socket.ReceiveTimeout = PatienceMs;
                    break;
                case "eDISCONNECT":
                    Assert.Equal(0, socket!.Receive(new byte[1]));
                    socket.Dispose();
                    break;
                case ['E', .. string expected]:
                    Compare(expected, Read(socket!));
                    break;
                case ['R', .. string sent]:
                    socket!.Send(Encoding.Latin1.GetBytes(Script.Whole(Stamped(sent))));
                    break;
                default:
                    Assert.Fail($"'{line}' is not a valid script line.");
                    break;
            }
        }
    }

    private static string Read(Socket socket)
    {
        StringBuilder message = new();
        byte[] one = new byte[1];
        while (!Regex.IsMatch(message.ToString(), "\u000110=[0-9]{3}\u0001$"))
        {
            Assert.Equal(1, socket.Receive(one));
            message.Append((char)one[0]);
        }

        return message.ToString();
    }

    private static void Compare(string expected, string came)
    {
        string[] wanted = expected.Split(Soh, StringSplitOptions.RemoveEmptyEntries),
        fields = came.Split(Soh, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(wanted.Select(field => field.Split('=')[0]), fields.Select(field => field.Split('=')[0]));
        foreach ((string want, string field) in wanted.Zip(fields))
        {
            string[] parts = want.Split('=');
            string value = field[(parts[0].Length + 1)..];
            switch (parts[0])
            {
                case "52":
                    Assert.Matches(Time(), value);
                    break;
                case "9":
                    Assert.Equal(int.Parse(parts[1], CultureInfo.InvariantCulture) + MillisecondBytes,
                        int.Parse(value, CultureInfo.InvariantCulture));
                    break;
                case not "10":
                    Assert.Equal(want, field);
                    break;
            }
        }
    }

    private static string Stamped(string message) =>
        message.Replace("<TIME>", DateTime.UtcNow.ToString("yyyyMMdd-HH:mm:ss", CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
