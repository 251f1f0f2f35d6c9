using System.Collections.Concurrent;

namespace Estream.Wire.Fhir.Http;

/// <summary>Runs long searches on threads of their own, so that they leave the thread pool to the other adapters of the host. The slots of
/// the caller limit the number of waiting searches. Thread-safe.</summary>
internal sealed class ScanThreads : IDisposable
{
    /// <summary>The number of threads.</summary>
    public const int Count = 2;

    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread[] _threads;

    public ScanThreads(string name)
    {
        _threads = [.. Enumerable.Range(1, Count).Select(number => new Thread(Run)
        {
            IsBackground = true, Name = $"{name} scan {number}", Priority = ThreadPriority.BelowNormal,
        })];
        Array.ForEach(_threads, static thread => thread.Start());
    }

    /// <summary>Runs work, and completes with its result or exception.</summary>
    public Task<T> RunAsync<T>(Func<T> work)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception failure)
            {
                // The caller awaits the task and handles every exception, as if it had called the work itself.
                done.SetException(failure);
            }
        });
        return done.Task;
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        Array.ForEach(_threads, static thread => thread.Join());
        _work.Dispose();
    }

    private void Run()
    {
        foreach (Action work in _work.GetConsumingEnumerable())
        {
            work();
        }
    }
}
