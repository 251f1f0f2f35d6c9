using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Estream.Client;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>
/// The <c>estream-socket</c> row of `remote-map-get`: frames of docs/formats/client.md over a blocking socket, as the rows of other servers
/// send theirs. So this row compares the servers without the clients.
/// </summary>
internal sealed class RemoteSocketGetContender : IContender
{
    private const byte Hello = 1;
    private const byte MapGet = 16;
    private const int HeaderBytes = 12;
    private const int BeforeValueBytes = HeaderBytes + 1 + (2 * sizeof(long));
    private const int AnswerLimitMs = 60_000;

    private readonly Samples _samples;
    private readonly byte[][] _requests;
    private readonly RemoteHost _host;
    private readonly EstreamClient _client;
    private readonly byte[] _response = new byte[4096];
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
    {
        NoDelay = true,
        ReceiveTimeout = AnswerLimitMs,
    };

    public RemoteSocketGetContender(ContenderContext context)
    {
        _samples = new Samples(RemoteWorkload.Gets(context.Size));
        _requests = [.. RemoteWorkload.Keys().Select(key => Frame(MapGet, [.. Text(RemoteWorkload.Map), .. Bytes16(key)]))];
        _host = new RemoteHost(context.Directory, DurabilityLevels.PageCache);
        _client = _host.ConnectAndFill();
        _socket.Connect(IPAddress.Loopback, _host.Port);

        // Magic, version 1, an hour of keep-alive, no token.
        _socket.Send(Frame(Hello, [.. "ESTC"u8, 1, 0, 0x10, 0x0E, 0, 0, .. Text("estream-scenarios")]));
        Receive();
    }

    public RunResult Run()
    {
        ulong check = 0;
        for (int get = 0; get < _samples.Count; get++)
        {
            int entry = RemoteWorkload.EntryOf(get);
            long before = Samples.Now();
            _socket.Send(_requests[entry]);
            ReadOnlySpan<byte> value = Receive()[BeforeValueBytes..];
            _samples.Set(get, before, Samples.Now());
            check += RemoteWorkload.Check(value, entry);
        }

        return _samples.Round(check);
    }

    public void Dispose()
    {
        _socket.Dispose();
        _client.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _host.Dispose();
    }

    private ReadOnlySpan<byte> Receive()
    {
        int received = 0;
        int length = int.MaxValue;
        while (received < length)
        {
            int count = _socket.Receive(_response.AsSpan(received));
            received += count > 0 ? count : throw new ScenarioException("the host closed the connection");
            length = received < sizeof(int) ? int.MaxValue : BinaryPrimitives.ReadInt32LittleEndian(_response) + sizeof(int);
        }

        return _response[5] == 0
            ? _response.AsSpan(0, length)
            : throw new ScenarioException($"the host answered with status {_response[5]}");
    }

    private static byte[] Frame(byte op, byte[] payload)
    {
        byte[] frame = new byte[HeaderBytes + payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, frame.Length - sizeof(int));
        frame[4] = op;
        frame[8] = 1;
        payload.CopyTo(frame, HeaderBytes);
        return frame;
    }

    private static byte[] Text(string text) => Bytes16(Encoding.UTF8.GetBytes(text));

    private static byte[] Bytes16(byte[] bytes) => [(byte)bytes.Length, (byte)(bytes.Length >> 8), .. bytes];
}
