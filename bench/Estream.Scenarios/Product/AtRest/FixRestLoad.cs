using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>A host with ten FIX sessions that only exchange heartbeats, one per direction every five seconds.</summary>
internal sealed class FixRestLoad : IRestLoad
{
    private const int Sessions = 10;
    private const int HeartbeatSeconds = 5;
    private const int BufferBytes = 64 * 1024;
    private const int AnswerLimitMs = 60_000;

    private static readonly TimeSpan s_apart = TimeSpan.FromSeconds(HeartbeatSeconds) / Sessions;

    private readonly ConfiguredHost _host;
    private readonly Socket[] _sockets;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _beating;
    private volatile Exception? _failure;

    public FixRestLoad(string directory)
    {
        int port = LoopbackPort.Next();
        _host = new ConfiguredHost(directory, Sections(port), port);
        _sockets = [.. Enumerable.Range(0, Sessions).Select(session => LogOn(port, session))];
        _beating = new Thread(Beat) { IsBackground = true, Name = "heartbeats" };
        _beating.Start();
    }

    public int ProcessId => _host.ProcessId;

    public ulong Run(TimeSpan time)
    {
        Thread.Sleep(time);
        return Sessions;
    }

    public void RequireWhole()
    {
        if (_failure is { } failure)
        {
            throw new ScenarioException($"a FIX session has ended: {failure.Message}");
        }
    }

    public void Dispose()
    {
        _stop.Set();
        _beating.Join();
        Array.ForEach(_sockets, socket => socket.Dispose());
        _host.Dispose();
        _stop.Dispose();
    }

    private static string NameOf(int session) => string.Create(CultureInfo.InvariantCulture, $"DESK-{session}");

    private static string Sections(int port)
    {
        IEnumerable<string> sessions = Enumerable.Range(0, Sessions)
            .Select(session => $$"""{ "SenderCompId": "VENUE", "TargetCompId": "{{NameOf(session)}}" }""");
        return $$"""
            "Queues": { "cancels": {}, "dead-letters": {} },
            "Adapters": { "desks": { "Type": "fix-acceptor", "Port": {{port}}, "Sessions": [ {{string.Join(", ", sessions)}} ],
              "Mappings": [ { "MsgType": "F", "Schema": "FixOrderCancel", "Queue": "cancels" } ] } }
            """;
    }

    private static Socket LogOn(int port, int session)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveTimeout = AnswerLimitMs,
        };
        socket.Connect(IPAddress.Loopback, port);
        socket.Send(FixMessages.Encode("A", 1, $"98=0|108={HeartbeatSeconds}|", NameOf(session)));
        byte[] answer = new byte[BufferBytes];
        int length = socket.Receive(answer);
        return answer.AsSpan(0, length).IndexOf("\u000135=A\u0001"u8) >= 0
            ? socket
            : throw new ScenarioException($"the Logon of {NameOf(session)} was not accepted");
    }

    // The sessions take turns at even intervals, so that each round has the same number of heartbeats.
    private void Beat()
    {
        byte[] received = new byte[BufferBytes];
        long start = Stopwatch.GetTimestamp();
        try
        {
            for (int turn = 0; !_stop.Wait(Left(start, turn)); turn++)
            {
                int session = turn % Sessions;
                Socket socket = _sockets[session];
                socket.Send(FixMessages.Encode("0", 2 + (turn / Sessions), "", NameOf(session)));
                if (socket.Poll(0, SelectMode.SelectRead))
                {
                    RequireHeartbeats(received.AsSpan(0, socket.Receive(received)), session);
                }
            }
        }
        catch (Exception failure) when (failure is SocketException or ScenarioException)
        {
            _failure = failure;
        }
    }

    private static TimeSpan Left(long start, int turn)
    {
        TimeSpan left = ((turn + 1) * s_apart) - Stopwatch.GetElapsedTime(start);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private static void RequireHeartbeats(ReadOnlySpan<byte> received, int session)
    {
        int messages = received.Count("\u000135="u8);
        if (messages == 0 || messages != received.Count("\u000135=0\u0001"u8))
        {
            throw new ScenarioException($"{NameOf(session)} received something else than heartbeats");
        }
    }
}
