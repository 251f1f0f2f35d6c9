namespace Estream.Host.Runtime;

/// <summary>
/// Logs once that queues cannot be written, independent of the number of blocked connections, and once that they are writable again.
/// Thread-safe.
/// </summary>
internal sealed partial class StorageLog(ILogger logger)
{
    private int _isBlocked;

    /// <summary>Called when a connection is blocked.</summary>
    public void Blocked(string adapter, string detail)
    {
        if (Interlocked.Exchange(ref _isBlocked, 1) == 0)
        {
            LogBlocked(logger, adapter, detail);
        }
    }

    /// <summary>Called regularly with whether any queue cannot be written.</summary>
    public void Observe(bool isFailing)
    {
        if (!isFailing && Interlocked.Exchange(ref _isBlocked, 0) == 1)
        {
            LogRecovered(logger);
        }
    }

    [LoggerMessage(EventId = 50, Level = LogLevel.Error,
        Message = "{Adapter}: messages are not acknowledged until this is fixed: {Detail}")]
    private static partial void LogBlocked(ILogger logger, string adapter, string detail);

    [LoggerMessage(EventId = 51, Level = LogLevel.Information, Message = "All queues are writable again.")]
    private static partial void LogRecovered(ILogger logger);
}
