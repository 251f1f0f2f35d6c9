namespace Estream.Wire;

/// <summary>Runs the loops of an adapter together.</summary>
internal static class AdapterLoops
{
    /// <summary>Runs loops until all have ended. If one fails, cancels the others and throws its exception, so that the host restarts the
    /// adapter. <see cref="Task.WhenAll(Task[])"/> would wait for the others, which never end.</summary>
    /// <param name="loops">Starts each loop with the token that ends it.</param>
    /// <param name="cancellation">Ends all loops.</param>
    public static async Task RunAsync(IEnumerable<Func<CancellationToken, Task>> loops, CancellationToken cancellation)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        List<Task> running = [.. loops.Select(loop => loop(stop.Token))];
        while (running.Count > 0)
        {
            Task ended = await Task.WhenAny(running).ConfigureAwait(false);
            running.Remove(ended);
            if (!ended.IsCompletedSuccessfully)
            {
                await stop.CancelAsync().ConfigureAwait(false);
                await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await ended.ConfigureAwait(false);
            }
        }
    }
}
