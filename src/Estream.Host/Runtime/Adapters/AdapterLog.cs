using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>Writes adapter events to the log at the level an operator expects.</summary>
internal static partial class AdapterLog
{
    public static void Write(ILogger logger, AdapterEvent happened)
    {
        LogLevel level = happened.Kind switch
        {
            AdapterEventKind.ConnectionFailed or AdapterEventKind.ProtocolViolation or AdapterEventKind.DeadLettered
                or AdapterEventKind.Degraded => LogLevel.Warning,
            AdapterEventKind.Connected or AdapterEventKind.Disconnected => LogLevel.Debug,

            // One per connection; the storage log says the same once.
            AdapterEventKind.StorageBlocked or AdapterEventKind.StorageRecovered => LogLevel.Debug,
            _ => LogLevel.Information,
        };

        // The detail already names the cause; the stack of an expected failure (a peer that left) only drowns it.
        Log(logger, level, happened.Adapter, happened.Kind, happened.Detail);
    }

    [LoggerMessage(EventId = 22, Message = "{Adapter}: {Kind}: {Detail}")]
    private static partial void Log(ILogger logger, LogLevel level, string adapter, AdapterEventKind kind, string detail);
}
