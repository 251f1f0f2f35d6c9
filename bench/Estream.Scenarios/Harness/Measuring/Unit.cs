namespace Estream.Scenarios.Harness;

/// <summary>The two units of the JSON rows; each converts a round to one figure.</summary>
internal sealed class Unit
{
    /// <summary>
    /// The cost of one operation on one thread: elapsed time without the time in which the thread was ready but another
    /// thread had its processor. Waiting for anything else (a lock, the disk) is included.
    /// </summary>
    public static readonly Unit NanosPerOperation =
        new("ns/op", r => (double)(r.ElapsedNanos - (r.WaitedNanos ?? 0)) / r.Operations);

    /// <summary>The rate of work that several threads or processes share: elapsed time without subtraction.</summary>
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
