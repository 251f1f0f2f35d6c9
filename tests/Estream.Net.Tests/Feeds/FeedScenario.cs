using Estream.Net.Feeds;
using Estream.Testing;

namespace Estream.Net.Tests.Feeds;

/// <summary>
/// One run from one seed: a sender, two or three feeds that lose, repeat, delay and cut packets, feeds that die for a while, and snapshots
/// that take time. Checks that each message is delivered once and in order, and that each missing one is in a snapshot or was given up.
/// </summary>
internal sealed class FeedScenario : IFeedHandler
{
    private const long TickNanos = 200_000;
    private const int SettleTicks = 400_000;

    private readonly Random _random;
    private readonly ManualClock _clock = new();
    private readonly FeedArbiter _arbiter;
    private readonly Path[] _paths;
    private readonly PriorityQueue<(int Feed, byte[] Packet), (long Time, int Number)> _flying = new();
    private readonly bool _useSnapshots;
    private readonly long _messages;
    private UInt128 _session;
    private long _sent;
    private long _expected = 1;
    private long _snapshot;
    private long _snapshotDue = long.MaxValue;
    private int _number;

    public FeedScenario(int seed)
    {
        _random = new Random(seed);
        _useSnapshots = _random.Next(2) == 0;
        _messages = 200 + _random.Next(2_000);
        _paths = [.. Enumerable.Range(0, 2 + _random.Next(2)).Select(_ => new Path
        {
            Loss = _random.Next(4) == 0 ? 0 : _random.NextDouble() * 0.2,
            DelayNanos = 50_000 + _random.Next(3_000_000),
        })];
        HasPerfectFeed = _random.Next(4) == 0;
        if (HasPerfectFeed)
        {
            _paths[0] = new Path { IsPerfect = true, DelayNanos = 50_000 };
        }

        _arbiter = new FeedArbiter(new MoldUdp64Codec(), this, new FeedArbiterOptions
        {
            Feeds = _paths.Length,
            Clock = _clock,
            Window = 16 << _random.Next(6),
            MaxMessageBytes = 64,
            GapTimeout = TimeSpan.FromMilliseconds(4 + _random.Next(10)),
            SessionTimeout = TimeSpan.FromMilliseconds(500),
        });
    }

    /// <summary>Whether one feed loses nothing.</summary>
    public bool HasPerfectFeed { get; }

    public long Delivered { get; private set; }

    public long GivenUp { get; private set; }

    public long Snapshots { get; private set; }

    public void Run()
    {
        foreach (UInt128 session in (UInt128[])[FeedRig.Monday, FeedRig.Tuesday])
        {
            RunSession(session);
            _clock.PassNanos(1_000_000_000);
        }

        Assert.Equal(Delivered, _arbiter.Statistics.Delivered);
        Assert.Equal(GivenUp, _useSnapshots ? 0 : _arbiter.Statistics.Lost);
        if (HasPerfectFeed && _arbiter.Statistics.Gaps > 0)
        {
            throw new InvalidOperationException($"Gaps although a feed is perfect: {_arbiter.Statistics}");
        }
    }

    public void OnMessage(in FeedMessage message)
    {
        Assert.Equal(_expected, message.Sequence);
        Assert.True(message.Payload.SequenceEqual(FeedRig.PayloadOf(_session, message.Sequence)), $"payload of {message.Sequence}");
        _expected++;
        Delivered++;
    }

    public FeedGapAction OnGap(in FeedGap gap)
    {
        Assert.Equal(_expected, gap.First);
        Assert.InRange(gap.Count, 1, _sent - gap.First + 1);
        if (_useSnapshots)
        {
            RequestSnapshot();
            return FeedGapAction.WaitForSnapshot;
        }

        _expected += gap.Count;
        GivenUp += gap.Count;
        return FeedGapAction.Skip;
    }

    public void OnSession(UInt128 session)
    {
        Assert.Equal(_session, session);
        _expected = 1;
        _snapshotDue = long.MaxValue;
    }

    private void RunSession(UInt128 session)
    {
        _session = session;
        _sent = 0;
        _flying.Clear();
        while (_sent < _messages)
        {
            SendSome();
            ChangePaths();
            Tick();
        }

        Array.ForEach(_paths, path => path.IsDead = false);
        for (int tick = 0; _expected <= _messages; tick++)
        {
            Assert.True(tick < SettleTicks, $"{_expected} of {_messages}: {_arbiter.State} {_arbiter.Statistics}");
            if (tick % 50 == 0)
            {
                Send(FeedRig.Packet(_session, _sent + 1, 0));
            }

            Tick();
        }

        Assert.Equal((FeedState.Live, 0), (_arbiter.State, _arbiter.Statistics.Held));
    }

    private void SendSome()
    {
        int count = (int)Math.Min(_random.Next(4), _messages - _sent);
        if (count > 0)
        {
            Send(FeedRig.Packet(_session, _sent + 1, count));
            _sent += count;
        }
    }

    private void Send(byte[] packet)
    {
        for (int feed = 0; feed < _paths.Length; feed++)
        {
            Path path = _paths[feed];
            if (path.IsPerfect)
            {
                Fly(feed, packet, path.DelayNanos);
                continue;
            }

            for (int copies = _random.Next(30) == 0 ? 2 : 1; copies > 0; copies--)
            {
                if (!path.IsDead && _random.NextDouble() >= path.Loss)
                {
                    byte[] arriving = _random.Next(100) == 0 ? packet[..^1] : packet;
                    Fly(feed, arriving, path.DelayNanos + _random.Next(500_000));
                }
            }
        }
    }

    private void Fly(int feed, byte[] packet, long delay) =>
        _flying.Enqueue((feed, packet), (_clock.MonotonicNanos + delay, _number++));

    private void ChangePaths()
    {
        if (_random.Next(100) == 0)
        {
            Path path = _paths[_random.Next(_paths.Length)];
            path.IsDead = !path.IsDead && !path.IsPerfect;
        }

        if (_random.Next(20) == 0)
        {
            Array.ForEach(_paths, path => path.IsDead = false);
        }
    }

    private void Tick()
    {
        long end = _clock.MonotonicNanos + TickNanos;
        while (_flying.TryPeek(out (int Feed, byte[] Packet) next, out (long Time, int Number) due) && due.Time <= end)
        {
            _ = _flying.Dequeue();
            _clock.PassNanos(Math.Max(0, due.Time - _clock.MonotonicNanos));
            _arbiter.Receive(next.Feed, next.Packet);
        }

        _clock.PassNanos(end - _clock.MonotonicNanos);
        _arbiter.Poll();
        if (_clock.MonotonicNanos >= _snapshotDue)
        {
            Resume();
        }
    }

    private void RequestSnapshot()
    {
        _snapshot = _sent;
        _snapshotDue = _clock.MonotonicNanos + _random.Next(20_000_000);
    }

    private void Resume()
    {
        _snapshotDue = long.MaxValue;
        long before = _expected;
        _expected = _snapshot + 1;
        if (_arbiter.TryResume(_snapshot))
        {
            Snapshots++;
        }
        else
        {
            _expected = before;
            RequestSnapshot();
        }
    }

    private sealed class Path
    {
        public double Loss { get; init; }

        public long DelayNanos { get; init; }

        public bool IsPerfect { get; init; }

        public bool IsDead { get; set; }
    }
}
