using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>The rate at which a server takes messages while other clients are connected and silent.</summary>
internal sealed class MqttIdleContender : IContender
{
    private const int ConnAckType = 0x20;
    private const int AnswerLimitMs = 60_000;

    private static readonly TimeSpan s_roundLimit = TimeSpan.FromSeconds(100);

    private readonly long _messages;
    private readonly IMqttServer _server;
    private readonly List<Socket> _idle = [];
    private readonly ChildProcess _sender;

    public MqttIdleContender(ContenderContext context, int idleClients, Func<string, IMqttServer> start)
    {
        _messages = context.Size.Of(50, 1) * MqttWorkload.BlockMessages;
        _server = start(context.Directory);
        long clients = context.Size.Of(idleClients, Math.Min(idleClients, 100));
        for (int client = 0; client < clients; client++)
        {
            _idle.Add(Connect(client));
        }

        _sender = MqttSender.Start(_server.Port);
    }

    public RunResult Run()
    {
        long start = Stopwatch.GetTimestamp();
        _sender.Send($"send {_messages}");
        _server.Await(_messages);
        long elapsed = RoundTimer.NanosOf(Stopwatch.GetTimestamp() - start);
        _sender.Expect("sent", s_roundLimit);
        _server.RequireWhole();
        return new RunResult(_messages, elapsed);
    }

    public void Dispose()
    {
        _sender.Dispose();
        _idle.ForEach(socket => socket.Dispose());
        _server.Dispose();
    }

    private Socket Connect(int client)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = AnswerLimitMs };
        socket.Connect(IPAddress.Loopback, _server.Port);
        socket.Send(MqttWorkload.ConnectAs(string.Create(CultureInfo.InvariantCulture, $"idle-{client}")));
        byte[] answer = new byte[256];
        int length = socket.Receive(answer);
        return length > 0 && answer[0] == ConnAckType
            ? socket
            : throw new ScenarioException($"idle client {client} was rejected: {Convert.ToHexString(answer.AsSpan(0, length))}");
    }
}
