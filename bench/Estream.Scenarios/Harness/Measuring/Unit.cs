namespace Estream.Scenarios.Harness;

/// <summary>The two units of the JSON rows; each turns a round into one figure.</summary>
internal sealed class Unit
{
    /// <summary>
    /// Cost of one operation on one thread: elapsed time without the time in which the thread was ready but another
    /// had its processor. Waiting for anything else (a lock, the disk) stays in.
    /// </summary>
    public static readonly Unit NanosPerOperation =
        new("ns/op", r => (double)(r.ElapsedNanos - (r.WaitedNanos ?? 0)) / r.Operations);

    /// <summary>Rate of work that several threads or processes share: elapsed time as it is.</summary>
    public static readonly Unit OperationsPerSecond = new("op/s", r => r.Operations * 1e9 / r.ElapsedNanos);

    private readonly Func<RunResult, double> _figure;

    private Unit(string name, Func<RunResult, double> figure)
    {
        Name = name;
        _figure = figure;
    }

    public string Name { get; }

    public double FigureOf(RunResult result) => _figure(result);
}
