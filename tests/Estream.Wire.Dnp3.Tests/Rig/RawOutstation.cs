using System.Net;
using System.Net.Sockets;
using Estream.Testing;
using Estream.Wire.Dnp3.Codec;
using Estream.Wire.Dnp3.Link;

namespace Estream.Wire.Dnp3.Tests.Rig;

/// <summary>A peer whose octets a test decides. Blocking, and without allocations while it sends events.</summary>
internal sealed class RawOutstation : IDisposable
{
    private static readonly LinkHeader s_header = new(LinkFunction.UnconfirmedUserData, false, false, Destination: 1, Source: 10);

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly LinkReceiver _receiver = new();
    private readonly byte[] _fragment = new byte[ApplicationHeader.MaxFragmentBytes];
    private readonly byte[] _frames = new byte[TransportSegments.MaxLength(ApplicationHeader.MaxFragmentBytes)];
    private readonly byte[] _received = new byte[LinkFrame.MaxUserBytes];
    private byte _segment;
    private byte _sequence;
    private int _value;
    private Socket? _socket;

    public RawOutstation()
    {
        Port = FreePort.Next();
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, Port));
        _listener.Listen();
    }

    public int Port { get; }

    private Socket Socket => _socket ?? throw new InvalidOperationException("The master has not connected.");

    /// <summary>Waits for the master.</summary>
    public void Connect()
    {
        _socket?.Dispose();
        _socket = _listener.Accept();
        _socket.NoDelay = true;
        _socket.ReceiveTimeout = (int)Eventually.DefaultLimit.TotalMilliseconds;
        _receiver.Reset();
    }

    /// <summary>Receives the next fragment of the master: transport octet, application control, function, objects.</summary>
    /// <returns>Empty at the end of the connection.</returns>
    public ReadOnlySpan<byte> Receive()
    {
        while (true)
        {
            while (_receiver.TryRead(out LinkHeader header))
            {
                if (header.Function == LinkFunction.UnconfirmedUserData)
                {
                    _receiver.UserData.CopyTo(_received);
                    return _received.AsSpan(0, _receiver.UserData.Length);
                }
            }

            int count = Socket.Receive(_receiver.Free.Span);
            if (count == 0)
            {
                return default;
            }

            _receiver.Add(count);
        }
    }

    /// <summary>Sends raw octets.</summary>
    public void SendRaw(ReadOnlySpan<byte> octets) => Socket.Send(octets);

    /// <summary>Sends a fragment.</summary>
    public void Send(ReadOnlySpan<byte> fragment)
    {
        int length = TransportSegments.Write(s_header, fragment, ref _segment, _frames);
        Socket.Send(_frames.AsSpan(0, length));
    }

    /// <summary>Answers a request without objects.</summary>
    public void Answer(byte control, byte iin1 = 0, byte iin2 = 0) =>
        Send([(byte)(0xC0 | (control & 0x0F)), 129, iin1, iin2]);

    /// <summary>Answers until the integrity poll.</summary>
    public void AnswerStartUp()
    {
        bool isRead;
        do
        {
            ReadOnlySpan<byte> request = Receive();
            isRead = request[2] == (byte)ApplicationFunction.Read;
            Answer(request[1]);
        }
        while (!isRead);
    }

    /// <summary>Sends unsolicited responses with one counter event each, and awaits each confirmation.</summary>
    public void SendEvents(int count)
    {
        for (int one = 0; one < count; one++)
        {
            SendEvent();
            AwaitConfirm();
        }
    }

    public void SendEvent()
    {
        _sequence = (byte)((_sequence + 1) & ApplicationHeader.SequenceMask);
        int length = new ApplicationHeader(true, true, true, true, _sequence, ApplicationFunction.UnsolicitedResponse, Indications.None)
            .Write(_fragment);
        ObjectWriter writer = new(_fragment.AsSpan(length));
        writer.TryAdd(new Dnp3Measurement(Dnp3PointKind.Counter, 3, ++_value) { IsEvent = true, Flags = 1, IsInteger = true, TimeMs = 1 });
        Send(_fragment.AsSpan(0, length + writer.Length));
    }

    public void AwaitConfirm()
    {
        while (true)
        {
            ReadOnlySpan<byte> request = Receive();
            if (request.IsEmpty)
            {
                throw new InvalidOperationException("The master has closed the connection.");
            }

            if (request[2] == (byte)ApplicationFunction.Confirm && (request[1] & 0x1F) == (0x10 | _sequence))
            {
                return;
            }

            Answer(request[1]);
        }
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _listener.Dispose();
    }
}
