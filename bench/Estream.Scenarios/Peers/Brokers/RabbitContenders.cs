using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Peers.Brokers;

/// <summary>The <c>rabbitmq</c> row of `replicate`: entries as large as those of the product, without a queue.</summary>
internal sealed class RabbitPublishContender : IContender
{
    private const int EntriesInFlight = ReplicateWorkload.InFlightBytes / ReplicateWorkload.EntryBytes;

    private readonly RabbitStreamClient _client;
    private readonly ReplicateWorkload _work;
    private readonly byte[] _entry;
    private readonly long _entries;

    public RabbitPublishContender(ContenderContext context, ReplicateWorkload work)
    {
        _work = work;
        _client = new RabbitStreamClient(context, work.Brokers);
        _entry = new byte[ReplicateWorkload.EntryBytes];
        _entries = long.Max(1, work.Messages * work.FrameBytes / _entry.Length);
    }

    public RunResult Run()
    {
        RoundTimer timer = RoundTimer.Start();
        _client.PublishAsync(_entry, _entries, EntriesInFlight).GetAwaiter().GetResult();
        return timer.Stop(_work.Messages);
    }

    public void Dispose() => _client.Dispose();
}

/// <summary>The <c>rabbitmq-message</c> row of `replicate`: each message is one entry.</summary>
internal sealed class RabbitMessageContender : IContender
{
    /// <summary>The divisor of the number of messages.</summary>
    public const int Portion = 20;

    private const int MessagesInFlight = 2_000;

    private readonly RabbitStreamClient _client;
    private readonly byte[] _message;
    private readonly long _messages;

    public RabbitMessageContender(ContenderContext context, ReplicateWorkload work)
    {
        _client = new RabbitStreamClient(context, work.Brokers);
        _message = new byte[work.PayloadBytes];
        _messages = work.Messages / Portion;
    }

    public RunResult Run()
    {
        RoundTimer timer = RoundTimer.Start();
        _client.PublishAsync(_message, _messages, MessagesInFlight).GetAwaiter().GetResult();
        return timer.Stop(_messages);
    }

    public void Dispose() => _client.Dispose();
}

/// <summary>The <c>rabbitmq</c> row of `replicate-latency`: a message is published after the previous one is confirmed.</summary>
internal sealed class RabbitLatencyContender : IContender
{
    private readonly RabbitStreamClient _client;
    private readonly Samples _samples;
    private readonly byte[] _message;

    public RabbitLatencyContender(ContenderContext context, ReplicateWorkload work)
    {
        _client = new RabbitStreamClient(context, work.Brokers);
        _samples = new Samples(work.Waits);
        _message = new byte[work.PayloadBytes];
    }

    public RunResult Run()
    {
        for (int i = 0; i < _samples.Count; i++)
        {
            long before = Samples.Now();
            _client.PublishAsync(_message).GetAwaiter().GetResult();
            _samples.Set(i, before, Samples.Now());
        }

        return _samples.Round((ulong)_samples.Count);
    }

    public void Dispose() => _client.Dispose();
}

/// <summary>The <c>rabbitmq</c> row of `replicate-catch-up`: reads entries as large as those of the product, and drops them.</summary>
internal sealed class RabbitReadContender : IContender
{
    private readonly RabbitStreamClient _client;
    private readonly ReplicateWorkload _work;
    private readonly long _entries;

    public RabbitReadContender(ContenderContext context, ReplicateWorkload work)
    {
        _work = work;
        _client = new RabbitStreamClient(context, work.Brokers);
        byte[] entry = new byte[ReplicateWorkload.EntryBytes];
        _entries = long.Max(1, work.Messages * work.FrameBytes / entry.Length);
        _client.PublishAsync(entry, _entries, ReplicateWorkload.InFlightBytes / ReplicateWorkload.EntryBytes).GetAwaiter().GetResult();
    }

    public RunResult Run()
    {
        RoundTimer timer = RoundTimer.Start();
        _client.ReadAsync(_entries).GetAwaiter().GetResult();
        return timer.Stop(_work.Messages);
    }

    public void Dispose() => _client.Dispose();
}
