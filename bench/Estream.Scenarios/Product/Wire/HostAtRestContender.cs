using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>
/// The processor time that a server uses in a second, all threads and the kernel's part included, while ten connections send evenly
/// distributed messages at QoS 0. An operation is one second.
/// </summary>
internal sealed class HostAtRestContender : IContender
{
    private const int Connections = 10;
    private const int ConnAckType = 0x20;
    private const int AnswerLimitMs = 60_000;

    private readonly int _perSecond;
    private readonly long _milliseconds;
    private readonly IMqttServer _server;
    private readonly Process _process;
    private readonly Socket[] _sockets;
    private readonly byte[][] _packets;

    public HostAtRestContender(ContenderContext context, int perSecond, Func<string, IMqttServer> start)
    {
        _perSecond = perSecond;
        _milliseconds = context.Size.Of(5_000, 200);
        _server = start(context.Directory);
        _process = Process.GetProcessById(_server.ProcessId);
        _sockets = [.. Enumerable.Range(0, Connections).Select(Connect)];
        _packets = [.. Enumerable.Range(0, MqttWorkload.Devices).Select(MqttWorkload.Publish)];
    }

    public RunResult Run()
    {
        TimeSpan before = Used();
        long sent = SendEvenly();
        _server.Await(sent);
        TimeSpan used = Used() - before;
        _server.RequireWhole();

        // The kernel counts in steps of 10 ms, which an idle process may not fill.
        long perSecond = used.Ticks * TimeSpan.NanosecondsPerTick * 1_000 / _milliseconds;
        return new RunResult(1, Math.Max(1, perSecond)) { Check = (ulong)sent };
    }

    public void Dispose()
    {
        foreach (Socket socket in _sockets)
        {
            socket.Dispose();
        }

        _process.Dispose();
        _server.Dispose();
    }

    // Each message is one write, on the next connection. A sender that is late catches up.
    private long SendEvenly()
    {
        long total = _perSecond * _milliseconds / 1_000;
        long start = Stopwatch.GetTimestamp();
        long sent = 0;
        while (true)
        {
            double passed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            for (long due = Math.Min(total, (long)(_perSecond * passed / 1_000)); sent < due; sent++)
            {
                _sockets[sent % Connections].Send(_packets[sent % _packets.Length]);
            }

            if (passed >= _milliseconds && sent == total)
            {
                return sent;
            }

            Thread.Sleep(_perSecond == 0 ? (int)_milliseconds : 1);
        }
    }

    private TimeSpan Used()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }

    private Socket Connect(int number)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveTimeout = AnswerLimitMs,
        };
        socket.Connect(IPAddress.Loopback, _server.Port);
        socket.Send(MqttWorkload.ConnectAs(string.Create(CultureInfo.InvariantCulture, $"sender-{number}")));
        byte[] answer = new byte[256];
        int length = socket.Receive(answer);
        return length > 0 && answer[0] == ConnAckType
            ? socket
            : throw new ScenarioException($"sender {number} was rejected: {Convert.ToHexString(answer.AsSpan(0, length))}");
    }
}
