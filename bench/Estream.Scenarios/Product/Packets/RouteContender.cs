using System.Diagnostics;
using Estream.Core;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>A row of `multicast`: the time from just before a message is sent until the receiving thread has it. Both threads poll without
/// a pause.</summary>
internal sealed class RouteContender : IContender
{
    private const long LongestSilenceSeconds = 20;

    private readonly PacketNamespaces _namespaces = new();
    private readonly MessageRoute _route;
    private readonly Samples _samples;
    private readonly long[] _sent;
    private readonly PaddedCounter _received = new();
    private readonly BoundThreads _threads;

    public RouteContender(ContenderContext context, Func<ContenderContext, PacketNamespaces, MessageRoute> open)
    {
        long messages = new MulticastWorkload(context.Size).Messages;
        _samples = new Samples(messages);
        _sent = new long[messages];
        try
        {
            _route = open(context, _namespaces);
        }
        catch
        {
            _namespaces.Dispose();
            throw;
        }

        _threads = new BoundThreads(2);
    }

    public RunResult Run()
    {
        long first = _received.Value;
        IReadOnlyList<RunResult> both = _threads.Run(thread => thread == 0 ? Send(first) : Receive(first));
        return _samples.Round((ulong)_samples.Count) with { AllocatedBytes = both.Sum(result => result.AllocatedBytes) };
    }

    public void Dispose()
    {
        _threads.Dispose();
        _route.Dispose();
        _namespaces.Dispose();
    }

    private RunResult Send(long first)
    {
        RoundTimer timer = RoundTimer.Start();
        long due = Samples.Now();
        for (int i = 0; i < _sent.Length; i++)
        {
            while (Samples.Now() < due)
            {
                _route.Poll();
            }

            // A late message does not speed up the next one.
            Volatile.Write(ref _sent[i], Samples.Now());
            _route.Send(first + i);
            due = _sent[i] + MulticastWorkload.IntervalNanos;
        }

        long end = Stopwatch.GetTimestamp();
        while (_received.Value < first + _sent.Length && Stopwatch.GetElapsedTime(end).TotalSeconds < LongestSilenceSeconds)
        {
            _route.Poll();
        }

        return timer.Stop(_sent.Length);
    }

    private RunResult Receive(long first)
    {
        RoundTimer timer = RoundTimer.Start();
        for (int i = 0; i < _sent.Length; i++)
        {
            long since = Stopwatch.GetTimestamp();
            while (!_route.TryReceive(first + i))
            {
                if (Stopwatch.GetElapsedTime(since).TotalSeconds > LongestSilenceSeconds)
                {
                    throw new ScenarioException($"message {first + i} was lost: nothing has arrived for {LongestSilenceSeconds} s");
                }
            }

            _samples.Set(i, Volatile.Read(ref _sent[i]), Samples.Now());
            _received.AddUnsynchronized(1);
        }

        return timer.Stop(_sent.Length);
    }
}
