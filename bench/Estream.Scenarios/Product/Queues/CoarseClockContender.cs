using Estream.Core;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Product;

/// <summary>The <c>estream</c> row of `coarse-clock`: how far the clock that stamps messages is behind the precise one, sampled every ten
/// microseconds.</summary>
/// <param name="context">The size of a round.</param>
/// <param name="isBusy">Whether threads that never wait occupy all processors except that of the sampling thread.</param>
internal sealed class CoarseClockContender(ContenderContext context, bool isBusy) : IContender
{
    private const long StepNanos = 10_000;

    private readonly Samples _samples = new(context.Size.Of(50_000, 500));

    public RunResult Run()
    {
        using CancellationTokenSource stop = new();
        Thread[] others = [.. Enumerable.Range(0, isBusy ? Environment.ProcessorCount - 1 : 0)
            .Select(_ => new Thread(() => Spin(stop.Token)) { IsBackground = true })];
        Array.ForEach(others, thread => thread.Start());
        Look();
        stop.Cancel();
        Array.ForEach(others, thread => thread.Join());
        return _samples.Round((ulong)_samples.Count);
    }

    public void Dispose()
    {
    }

    private void Look()
    {
        IClock clock = SystemClock.Instance;
        long due = Samples.Now();
        for (int look = 0; look < _samples.Count; look++)
        {
            due += StepNanos;
            _ = Samples.WaitUntil(due);
            long coarse = clock.CoarseUtcNanos;
            _samples.Set(look, coarse, clock.UtcNanos);
        }
    }

    private static void Spin(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Thread.SpinWait(1);
        }
    }
}
