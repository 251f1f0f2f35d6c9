using Estream.Core;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Product;

/// <summary>The <c>estream</c> row of `coarse-clock`: how far the clock that stamps messages is behind the precise one, looked at in steps
/// of ten microseconds.</summary>
/// <param name="context">How large a round is.</param>
/// <param name="isBusy">Whether threads that never wait have all processors but the one that looks.</param>
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
