using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Product;

/// <summary>The processor time that a server with little work uses in a second, including all threads and kernel time. An operation is
/// one second.</summary>
internal sealed class HostAtRestContender : IContender
{
    private readonly TimeSpan _time;
    private readonly IRestLoad _load;
    private readonly ProcessClock _clock;

    public HostAtRestContender(ContenderContext context, Func<string, IRestLoad> start)
    {
        _time = TimeSpan.FromMilliseconds(context.Size.Of(5_000, 200));
        _load = start(context.Directory);
        _clock = new ProcessClock(_load.ProcessId);
    }

    public RunResult Run()
    {
        long before = _clock.ReadNanos();
        ulong check = _load.Run(_time);
        long used = _clock.ReadNanos() - before;
        _load.RequireWhole();
        return new RunResult(1, Math.Max(1, (long)(used / _time.TotalSeconds))) { Check = check };
    }

    public void Dispose() => _load.Dispose();
}
