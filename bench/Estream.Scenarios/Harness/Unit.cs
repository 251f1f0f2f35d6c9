namespace Estream.Scenarios.Harness;

/// <summary>The two units of the JSON rows; each turns a round into one figure.</summary>
internal sealed class Unit
{
    public static readonly Unit NanosPerOperation = new("ns/op", r => (double)r.ElapsedNanos / r.Operations);

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
