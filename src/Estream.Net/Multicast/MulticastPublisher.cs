using System.Security.Cryptography;
using Estream.Core;
using Estream.Net.Multicast.Internal;
using Estream.Queue;

namespace Estream.Net.Multicast;

/// <summary>
/// Publishes a queue to a group of receivers that rebuild it. A state machine without sockets, threads or timers: the caller passes
/// received packets to <see cref="Receive"/> and calls <see cref="Poll"/> in a loop. Format: docs/formats/multicast.md.
/// </summary>
/// <remarks>
/// Not thread-safe. The log is the retransmit buffer: the publisher keeps no copy of what it sent, and retention of the queue limits how
/// far back a receiver can ask. In steady state neither method allocates.
/// </remarks>
public sealed partial class MulticastPublisher : IDisposable
{
    private const int PacketsPerPoll = 64;
    private const int SetupsPerSecond = 1_000;
    private const int PeersPerReceiver = 2;
    private const int MinPeers = 16;
    private const int InitialPackets = 10;
    private const long LargestWindow = 1L << 30;

    private readonly EstreamQueue _queue;
    private readonly MulticastPublisherOptions _options;
    private readonly IClock _clock;
    private readonly PacketInput _input;
    private readonly PacketOutput _output;
    private readonly ReceiverTable _receivers;
    private readonly Retransmitter _retransmitter;
    private readonly LiveStream _live;
    private readonly FecEncoder? _fec;
    private readonly CongestionWindow? _congestion;
    private readonly TokenBucket _pace;
    private readonly TokenBucket _setups;
    private readonly SetupQueue _setupQueue = new();
    private readonly AddressCookies _cookies = new();
    private readonly long _heartbeatNanos;
    private long _nextHeartbeat;
    private long _lowest;
    private long _invalid;
    private long _replayed;
    private long _naks;
    private long _statuses;
    private long _heartbeats;
    private long _dataPackets;
    private long _parityPackets;
    private FlowControl.Result _flow;
    private bool _mustSeekToEnd;
    private bool _isRepairFirst;
    private bool _disposed;

    /// <summary>Creates a publisher with a new random session.</summary>
    /// <param name="queue">The queue to publish; may be read-only. Must outlive the publisher.</param>
    /// <param name="sender">Sends the packets.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the queue is marked for a region.</exception>
    /// <exception cref="EstreamException">The queue cannot be read.</exception>
    public MulticastPublisher(EstreamQueue queue, IPacketSender sender, MulticastPublisherOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentNullException.ThrowIfNull(sender);
        options ??= new MulticastPublisherOptions();
        options.Validate();
        RequireNoRegion(queue);
        MulticastPublisherOptions.RequireFits(options.MaxPacketBytes, sender);
        _queue = queue;
        _options = options;
        _clock = options.Clock;
        byte[]? key = options.Key.IsEmpty ? null : options.Key.ToArray();
        _input = new PacketInput(key, options.StreamId, (options.MaxReceivers * PeersPerReceiver) + MinPeers);
        _output = new PacketOutput(sender, _clock, key, senderId: 0, options.StreamId, options.MaxPacketBytes)
        {
            Session = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1,
        };
        _fec = options.FecData == 0 ? null : new FecEncoder(options.FecData, options.FecParity, _output.MaxBodyBytes);
        _receivers = new ReceiverTable(options);
        _live = new LiveStream(queue, _output, _fec);
        _congestion = options.UseCongestionWindow
            ? new CongestionWindow(options.MaxPacketBytes, InitialPackets, LargestWindow)
            : null;
        _pace = new TokenBucket(options.MaxBytesPerSecond, Math.Max(options.MaxBytesPerSecond / 100d, options.MaxPacketBytes));
        _retransmitter = new Retransmitter(
            queue, _output, options.TotalRetransmitBytesPerSecond, options.MaxBytesPerSecond == 0 ? null : _pace);
        _setups = new TokenBucket(SetupsPerSecond, SetupsPerSecond / 10d);
        _heartbeatNanos = options.HeartbeatInterval.Ticks * TimeSpan.NanosecondsPerTick;
        _live.SeekToEnd();
    }

    /// <summary>The random id of this session.</summary>
    public long SessionId => (long)_output.Session;

    internal ReadOnlySpan<Receiver?> Receivers => _receivers.All;

    internal long CookieOf(ulong receiver, in PacketAddress address) => _cookies.Of(receiver, address);

    /// <summary>Counters since the publisher was created. A snapshot; allocates.</summary>
    public MulticastPublisherStatistics Statistics => new()
    {
        PacketsSent = _output.Packets,
        BytesSent = _output.Bytes,
        DataPacketsSent = _dataPackets,
        ParityPacketsSent = _parityPackets,
        HeartbeatsSent = _heartbeats,
        RetransmittedPackets = _retransmitter.Packets,
        RetransmittedBytes = _retransmitter.Bytes,
        NaksReceived = _naks,
        NaksIgnored = _retransmitter.Ignored,
        UnreadableRequests = _retransmitter.Unreadable,
        RetentionSkips = _live.Skips,
        StatusesReceived = _statuses,
        InvalidPackets = _invalid,
        ReplayedPackets = _replayed,
        Receivers = _receivers.Count,
        ReceiversRefused = _receivers.Refused,
        LastPosition = _live.LastPosition,
        LagBytes = _flow.Count == 0 ? 0 : Math.Max(0, _live.EndAddress - _flow.Lowest),
        CongestionWindowBytes = _congestion?.Bytes ?? 0,
        RoundTrip = TimeSpan.FromMicroseconds(_congestion is null ? 0 : _congestion.RoundTripNanos / 1_000),
    };

    /// <summary>Sends what is due: setups, retransmissions, live data, parity, heartbeats.</summary>
    /// <returns>The number of packets sent. If it is 0, the caller can wait for a packet or a new message.</returns>
    /// <exception cref="EstreamException">The queue cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The publisher was disposed.</exception>
    public int Poll()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        long now = _clock.MonotonicNanos;
        ExpireReceivers(now);
        if (_mustSeekToEnd)
        {
            _live.SeekToEnd();
            _mustSeekToEnd = false;
        }

        // In turn, so that neither takes all of a limited rate.
        _isRepairFirst = !_isRepairFirst;
        int sent = SendSetups(now);
        sent += _isRepairFirst ? _retransmitter.Poll(_live.EndAddress, now) : SendLive(now);
        sent += _isRepairFirst ? SendLive(now) : _retransmitter.Poll(_live.EndAddress, now);
        return sent + SendHeartbeat(now);
    }

    /// <summary>Tells the receivers that the session is over, and releases the queue. Sends an end packet once; a receiver that misses it
    /// notices the silence. Idempotent.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        EndPacket end = new(_live.LastPosition, _live.EndAddress);
        _ = _output.TrySendToGroup(PacketType.End, PacketFlags.None, end.Write(_output.Body));
        _live.Dispose();
        _retransmitter.Dispose();
        _input.Dispose();
        _output.Dispose();
    }

    private void ExpireReceivers(long now)
    {
        foreach (Receiver? receiver in _receivers.All)
        {
            if (receiver is not null && _receivers.IsExpired(receiver, now))
            {
                _retransmitter.Forget(receiver);
            }
        }

        _receivers.Expire(now);
    }

    private int SendSetups(long now)
    {
        int sent = 0;
        while (_setupQueue.Count > 0 && _setups.TryTake(1, now))
        {
            SetupRequest request = _setupQueue.First;
            SetupPacket setup = new(
                _queue.Id, _queue.OldestPosition(), _live.LastPosition, _live.EndAddress, _live.LastSequence, now, _queue.SegmentBytes,
                _receivers.Count, _options.FecData, _options.FecParity, request.Nonce, request.Receiver,
                CookieOf(request.Receiver, request.Address));
            if (!_output.TrySend(request.Address, PacketType.Setup, PacketFlags.None, setup.Write(_output.Body)))
            {
                break;
            }

            _setupQueue.RemoveFirst();
            sent++;
        }

        return sent;
    }

    private int SendLive(long now)
    {
        _flow = FlowControl.Apply(_receivers.All, _options.FlowControl, _options.FlowControlTag);
        if (_flow.Count < _options.MinimumReceivers)
        {
            return 0;
        }

        Acknowledge(now);
        int sent = SendParity();
        while (sent < PacketsPerPoll && !IsParityPending && MaySend(now, out long limit))
        {
            SendResult result = _live.TrySend(limit);
            if (result == SendResult.Nothing && _fec is { Count: > 0 } && sent == 0)
            {
                // The stream is idle: the group ends early, so its last packets are protected too.
                return SendParity(isIdle: true);
            }

            if (result != SendResult.Sent)
            {
                break;
            }

            _dataPackets++;
            _pace.Take(_live.LastPacketBytes);
            sent += 1 + SendParity();
        }

        return sent;
    }

    private bool IsParityPending => _fec is not null && (_fec.IsFull || _fec.HasSentParity);

    private bool MaySend(long now, out long limit)
    {
        limit = _flow.Limit;
        if (_congestion is not null)
        {
            limit = Math.Min(limit, _flow.Lowest + _congestion.Bytes);
        }

        // Addresses may jump by more than a window where a segment ends. With nothing in flight a packet is always allowed.
        bool isAllowed = _live.EndAddress < limit || _flow.Lowest >= _live.EndAddress;
        return isAllowed && (_options.MaxBytesPerSecond == 0 || _pace.HasAny(now));
    }

    private void Acknowledge(long now)
    {
        if (_congestion is not null && _lowest != 0 && _flow.Lowest > _lowest)
        {
            _congestion.OnAcknowledged(_flow.Lowest - _lowest, now);
        }

        _lowest = _flow.Lowest;
    }

    private int SendParity(bool isIdle = false)
    {
        int sent = 0;
        while (_fec is not null && (isIdle || IsParityPending) && _fec.WriteNext(_output.Body) is var length and > 0)
        {
            if (!_output.TrySendToGroup(PacketType.Parity, PacketFlags.None, length))
            {
                break;
            }

            _fec.Sent();
            _parityPackets++;
            sent++;
        }

        return sent;
    }

    private int SendHeartbeat(long now)
    {
        if (now < _nextHeartbeat)
        {
            return 0;
        }

        HeartbeatPacket heartbeat = new(_live.LastPosition, _live.EndAddress, _live.LastSequence, now, _receivers.Count);
        if (!_output.TrySendToGroup(PacketType.Heartbeat, PacketFlags.None, heartbeat.Write(_output.Body)))
        {
            return 0;
        }

        _nextHeartbeat = now + _heartbeatNanos;
        _heartbeats++;
        return 1;
    }

    private static void RequireNoRegion(EstreamQueue queue)
    {
        if (queue.Region is { } region)
        {
            throw new ArgumentException(
                $"Queue '{queue.Directory}' is marked for region '{region}'. Multicast cannot tell where its receivers are, so nothing was "
                + "sent. Replicate the queue through a cluster inside its region.", nameof(queue));
        }
    }
}
