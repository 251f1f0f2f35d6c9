using System.Collections.Concurrent;

namespace Estream.Wire.Fhir.Http;

/// <summary>Runs requests on dedicated threads, and leaves the thread pool to the other adapters of the host. The slots of the
/// caller limit the number of waiting requests. Thread-safe.</summary>
internal sealed class RequestThreads : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread[] _threads;

    /// <summary>Starts the threads.</summary>
    /// <param name="name">What the threads do, as in <c>fhir scan</c>.</param>
    /// <param name="count">The number of threads.</param>
    /// <param name="priority">Their priority.</param>
    public RequestThreads(string name, int count, ThreadPriority priority)
    {
        _threads = [.. Enumerable.Range(1, count).Select(number => new Thread(Run)
        {
            IsBackground = true, Name = $"{name} {number}", Priority = priority,
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
