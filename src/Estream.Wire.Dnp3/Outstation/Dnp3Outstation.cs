using System.Net;
using System.Net.Sockets;
using Estream.Core;
using Estream.Wire.Dnp3.Codec;
using Estream.Wire.Dnp3.Commands;
using Estream.Wire.Dnp3.Link;
using Estream.Wire.Dnp3.Outstation;

namespace Estream.Wire.Dnp3;

/// <summary>
/// A simulated outstation for tests and demonstrations: listens for one master at a time, answers reads, commands and time
/// synchronization, and sends unsolicited responses. Has no authentication, so listen on loopback only, or on a closed network.
/// Thread-safe.
/// </summary>
public sealed class Dnp3Outstation : IAsyncDisposable
{
    private const int TickMs = 20;
    private const long NanosPerMilli = 1_000_000;

    private readonly Dnp3OutstationOptions _options;
    private readonly IClock _clock;
    private readonly TcpListener _listener;
    private readonly OutstationPoints _points;
    private readonly OutstationState _state;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private readonly byte[] _frames;
    private readonly LinkPeer _peer = new();
    private OutstationSession? _session;
    private NetworkStream? _stream;

    /// <summary>Starts to listen.</summary>
    /// <param name="options">The options.</param>
    /// <param name="clock">The clock. Default: the system clock.</param>
    /// <exception cref="SocketException">The port is taken or may not be bound.</exception>
    public Dnp3Outstation(Dnp3OutstationOptions options, IClock? clock = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxFragmentBytes, 249);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxFragmentBytes, ApplicationHeader.MaxFragmentBytes);
        _options = options;
        _clock = clock ?? SystemClock.Instance;
        _points = new OutstationPoints(options.MaxEvents);
        _state = new OutstationState { NeedsTime = options.NeedsTime };
        _frames = new byte[TransportSegments.MaxLength(options.MaxFragmentBytes)];
        _listener = new TcpListener(options.Address, options.Port);
        _listener.Start();
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>The port that the outstation listens on.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How often masters have set the clock.</summary>
    public int TimesSet
    {
        get
        {
            lock (_gate)
            {
                return _state.TimesSet;
            }
        }
    }

    /// <summary>The number of events that are not confirmed.</summary>
    public int UnconfirmedEvents
    {
        get
        {
            lock (_gate)
            {
                return _points.Events.Count;
            }
        }
    }

    /// <summary>The number of commands that were performed.</summary>
    public int Performed { get; private set; }

    /// <summary>Receives each sent and received block of octets, with whether the master sent it.</summary>
    internal Action<bool, ReadOnlyMemory<byte>>? Tap { get; set; }

    /// <summary>Decides the status code of a command; null accepts all.</summary>
    internal Func<CommandObject, byte>? Decide { get; set; }

    /// <summary>Sets a point. Records an event with the present time of the outstation if the class is not
    /// <see cref="Dnp3Classes.None"/>.</summary>
    public void Set(Dnp3Measurement point, Dnp3Classes eventClass = Dnp3Classes.None)
    {
        lock (_gate)
        {
            _points.Set(point with { TimeMs = point.TimeMs ?? (UtcMs() + _state.ClockOffsetMs) }, eventClass);
            if (_stream is not null)
            {
                _session?.Tick(NowMs);
            }
        }
    }

    /// <summary>Reads a point.</summary>
    /// <returns>False if the point does not exist.</returns>
    public bool TryGet(Dnp3PointKind kind, ushort index, out Dnp3Measurement point)
    {
        lock (_gate)
        {
            return _points.TryGet(kind, index, out point);
        }
    }

    /// <summary>Behaves as after a restart: sets IIN1.7, and asks for the time.</summary>
    public void Restart()
    {
        lock (_gate)
        {
            _state.IsRestarted = true;
            _state.NeedsTime = _options.NeedsTime;
        }
    }

    /// <summary>Ends the connection of the master, which may connect again.</summary>
    public void Disconnect()
    {
        lock (_gate)
        {
            _stream?.Dispose();
        }
    }

    /// <summary>Stops to listen and ends the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Stop();
        Disconnect();
        await _accepting.ConfigureAwait(false);
        _stop.Dispose();
    }

    private long NowMs => _clock.MonotonicNanos / NanosPerMilli;

    private long UtcMs() => _clock.UtcNanos / NanosPerMilli;

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using Socket socket = await _listener.AcceptSocketAsync(_stop.Token).ConfigureAwait(false);
                socket.NoDelay = true;
                await ServeAsync(socket).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is SocketException or IOException or ObjectDisposedException
                or OperationCanceledException)
            {
                // The master has closed the connection, or the outstation stops. The next connect starts again.
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using NetworkStream stream = new(socket, ownsSocket: true);
        LinkReceiver receiver = new();
        TransportAssembler assembler = new(ApplicationHeader.MaxFragmentBytes);
        lock (_gate)
        {
            _stream = stream;
            _session = new OutstationSession(_options, _points, _state, Send) { Perform = Perform, UtcMs = UtcMs };
            _session.Connect(NowMs);
        }

        using Timer timer = new(_ => Tick(stream), null, TickMs, TickMs);
        try
        {
            int count;
            while ((count = await stream.ReadAsync(receiver.Free, _stop.Token).ConfigureAwait(false)) > 0)
            {
                Tap?.Invoke(true, receiver.Free[..count]);
                receiver.Add(count);
                while (receiver.TryRead(out LinkHeader header))
                {
                    Handle(header, receiver.UserData, assembler);
                }
            }
        }
        finally
        {
            lock (_gate)
            {
                _stream = null;
            }
        }
    }

    private void Handle(in LinkHeader header, ReadOnlySpan<byte> userData, TransportAssembler assembler)
    {
        if (!header.IsFromMaster || header.Destination != _options.OutstationAddress || header.Source != _options.MasterAddress)
        {
            return;
        }

        lock (_gate)
        {
            if (header.Function == LinkFunction.RequestLinkStatus)
            {
                Write(LinkFrame.Write(HeaderOf(LinkFunction.LinkStatus), [], _frames));
            }
            else if (header.Function == LinkFunction.UnconfirmedUserData && assembler.Add(userData) == SegmentStatus.Complete)
            {
                _session?.Handle(assembler.Fragment.Span, NowMs);
            }
        }
    }

    private void Tick(NetworkStream stream)
    {
        lock (_gate)
        {
            if (_stream == stream)
            {
                _session?.Tick(NowMs);
            }
        }
    }

    private byte Perform(CommandObject command)
    {
        byte status = Decide?.Invoke(command) ?? CommandStatus.Success;
        if (status != CommandStatus.Success)
        {
            return status;
        }

        Performed++;
        Dnp3PointKind kind = command.Group == 12 ? Dnp3PointKind.BinaryOutput : Dnp3PointKind.AnalogOutput;
        _points.TryGet(kind, command.Index, out Dnp3Measurement point);

        // Latch on (3), pulse on (1) and close (0x41) set a binary output; the others clear it.
        double value = command.Group == 41 ? command.Value : command.ControlCode is 1 or 3 or 0x41 ? 1 : 0;
        _points.Set(point with { Value = value, TimeMs = UtcMs() + _state.ClockOffsetMs }, Dnp3Classes.Events1);
        return status;
    }

    private void Send(ReadOnlyMemory<byte> fragment) =>
        Write(TransportSegments.Write(HeaderOf(LinkFunction.UnconfirmedUserData), fragment.Span, ref _peer.SegmentSequence, _frames));

    private LinkHeader HeaderOf(LinkFunction function) =>
        new(function, IsFromMaster: false, IsFrameCountSet: false, _options.MasterAddress, _options.OutstationAddress);

    private void Write(int length)
    {
        try
        {
            Tap?.Invoke(false, _frames.AsMemory(0, length));
            _stream?.Write(_frames, 0, length);
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            // The reader ends the connection.
        }
    }
}
