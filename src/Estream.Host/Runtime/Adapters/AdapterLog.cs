using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>Logs adapter events with a level per kind of event.</summary>
internal static partial class AdapterLog
{
    public static void Write(ILogger logger, AdapterEvent happened)
    {
        LogLevel level = happened.Kind switch
        {
            AdapterEventKind.ConnectionFailed or AdapterEventKind.ProtocolViolation or AdapterEventKind.DeadLettered
                or AdapterEventKind.Degraded => LogLevel.Warning,
            AdapterEventKind.Connected or AdapterEventKind.Disconnected => LogLevel.Debug,

            // Each blocked connection reports these events; StorageLog logs them once for all connections.
            AdapterEventKind.StorageBlocked or AdapterEventKind.StorageRecovered => LogLevel.Debug,
            _ => LogLevel.Information,
        };

        // The detail names the cause; a stack trace of an expected failure (such as a disconnected peer) would only add noise.
        Log(logger, level, happened.Adapter, happened.Kind, happened.Detail);
    }

    [LoggerMessage(EventId = 22, Message = "{Adapter}: {Kind}: {Detail}")]
    private static partial void Log(ILogger logger, LogLevel level, string adapter, AdapterEventKind kind, string detail);
}
