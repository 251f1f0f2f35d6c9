using System.Security.Cryptography;
using Estream.Core;
using Estream.Net.Multicast.Internal;

namespace Estream.Net.Multicast;

/// <summary>
/// Rebuilds a published queue as a copy: every message once, in order, with the same bytes. A state machine without sockets, threads or
/// timers: the caller passes received packets to <see cref="Receive"/> and calls <see cref="Poll"/> in a loop. Format:
/// docs/formats/multicast.md.
/// </summary>
/// <remarks>
/// Not thread-safe. The subscriber is the only appender of the copy; any process may read it. It continues after any crash from the copy
/// itself. In steady state neither method allocates.
/// </remarks>
public sealed partial class MulticastSubscriber : IDisposable
{
    private const int Peers = 64;
    private const int BurstParts = 2;

    private readonly string _directory;
    private readonly MulticastSubscriberOptions _options;
    private readonly IClock _clock;
    private readonly PacketInput _input;
    private readonly PacketOutput _output;
    private readonly ulong _id;
    private readonly CopyLog _copy;
    private readonly StreamAssembler _stream;
    private readonly NakSender _naks;
    private readonly JoinRequests _joins = new();
    private readonly long _windowBytes;
    private FecDecoder? _fec;
    private EstreamMulticastException? _failure;
    private PacketAddress _publisher;
    private ulong _session;
    private long _sourceId;
    private long _cookie;
    private long _lastHeard;
    private long _nextJoin;
    private long _nextStatus;
    private long _statusEnd;
    private long _echoTime;
    private long _echoReceived;
    private long _highest;
    private int _receivers = 1;
    private long _packets;
    private long _bytes;
    private long _invalid;
    private long _replayed;
    private long _restored;
    private bool _disposed;

    /// <summary>Creates a subscriber. Opens the copy if it exists.</summary>
    /// <param name="directory">The directory of the copy; must be empty, absent, or a copy.</param>
    /// <param name="sender">Sends the packets.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="EstreamMulticastException">The copy has lost its place in the source.</exception>
    /// <exception cref="EstreamException">The copy cannot be opened: damage, or another process appends to it.</exception>
    public MulticastSubscriber(string directory, IPacketSender sender, MulticastSubscriberOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(sender);
        options ??= new MulticastSubscriberOptions();
        options.Validate();
        MulticastPublisherOptions.RequireFits(options.MaxPacketBytes, sender);
        _directory = directory;
        _options = options;
        _clock = options.Clock;
        byte[]? key = options.Key.IsEmpty ? null : options.Key.ToArray();
        _id = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1;
        _copy = new CopyLog(directory, options);
        _input = new PacketInput(key, options.StreamId, Peers);
        _output = new PacketOutput(sender, _clock, key, _id, options.StreamId, options.MaxPacketBytes);
        _stream = new StreamAssembler(_copy, options);
        _naks = new NakSender(_output, options);
        _windowBytes = (long)options.BufferedPackets * options.MaxPacketBytes / BurstParts;
    }

    /// <summary>What the subscriber is doing.</summary>
    public MulticastState State { get; private set; }

    /// <summary>Why it stopped; null unless <see cref="State"/> is <see cref="MulticastState.Failed"/>.</summary>
    public EstreamMulticastException? Failure => _failure;

    /// <summary>The queue id of the source; 0 until it is known.</summary>
    public long SourceQueueId => _copy.Exists ? _copy.SourceId : _sourceId;

    /// <summary>Counters since the subscriber was created. A snapshot; allocates.</summary>
    public MulticastSubscriberStatistics Statistics => new()
    {
        PacketsReceived = _packets,
        BytesReceived = _bytes,
        MessagesAppended = _stream.Appended,
        MessagesVerified = _stream.Verified,
        DuplicatePackets = _stream.Duplicates,
        OverrunPackets = _stream.Overruns,
        Losses = _naks.Losses,
        NaksSent = _naks.Sent,
        NaksSuppressed = _naks.Suppressed,
        PacketsRestored = _restored,
        InvalidPackets = _invalid,
        ReplayedPackets = _replayed,
        LastPosition = _stream.LastPosition,
        LagBytes = Math.Max(0, _highest - _stream.Place.End),
        PositionsAreEqual = (_copy.Differences & CopyDifferences.Positions) == 0,
        SequencesAreEqual = (_copy.Differences & CopyDifferences.Sequences) == 0,
        TimesAreEqual = (_copy.Differences & CopyDifferences.Times) == 0,
    };

    /// <summary>Sends what is due: requests to join, NAKs, status.</summary>
    /// <returns>The number of packets sent.</returns>
    /// <exception cref="EstreamMulticastException">The copy cannot continue; see <see cref="Failure"/>. Nothing was changed.</exception>
    /// <exception cref="ObjectDisposedException">The subscriber was disposed.</exception>
    public int Poll()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_failure is not null)
        {
            throw _failure;
        }

        long now = _clock.MonotonicNanos;
        if (State != MulticastState.Joining && now - _lastHeard > Nanos(_options.SessionTimeout))
        {
            Leave();
        }

        if (State == MulticastState.Joining)
        {
            return Join(now);
        }

        Guard(static subscriber => subscriber._stream.Drain(), this);
        if (_failure is not null)
        {
            throw _failure;
        }

        UpdateState();

        // First: the publisher answers NAKs only of receivers whose status it has.
        int sent = SendStatus(now);
        return sent + (State == MulticastState.CatchingUp
            ? _naks.Request(_publisher, _stream, _highest, _windowBytes, now)
            : _naks.Poll(_stream, _highest, _receivers, now));
    }

    /// <summary>Closes the copy. Idempotent.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _copy.Dispose();
            _input.Dispose();
            _output.Dispose();
        }
    }

    private static long Nanos(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick;

    private int Join(long now)
    {
        if (now < _nextJoin)
        {
            return 0;
        }

        _nextJoin = now + Nanos(_options.JoinInterval);
        StatusPacket status = new(0, 0, (uint)_windowBytes, 0, 0, _options.FlowControlTag, _joins.Next(now));
        return _output.TrySendToGroup(PacketType.Status, PacketFlags.SetupRequested, status.Write(_output.Body)) ? 1 : 0;
    }

    private void Leave()
    {
        State = MulticastState.Joining;
        _session = 0;
        _output.Session = 0;
        _cookie = 0;
        _nextJoin = 0;
        _joins.Restart();
    }

    // Half a window of distance between the two borders, so that the state does not change with every packet.
    private void UpdateState()
    {
        long behind = _highest - _stream.Place.End;
        if (State == MulticastState.Live && behind > _windowBytes * BurstParts)
        {
            State = MulticastState.CatchingUp;
            _naks.Restart();
        }
        else if (State == MulticastState.CatchingUp && behind <= _windowBytes)
        {
            State = MulticastState.Live;
            _naks.Restart();
            _nextStatus = 0;
        }
    }

    private int SendStatus(long now)
    {
        long end = _stream.Place.End;
        if (now < _nextStatus && end - _statusEnd < _windowBytes / 4)
        {
            return 0;
        }

        uint hold = (uint)Math.Min(uint.MaxValue, (now - _echoReceived) / 1_000);
        StatusPacket status = new(
            end, _stream.LastPosition, (uint)_windowBytes, hold, _echoTime, _options.FlowControlTag, _joins.Last, _cookie);
        PacketFlags flags = State == MulticastState.CatchingUp ? PacketFlags.CatchingUp : PacketFlags.None;
        if (!_output.TrySend(_publisher, PacketType.Status, flags, status.Write(_output.Body)))
        {
            return 0;
        }

        (_statusEnd, _echoTime) = (end, 0);
        _nextStatus = now + Nanos(_options.StatusInterval);
        return 1;
    }

    private void Fail(EstreamMulticastException failure)
    {
        _failure ??= failure;
        State = MulticastState.Failed;
    }

    // A copy that cannot be written now takes the packet again later; any other failure stops the subscriber.
    private void Guard(Action<MulticastSubscriber> action, MulticastSubscriber argument)
    {
        try
        {
            action(argument);
        }
        catch (EstreamMulticastException failure)
        {
            Fail(failure);
        }
        catch (EstreamException failure) when (failure.IsTransient)
        {
            // The stream has not moved past the message, so it is requested again.
        }
        catch (EstreamException failure)
        {
            Fail(new EstreamMulticastException(
                $"The copy '{_directory}' cannot be written: {failure.Message}", _directory, MulticastFailure.Storage, failure));
        }
    }
}
