using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>
/// The publisher of `mqtt-ingest-durable`, the same for all servers: writes messages of QoS 1 that were encoded beforehand, up to the
/// in-flight window, and reads the acknowledgements. A round ends with the last one; then the server shows that it has kept all messages.
/// </summary>
internal sealed class MqttDurableContender : IContender
{
    private const int AnswerLimitMs = 60_000;
    private const int PubAckType = 0x40;
    private const int ReasonAt = 4;

    private readonly int _inFlight;
    private readonly int _messages;
    private readonly byte[] _block;
    private readonly Samples? _samples;
    private readonly IMqttServer _server;
    private readonly MqttPacketStream _packets;
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
    {
        NoDelay = true,
        ReceiveTimeout = AnswerLimitMs,
    };

    public MqttDurableContender(ContenderContext context, int inFlight, Func<string, IMqttServer> start)
    {
        _inFlight = inFlight;
        _messages = (int)context.Size.Of(inFlight == 1 ? 2_000 : 60_000, 200);
        _block = MqttWorkload.EncodeAcknowledged(_messages);
        _samples = inFlight == 1 ? new Samples(_messages) : null;
        _server = start(context.Directory);
        _socket.Connect(IPAddress.Loopback, _server.Port);
        _packets = new MqttPacketStream(_socket);
        Send(MqttWorkload.ConnectAs("estream-scenarios-publisher"));
        if ((_packets.Next()[0] & 0xF0) != 0x20)
        {
            throw new ScenarioException("the server did not accept the publisher");
        }
    }

    public RunResult Run()
    {
        RunResult result = _samples is { } samples ? OneByOne(samples) : Together();
        _server.Await(_messages);
        _server.RequireWhole();
        return result;
    }

    public void Dispose()
    {
        Send(MqttWorkload.Disconnect);
        _socket.Dispose();
        _server.Dispose();
    }

    private RunResult OneByOne(Samples samples)
    {
        for (int message = 0; message < _messages; message++)
        {
            long before = Samples.Now();
            Send(Of(message, 1));
            TakeAcknowledgement();
            samples.Set(message, before, Samples.Now());
        }

        return samples.Round((ulong)_messages);
    }

    private RunResult Together()
    {
        long start = Stopwatch.GetTimestamp();
        int sent = 0;
        for (int acknowledged = 0; acknowledged < _messages;)
        {
            int more = Math.Min(_messages, acknowledged + _inFlight) - sent;
            Send(Of(sent, more));
            sent += more;
            TakeAcknowledgement();
            acknowledged++;
            while (_packets.TryTake(out ReadOnlySpan<byte> packet, out _))
            {
                RequireAcknowledgement(packet);
                acknowledged++;
            }
        }

        return new RunResult(_messages, RoundTimer.NanosOf(Stopwatch.GetTimestamp() - start)) { Check = (ulong)_messages };
    }

    private ReadOnlySpan<byte> Of(int first, int messages)
    {
        int length = _block.Length / _messages;
        return _block.AsSpan(first * length, messages * length);
    }

    private void TakeAcknowledgement() => RequireAcknowledgement(_packets.Next());

    private static void RequireAcknowledgement(ReadOnlySpan<byte> packet)
    {
        if ((packet[0] & 0xF0) != PubAckType || (packet.Length > ReasonAt && packet[ReasonAt] >= 0x80))
        {
            throw new ScenarioException($"a message was answered with {Convert.ToHexString(packet)}");
        }
    }

    private void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[_socket.Send(bytes)..];
        }
    }
}
