using System.Diagnostics;
using Estream.Core;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>A row of `packets`: a sending thread in one namespace and a receiving one in another, over one path.</summary>
internal sealed class PacketContender : IContender
{
    private const long LongestSilenceSeconds = 20;
    private const int Backoff = 16;

    private readonly long _packets;
    private readonly PacketNamespaces _namespaces;
    private readonly PacketPath _path;
    private readonly PaddedCounter _received = new();
    private readonly BoundThreads _threads;

    public PacketContender(ContenderContext context, Func<PacketNamespaces, PacketPath> open)
    {
        _packets = new PacketWorkload(context.Size).Packets;
        _namespaces = new PacketNamespaces();
        try
        {
            _path = open(_namespaces);
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
        return both[1] with
        {
            WaitedNanos = both.Max(r => r.WaitedNanos),
            AllocatedBytes = both.Sum(r => r.AllocatedBytes),
        };
    }

    public void Dispose()
    {
        _threads.Dispose();
        _path.Dispose();
        _namespaces.Dispose();
    }

    private RunResult Send(long first)
    {
        RoundTimer timer = RoundTimer.Start();
        long end = first + _packets;
        long progress = Stopwatch.GetTimestamp();
        for (long next = first; next < end;)
        {
            int space = (int)Math.Min(end - next, PacketWorkload.Window - (next - _received.Value));

            // A whole batch, as a program has that sends what has gathered, except for the last packets.
            int count = space >= PacketWorkload.Batch ? PacketWorkload.Batch : space == end - next ? space : 0;
            int sent = count == 0 ? 0 : _path.Send(next, count);
            next += sent;
            if (sent == 0)
            {
                RequireProgress(progress, next);
                Thread.SpinWait(Backoff);
            }
            else
            {
                progress = Stopwatch.GetTimestamp();
            }
        }

        return timer.Stop(_packets);
    }

    private RunResult Receive(long first)
    {
        RoundTimer timer = RoundTimer.Start();
        long end = first + _packets;
        long progress = Stopwatch.GetTimestamp();
        for (long next = first; next < end;)
        {
            int count = _path.Receive(next);
            if (count == 0)
            {
                RequireProgress(progress, next);
                continue;
            }

            next += count;
            _received.AddUnsynchronized(count);
            progress = Stopwatch.GetTimestamp();
        }

        return timer.Stop(_packets) with { Check = (ulong)_packets };
    }

    private static void RequireProgress(long since, long packet)
    {
        if (Stopwatch.GetElapsedTime(since).TotalSeconds > LongestSilenceSeconds)
        {
            throw new ScenarioException($"packet {packet} was lost: nothing has arrived for {LongestSilenceSeconds} s");
        }
    }
}
