using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>The <c>estream</c> row of `replicate`: messages are appended as fast as possible, and the last one is awaited.</summary>
internal sealed class ReplicateContender(ContenderContext context, ReplicateWorkload work) : IContender
{
    private readonly ReplicatedQueue _queue = new(context, work);

    public RunResult Run()
    {
        RoundTimer timer = RoundTimer.Start();
        _queue.Append(work.Messages);
        return timer.Stop(work.Messages);
    }

    public void Dispose() => _queue.Dispose();
}

/// <summary>The <c>estream</c> row of `replicate-latency`: a message is appended after the previous one is confirmed.</summary>
internal sealed class ReplicateLatencyContender(ContenderContext context, ReplicateWorkload work) : IContender
{
    private readonly ReplicatedQueue _queue = new(context, work);
    private readonly Samples _samples = new(work.Waits);

    public RunResult Run()
    {
        for (int i = 0; i < _samples.Count; i++)
        {
            long before = Samples.Now();
            _queue.AppendOne();
            _samples.Set(i, before, Samples.Now());
        }

        return _samples.Round((ulong)_samples.Count);
    }

    public void Dispose() => _queue.Dispose();
}

/// <summary>The <c>estream</c> row of `replicate-catch-up`: an empty directory becomes a copy of the queue.</summary>
internal sealed class CatchUpContender : IContender
{
    private readonly ReplicateWorkload _work;
    private readonly ReplicatedQueue _queue;
    private readonly string _copy;

    public CatchUpContender(ContenderContext context, ReplicateWorkload work)
    {
        _work = work;
        _queue = new ReplicatedQueue(context, work);
        _queue.Append(work.Messages);
        _copy = Path.Combine(context.Directory, "copy");
    }

    public RunResult Run()
    {
        RoundTimer timer = RoundTimer.Start();
        _queue.CopyAsync(_copy, _work.Messages).GetAwaiter().GetResult();
        RunResult result = timer.Stop(_work.Messages);
        Directory.Delete(_copy, recursive: true);
        return result;
    }

    public void Dispose() => _queue.Dispose();
}
