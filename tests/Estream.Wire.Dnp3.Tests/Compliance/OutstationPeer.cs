using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Estream.Wire.Compliance;
using Estream.Wire.Dnp3.Adapter;
using Estream.Wire.Dnp3.Codec;
using Estream.Wire.Dnp3.Link;

namespace Estream.Wire.Dnp3.Tests.Compliance;

/// <summary>An outstation that sends each message as an unsolicited response.</summary>
internal sealed class OutstationPeer : IWirePeer
{
    private readonly TcpListener _listener;
    private readonly List<OutstationPeerConnection> _connections = [];

    public OutstationPeer(ComplianceSite site)
    {
        _listener = new TcpListener(IPAddress.Loopback, site.Port);
        _listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Start();
    }

    public async ValueTask<IPeerConnection> OpenAsync(CancellationToken cancellation)
    {
        OutstationPeerConnection connection = new(await _listener.AcceptTcpClientAsync(cancellation));
        _connections.Add(connection);
        await connection.Ready.WaitAsync(cancellation);
        return connection;
    }

    public async ValueTask MisbehaveAsync(CancellationToken cancellation)
    {
        // A master skips noise, so the peer closes the connection itself.
        using TcpClient client = await _listener.AcceptTcpClientAsync(cancellation);
        await client.GetStream().WriteAsync("no DNP3 at all"u8.ToArray(), cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        foreach (OutstationPeerConnection connection in _connections)
        {
            await connection.DisposeAsync();
        }
    }
}

/// <summary>A connection of the master. The payload of a message is that of a measurement; it is sent as one event.</summary>
internal sealed class OutstationPeerConnection : IPeerConnection
{
    private readonly TcpClient _client;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ended = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly ConcurrentQueue<int> _sent = new();
    private readonly ConcurrentQueue<int> _acknowledged = new();
    private byte _segment;
    private volatile bool _isOver;
    private volatile bool _isSilent;

    public OutstationPeerConnection(TcpClient client)
    {
        _client = client;
        client.NoDelay = true;
        _ = Task.Run(ReadAsync);
    }

    /// <summary>Completes when the integrity poll is answered.</summary>
    public Task Ready => _ready.Task;

    public IReadOnlyCollection<int> Acknowledged => _acknowledged;

    public IReadOnlyCollection<ComplianceMessage> Received => [];

    public bool IsOver => _isOver;

    public ReadOnlyMemory<byte> Encode(int number, ComplianceMessage message)
    {
        ReadOnlySpan<byte> payload = message.Payload.Span;
        double value = BitConverter.ToDouble(payload[8..]);
        Dnp3Measurement one = new((Dnp3PointKind)payload[4], BitConverter.ToUInt16(payload[6..]), value)
        {
            IsEvent = true,
            IsInteger = double.IsInteger(value),
            Flags = 1,
            TimeMs = 0,
        };
        byte[] fragment = new byte[64];
        new ApplicationHeader(true, true, true, true, (byte)(number & 15), ApplicationFunction.UnsolicitedResponse, Indications.None)
            .Write(fragment);
        ObjectWriter writer = new(fragment.AsSpan(4));
        writer.TryAdd(one);
        _sent.Enqueue(number);
        return Frames(fragment.AsSpan(0, 4 + writer.Length));
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await _sending.WaitAsync(cancellation);
        try
        {
            await _client.GetStream().WriteAsync(bytes, cancellation);
        }
        catch (Exception failure) when (failure is ObjectDisposedException or InvalidOperationException)
        {
            throw new IOException("The connection is closed.", failure);
        }
        finally
        {
            _sending.Release();
        }
    }

    public void FallSilent() => _isSilent = true;

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _client.Client?.Close(0);
        _client.Dispose();
    }

    private byte[] Frames(ReadOnlySpan<byte> fragment)
    {
        byte[] frames = new byte[TransportSegments.MaxLength(fragment.Length)];
        int length = TransportSegments.Write(Header(LinkFunction.UnconfirmedUserData), fragment, ref _segment, frames);
        return frames[..length];
    }

    private static LinkHeader Header(LinkFunction function) => new(function, false, false, Destination: 1, Source: 10);

    private async Task ReadAsync()
    {
        LinkReceiver receiver = new();
        try
        {
            int count;
            while ((count = await _client.GetStream().ReadAsync(receiver.Free, _ended.Token)) > 0)
            {
                receiver.Add(count);
                while (receiver.TryRead(out LinkHeader header))
                {
                    if (Answer(header, receiver.UserData) is { } answer && !_isSilent)
                    {
                        await SendAsync(answer, _ended.Token);
                    }
                }
            }
        }
        catch (Exception end) when (end is IOException or ObjectDisposedException or OperationCanceledException
            or InvalidOperationException)
        {
            // The connection is over.
        }

        _isOver = true;
        _ready.TrySetCanceled();
    }

    private byte[]? Answer(in LinkHeader header, ReadOnlySpan<byte> user)
    {
        if (header.Function == LinkFunction.RequestLinkStatus)
        {
            byte[] frame = new byte[LinkFrame.MaxBytes];
            return frame[..LinkFrame.Write(Header(LinkFunction.LinkStatus), [], frame)];
        }

        if (user.Length < 3)
        {
            return null;
        }

        if (user[2] == (byte)ApplicationFunction.Confirm)
        {
            Acknowledge(user[1] & 15);
            return null;
        }

        if (user[2] == (byte)ApplicationFunction.EnableUnsolicited)
        {
            // The last request of the start-up.
            _ready.TrySetResult();
        }

        return Frames([(byte)(0xC0 | (user[1] & 15)), 129, 0, 0]);
    }

    /// <summary>Notes the oldest message with this sequence number. The messages before it were not confirmed.</summary>
    private void Acknowledge(int sequence)
    {
        while (_sent.TryDequeue(out int number))
        {
            if ((number & 15) == sequence)
            {
                _acknowledged.Enqueue(number);
                return;
            }
        }
    }
}
