using System.Runtime.ExceptionServices;

namespace Estream.Host.Runtime;

/// <summary>One kind of part of a host, such as its queues or its adapters.</summary>
/// <param name="name">The name, for the log.</param>
internal sealed class HostPart(string name)
{
    public string Name => name;

    /// <summary>Opens files. Nothing runs yet.</summary>
    public Func<Task> Open { get; init; } = static () => Task.CompletedTask;

    /// <summary>Starts to work.</summary>
    public Func<CancellationToken, Task> Start { get; init; } = static _ => Task.CompletedTask;

    /// <summary>Finishes what was begun and stops. Returns false if something was not finished in time.</summary>
    public Func<HostStop, Task<bool>> Stop { get; init; } = static _ => Task.FromResult(true);

    /// <summary>Closes what is open, also after a failure to open or to stop.</summary>
    public Func<ValueTask> Close { get; init; } = static () => ValueTask.CompletedTask;
}

/// <summary>How a host stops.</summary>
/// <param name="IsLost">Whether the host is not active any more, so that nothing is confirmed.</param>
/// <param name="Drain">Cancelled when adapters and witnesses must not wait any longer.</param>
/// <param name="Host">Cancelled when the host must not wait any longer.</param>
internal sealed record HostStop(bool IsLost, CancellationToken Drain, CancellationToken Host);

/// <summary>
/// The parts of a host in the order of their dependencies: a part uses only parts before it. Parts are opened and started in this order,
/// and stopped and closed in the reverse order. Not thread-safe.
/// </summary>
/// <param name="logger">The log.</param>
internal sealed partial class HostParts(ILogger logger)
{
    private readonly List<HostPart> _parts = [];

    /// <summary>Opens a part and adds it to the list. A part that fails to open is closed with the others.</summary>
    public Task OpenAsync(HostPart part)
    {
        _parts.Add(part);
        return part.Open();
    }

    /// <summary>Starts all parts. Ends at the first failure.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        foreach (HostPart part in _parts)
        {
            await part.Start(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Stops all parts, also after a failure of one, which is logged.</summary>
    /// <returns>Whether all parts have finished.</returns>
    public async Task<bool> StopAsync(HostStop stop)
    {
        bool isFinished = true;
        foreach (HostPart part in _parts.AsEnumerable().Reverse())
        {
            try
            {
                isFinished &= await part.Stop(stop).ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                isFinished = false;
                LogNotStopped(logger, part.Name, failure);
            }
        }

        return isFinished;
    }

    /// <summary>Closes all parts, also after a failure of one. Idempotent.</summary>
    /// <exception cref="Exception">The first failure.</exception>
    public async ValueTask CloseAsync()
    {
        Exception? first = null;
        for (int last = _parts.Count - 1; last >= 0; last--)
        {
            HostPart part = _parts[last];
            _parts.RemoveAt(last);
            try
            {
                await part.Close().ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                first ??= failure;
                LogNotClosed(logger, part.Name, failure);
            }
        }

        if (first is not null)
        {
            ExceptionDispatchInfo.Throw(first);
        }
    }

    [LoggerMessage(EventId = 105, Level = LogLevel.Error, Message = "The {Part} could not be stopped. The other parts stop.")]
    private static partial void LogNotStopped(ILogger logger, string part, Exception exception);

    [LoggerMessage(EventId = 106, Level = LogLevel.Error, Message = "The {Part} could not be closed. The other parts are closed.")]
    private static partial void LogNotClosed(ILogger logger, string part, Exception exception);
}
