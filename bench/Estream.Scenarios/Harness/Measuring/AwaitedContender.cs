namespace Estream.Scenarios.Harness;

/// <summary>A row whose operations wait for each other. Each operation is timed.</summary>
/// <param name="target">The object of the operations, which is disposed with the row.</param>
/// <param name="count">The number of operations of a round.</param>
/// <param name="operation">Runs an operation, and returns when it is complete.</param>
internal sealed class AwaitedContender<T>(T target, long count, Action<T> operation) : IContender
    where T : IDisposable
{
    private readonly Samples _samples = new(count);

    public RunResult Run()
    {
        for (int i = 0; i < _samples.Count; i++)
        {
            long before = Samples.Now();
            operation(target);
            _samples.Set(i, before, Samples.Now());
        }

        return _samples.Round((ulong)_samples.Count);
    }

    public void Dispose() => target.Dispose();
}
