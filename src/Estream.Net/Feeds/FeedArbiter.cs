using System.Runtime.CompilerServices;
using Estream.Core;
using Estream.Net.Feeds.Internal;

namespace Estream.Net.Feeds;

/// <summary>
/// Merges several feeds of the same messages, such as the A and B feeds of a venue, into one stream. The first copy of a message wins.
/// If one feed loses a message, another feed fills the gap. If all feeds lose a message, a snapshot fills the gap.
/// </summary>
/// <remarks>
/// Not thread-safe: one thread receives all feeds. Allocates nothing after construction. Delivers a message that arrives in order in
/// place, and copies a message that arrives early once. UDP does not authenticate packets: every machine that can send to the feeds can
/// forge messages.
/// </remarks>
/// <example>
/// <code>
/// FeedArbiter arbiter = new(new MoldUdp64Codec(), handler);
/// arbiter.Receive(0, packetOfA);
/// arbiter.Receive(1, packetOfB);
/// arbiter.Poll();
/// </code>
/// </example>
public sealed partial class FeedArbiter
{
    private const long HighestSequence = 1L << 62;
    private const long NoGap = -1;

    private readonly IFeedCodec _codec;
    private readonly IFeedHandler _handler;
    private readonly IClock _clock;
    private readonly FeedWindow _window;
    private readonly Counters[] _feeds;
    private readonly int _maxMessageBytes;
    private readonly long _firstSequence;
    private readonly long _maxAhead;
    private readonly long _gapNanos;
    private readonly long _sessionNanos;

    private bool _hasSession;
    private bool _hasEnded;
    private bool _isEndKnown;
    private UInt128 _session;

    // Messages below _next are done. A message from _next to _known - 1 is missing or in the window.
    private long _next;
    private long _known;
    private long _gapSince = NoGap;
    private long _gapNext;
    private long _lastNanos;
    private long _delivered;
    private long _filled;
    private long _gaps;
    private long _lost;
    private long _resumed;
    private long _overrun;

    /// <summary>Creates an arbiter.</summary>
    /// <param name="codec">Reads the packets.</param>
    /// <param name="handler">Receives the messages.</param>
    /// <param name="options">The options; default options if omitted.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public FeedArbiter(IFeedCodec codec, IFeedHandler handler, FeedArbiterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(codec);
        ArgumentNullException.ThrowIfNull(handler);
        options ??= new FeedArbiterOptions();
        options.Validate();
        (_codec, _handler, _clock) = (codec, handler, options.Clock);
        _window = new FeedWindow(options.Window, options.MaxMessageBytes);
        _feeds = new Counters[options.Feeds];
        _maxMessageBytes = options.MaxMessageBytes;
        _firstSequence = options.FirstSequence;
        _maxAhead = options.MaxAhead;
        _gapNanos = (long)options.GapTimeout.TotalNanoseconds;
        _sessionNanos = (long)options.SessionTimeout.TotalNanoseconds;
        _next = _known = _firstSequence;
    }

    /// <summary>Whether messages are delivered or wait for a snapshot.</summary>
    public FeedState State { get; private set; }

    /// <summary>The session of the messages; 0 before the first packet.</summary>
    public UInt128 Session => _session;

    /// <summary>The sequence number of the next message to deliver.</summary>
    public long NextSequence => _next;

    /// <summary>The counters of the arbiter.</summary>
    public FeedArbiterStatistics Statistics => new()
    {
        Delivered = _delivered,
        Filled = _filled,
        Gaps = _gaps,
        Lost = _lost,
        Resumed = _resumed,
        Overrun = _overrun,
        Held = _window.Count,
    };

    /// <summary>Returns the counters of a feed.</summary>
    /// <param name="feed">The feed, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The arbiter does not have the feed.</exception>
    public FeedStatistics StatisticsOf(int feed)
    {
        RequireFeed(feed);
        ref Counters counters = ref _feeds[feed];
        return new FeedStatistics
        {
            Packets = counters.Packets,
            Wins = counters.Wins,
            Duplicates = counters.Duplicates,
            Invalid = counters.Invalid,
            OtherSession = counters.OtherSession,
            Implausible = counters.Implausible,
            LastNanos = counters.LastNanos,
        };
    }

    /// <summary>Takes a packet. Delivers its messages, and the messages that waited for them.</summary>
    /// <param name="feed">The feed that the packet came from, from 0.</param>
    /// <param name="packet">The UDP payload. Not used after this method returns.</param>
    /// <exception cref="ArgumentOutOfRangeException">The arbiter does not have the feed.</exception>
    public void Receive(int feed, ReadOnlySpan<byte> packet)
    {
        RequireFeed(feed);
        ref Counters counters = ref _feeds[feed];
        counters.Packets++;
        if (!_codec.TryReadHeader(packet, out FeedHeader header)
            || header.Sequence is < 0 or > HighestSequence || header.Count < 0 || (uint)header.Offset > (uint)packet.Length)
        {
            counters.Invalid++;
            return;
        }

        long now = _clock.MonotonicNanos;
        long end = header.Sequence + header.Count;
        bool isOld = _hasSession && header.Session == _session && end <= _next;
        if (!isOld && !IsWhole(packet, header))
        {
            counters.Invalid++;
        }
        else if (TryEnter(header, now, ref counters))
        {
            counters.LastNanos = _lastNanos = now;
            if (isOld)
            {
                counters.Duplicates += header.Count;
            }
            else
            {
                Take(feed, ref counters, packet, header);
            }

            Finish(header, now);
        }
    }

    // The arbiter delivers no part of a truncated packet: another feed may have the whole packet.
    private bool IsWhole(ReadOnlySpan<byte> packet, in FeedHeader header)
    {
        int offset = header.Offset;
        for (int index = 0; index < header.Count; index++)
        {
            if (!_codec.TryReadMessage(packet, ref offset, out ReadOnlySpan<byte> message) || message.Length > _maxMessageBytes)
            {
                return false;
            }
        }

        return offset == packet.Length;
    }

    private void Take(int feed, ref Counters counters, ReadOnlySpan<byte> packet, in FeedHeader header)
    {
        long knownBefore = _known;
        int offset = header.Offset;
        _known = Math.Max(_known, header.Sequence + header.Count);
        for (int index = 0; index < header.Count; index++)
        {
            long sequence = header.Sequence + index;
            _ = _codec.TryReadMessage(packet, ref offset, out ReadOnlySpan<byte> message);
            if (sequence >= _next + _window.Slots)
            {
                MakeSpaceFor(sequence);
            }

            if (sequence < _next)
            {
                counters.Duplicates++;
            }
            else if (sequence > _next || State != FeedState.Live)
            {
                bool isFirst = _window.TryAdd(sequence, feed, message);
                counters.Wins += isFirst ? 1 : 0;
                counters.Duplicates += isFirst ? 0 : 1;
                _filled += isFirst && sequence < knownBefore ? 1 : 0;
            }
            else if (_window.Count > 0 && _window.Has(sequence))
            {
                counters.Duplicates++;
                DeliverHeld();
            }
            else
            {
                counters.Wins++;
                _filled += sequence < knownBefore ? 1 : 0;
                Deliver(new FeedMessage(sequence, feed, message));
            }
        }

        if (_window.Count > 0 && State == FeedState.Live)
        {
            DeliverHeld();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Deliver(in FeedMessage message)
    {
        _next++;
        _delivered++;
        _handler.OnMessage(message);
    }

    private void DeliverHeld()
    {
        while (_window.TryTake(_next, out FeedMessage message))
        {
            Deliver(message);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void RequireFeed(int feed)
    {
        if ((uint)feed >= (uint)_feeds.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(feed), feed, $"The arbiter has the feeds 0 to {_feeds.Length - 1}.");
        }
    }

    private struct Counters
    {
        public long Packets;
        public long Wins;
        public long Duplicates;
        public long Invalid;
        public long OtherSession;
        public long Implausible;
        public long LastNanos;
    }
}
