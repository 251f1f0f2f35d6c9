using Estream.Net.Multicast;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Net.Tests.Multicast.Simulation;

/// <summary>
/// One run from one seed: a publisher, some subscribers, faults of the network, crashes and restarts, a late joiner. At the end every copy
/// must equal the source.
/// </summary>
internal sealed class MulticastScenario : IDisposable
{
    private const int PublisherNode = 0;
    private const int LateNode = 9;
    private const long TickNanos = 500_000;
    private const long LimitNanos = 300_000_000_000;

    private readonly Random _random;
    private readonly TempDirectory _folder = new(Directory.Exists("/dev/shm") ? "/dev/shm" : null);
    private readonly SimulatedNetwork _network;
    private readonly EstreamQueue _source;
    private readonly MulticastPublisherOptions _publisherOptions;
    private readonly MulticastSubscriberOptions _subscriberOptions;
    private readonly SortedDictionary<int, SimulatedSubscriber> _subscribers = [];
    private readonly int _messages;
    private readonly bool _isExclusive;
    private QueueAppender _appender;
    private MulticastPublisher? _publisher;
    private int _appended;

    public MulticastScenario(int seed)
    {
        _random = new Random(seed);
        _network = new SimulatedNetwork(_random.Next(), Faults());
        _isExclusive = _random.Next(3) != 0;
        _source = EstreamQueue.Open(
            _folder.Combine("source"), new QueueOptions { SegmentBytes = 64 << 10, Clock = _network.Clock });
        _appender = _source.CreateAppender(_isExclusive ? AppenderMode.Exclusive : AppenderMode.Shared);
        _messages = 200 + _random.Next(800);
        byte[] key = new byte[32];
        _random.NextBytes(key);
        ReadOnlyMemory<byte> shared = _random.Next(3) == 0 ? key : default;
        bool hasFec = _random.Next(3) == 0;
        int packet = _random.Next(3) == 0 ? 600 : 1_408;
        _publisherOptions = new MulticastPublisherOptions
        {
            Clock = _network.Clock,
            Key = shared,
            MaxPacketBytes = packet,
            FlowControl = _random.Next(3) == 0 ? MulticastFlowControl.Max : MulticastFlowControl.Min,
            UseCongestionWindow = _random.Next(3) == 0,
            MaxBytesPerSecond = _random.Next(4) == 0 ? 2 << 20 : 0,
            FecData = hasFec ? 1 + _random.Next(16) : 0,
            FecParity = hasFec ? 1 + _random.Next(4) : 0,
        };
        _subscriberOptions = new MulticastSubscriberOptions
        {
            Key = shared,
            MaxPacketBytes = packet,
            BufferedPackets = _random.Next(3) == 0 ? 16 : 256,
            SessionTimeout = TimeSpan.FromSeconds(1),
        };
    }

    public long Verified => _subscribers.Values.Sum(subscriber => subscriber.Verified);

    public void Run()
    {
        int before = _random.Next(3) == 0 ? _random.Next(_messages / 2) : 0;
        while (_appended < before)
        {
            Append();
        }

        StartPublisher();
        int subscribers = 1 + _random.Next(3);
        for (int node = 1; node <= subscribers; node++)
        {
            Add(node, _subscriberOptions);
        }

        bool hasLate = _random.Next(2) == 0;
        while (_appended < _messages)
        {
            Step();
            if (hasLate && _appended > _messages / 2)
            {
                hasLate = false;
                Add(LateNode, _subscriberOptions);
            }
        }

        Finish();
        CheckCopies();
    }

    public void Dispose()
    {
        foreach (SimulatedSubscriber subscriber in _subscribers.Values)
        {
            subscriber.Dispose();
        }

        _publisher?.Dispose();
        _appender.Dispose();
        _source.Dispose();
        _folder.Dispose();
    }

    private NetworkFaults Faults() => new()
    {
        Loss = _random.Next(5) == 0 ? 0 : 0.05,
        Damage = _random.Next(2) == 0 ? 0 : 0.002,
        MaxDelayNanos = _random.Next(4) == 0 ? 20_000_000 : 2_000_000,
    };

    private void Add(int node, MulticastSubscriberOptions options)
    {
        SimulatedSubscriber subscriber = new(_network, node, _folder.Path, options with { Seed = _random.Next() });
        _subscribers.Add(node, subscriber);
        subscriber.Start();
    }

    private void StartPublisher()
    {
        IPacketSender sender = _network.Add(PublisherNode, (bytes, from) => _publisher?.Receive(bytes, from));
        _publisher = new MulticastPublisher(_source, sender, _publisherOptions);
    }

    private void Step()
    {
        for (int count = _random.Next(4); count > 0; count--)
        {
            Append();
        }

        SimulatedSubscriber subscriber = _subscribers.Values.ElementAt(_random.Next(_subscribers.Count));
        switch (_random.Next(400))
        {
            case 0 or 1:
                subscriber.RememberMap();
                break;
            case 2 or 3:
                subscriber.Crash(losesMap: _random.Next(2) == 0);
                Tick(_random.Next(400));
                subscriber.Start();
                break;
            case 4:
                RestartPublisher();
                break;
            case 5:
                Tick(_random.Next(2_000));
                break;
            case 6:
                _appender.Dispose();
                _appender = _source.CreateAppender(_isExclusive ? AppenderMode.Exclusive : AppenderMode.Shared);
                break;
        }

        Tick(1);
    }

    private void RestartPublisher()
    {
        if (_random.Next(2) == 0)
        {
            // A crash: no end packet leaves the node.
            _network.Remove(PublisherNode);
            _publisher!.Dispose();
        }
        else
        {
            _publisher!.Dispose();
            _network.Remove(PublisherNode);
        }

        _publisher = null;
        Tick(_random.Next(100));
        StartPublisher();
    }

    private void Append()
    {
        int length = _random.Next(20) switch
        {
            0 => _random.Next(12_000),
            1 => 0,
            _ => _random.Next(300),
        };
        byte[] bytes = new byte[length];
        _random.NextBytes(bytes);
        _ = _appender.Append(bytes);
        _appended++;
    }

    private void Tick(int count)
    {
        for (int tick = 0; tick < count; tick++)
        {
            _network.Pass(TickNanos);
            if (_publisher is { } publisher && _random.Next(10) != 0)
            {
                _ = publisher.Poll();
            }

            foreach (SimulatedSubscriber subscriber in _subscribers.Values)
            {
                if (_random.Next(10) != 0)
                {
                    _ = subscriber.Subscriber?.Poll();
                }
            }
        }
    }

    private void Finish()
    {
        long end = CopiedMessage.ReadAll(_source.Directory)[^1].Position;
        long limit = _network.Clock.MonotonicNanos + LimitNanos;
        while (_subscribers.Values.Any(subscriber => subscriber.Subscriber!.Statistics.LastPosition != end))
        {
            Tick(20);
            if (_network.Clock.MonotonicNanos > limit)
            {
                string states = string.Join("; ", _subscribers.Select(pair =>
                    $"{pair.Key}: {pair.Value.Subscriber!.State} {pair.Value.Subscriber.Statistics}"));
                throw new InvalidOperationException($"Not complete at {end}: {_publisher!.Statistics}; {states}");
            }
        }

        _appender.Dispose();
    }

    private void CheckCopies()
    {
        List<CopiedMessage> source = CopiedMessage.ReadAll(_source.Directory);
        foreach (SimulatedSubscriber subscriber in _subscribers.Values)
        {
            MulticastSubscriberStatistics statistics = subscriber.Subscriber!.Statistics;
            subscriber.Stop();
            List<CopiedMessage> copy = subscriber.Read();
            Assert.Equal(source.Select(message => message.Bytes), copy.Select(message => message.Bytes));
            if (_isExclusive)
            {
                Assert.Equal(source, copy);
                Assert.True(statistics.PositionsAreEqual && statistics.SequencesAreEqual && statistics.TimesAreEqual);
            }
        }
    }
}
