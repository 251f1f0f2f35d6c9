using System.Net;
using System.Net.Sockets;
using System.Text;
using Estream.Core;
using Estream.Wire;
using Estream.Wire.Fix;

namespace Estream.Fuzz.Fix;

/// <summary>An acceptor with a real port: one session for the hostile peer, and one that checks that the acceptor works. The time of day is
/// that of the seeds; the monotonic clock advances.</summary>
internal sealed class FuzzAcceptor : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly FixAcceptor _acceptor;
    private readonly Task _running;

    /// <param name="options">The options of the acceptor.</param>
    /// <param name="logonTimeoutSeconds">The time limit of a Logon.</param>
    public FuzzAcceptor(FixAcceptorOptions options, int logonTimeoutSeconds = 10)
    {
        FixSessionOptions hostile = new()
        {
            Protocol = FixProtocol.Fix44, SenderCompId = "ISLD", TargetCompId = "TW", LogonTimeoutSeconds = logonTimeoutSeconds,
            ResetOnDisconnect = true, MaxMessageBytes = 8_192,
        };
        _acceptor = new FixAcceptor(options with { Port = 0 }, [hostile, hostile with { TargetCompId = "SERVICE" }], new Taker(),
            new DayOfSeeds(), Report);
        _acceptor.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        _running = _acceptor.RunAsync(_stop.Token);
    }

    /// <summary>Errors of the acceptor itself: connections that ended with one of its own exceptions.</summary>
    public List<string> Mistakes { get; } = [];

    /// <summary>Whether the hostile peer is logged on.</summary>
    public bool IsHostileLoggedOn => _acceptor.Sessions[0].IsLoggedOn;

    public static byte[] Logon(string sender, int heartbeat = 30) =>
        FixSeeds.Message($"35=A|34=1|49={sender}|52=20260707-12:30:00|56=ISLD|98=0|108={heartbeat}|141=Y|");

    public Socket Open()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveTimeout = 30_000,
            SendTimeout = 30_000,
        };
        socket.Connect(IPAddress.Loopback, _acceptor.LocalEndPoint!.Port);
        return socket;
    }

    /// <summary>Logs on, sends a Test Request and reads the answer, which shows that the acceptor works.</summary>
    public void RequireService()
    {
        using Socket socket = Open();
        socket.Send(Logon("SERVICE"));
        socket.Send(FixSeeds.Message("35=1|34=2|49=SERVICE|52=20260707-12:30:00|56=ISLD|112=well|"));
        ReadUntil(socket, "112=well");
    }

    /// <summary>Reads until a text has arrived.</summary>
    /// <returns>Everything read.</returns>
    public static string ReadUntil(Socket socket, string text)
    {
        StringBuilder answers = new();
        byte[] room = new byte[4_096];
        while (!answers.ToString().Contains(text, StringComparison.Ordinal))
        {
            int count = socket.Receive(room);
            Assert.True(count > 0, $"the connection ended before {text} arrived: {answers}");
            answers.Append(Encoding.ASCII.GetString(room, 0, count));
        }

        return answers.ToString();
    }

    /// <summary>Reads until the acceptor has ended the connection.</summary>
    public static void WaitUntilCutOff(Socket socket)
    {
        byte[] room = new byte[4_096];
        try
        {
            while (socket.Receive(room) > 0)
            {
                // The acceptor may still send a Logon, a Test Request and a Logout.
            }
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _acceptor.DisposeAsync();
        _stop.Dispose();
    }

    private void Report(AdapterEvent happened)
    {
        if (happened.Exception is not null and not IOException and not SocketException and not ObjectDisposedException
            and not OperationCanceledException)
        {
            lock (Mistakes)
            {
                Mistakes.Add(happened.ToString());
            }
        }
    }

    /// <summary>Sends back every order it receives.</summary>
    private sealed class Taker : IFixApplication
    {
        public FixVerdict OnMessage(FixSession session, in FixMessage message)
        {
            session.Send(new FixMessageBuilder("D").CopyBody(message));
            return FixVerdict.Accepted;
        }
    }

    private sealed class DayOfSeeds : IClock
    {
        public long UtcNanos => FixSeeds.Time;

        public long CoarseUtcNanos => UtcNanos;

        public long MonotonicNanos => SystemClock.Instance.MonotonicNanos;
    }
}
