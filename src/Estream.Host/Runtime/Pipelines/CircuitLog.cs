using Estream.Circuits;

namespace Estream.Host.Runtime;

/// <summary>Logs failures of circuits, missed service levels, and failures to store their usage.</summary>
internal static partial class CircuitLog
{
    public static Action<RunningCircuit, string, string> To(ILoggerFactory loggers) =>
        (circuit, place, reason) =>
        LogFailure(loggers.CreateLogger($"Estream.Circuit.{circuit.Circuit.Name}"), circuit.Circuit.Name, place, reason);

    /// <summary>Returns a callback that logs missed and restored service levels.</summary>
    public static Action<RunningCircuit, ServiceLevelState> Alerts(ILoggerFactory loggers) =>
        (circuit, state) =>
        {
            ILogger logger = loggers.CreateLogger($"Estream.Circuit.{circuit.Circuit.Name}");
            if (state.IsMet)
            {
                LogKept(logger, circuit.Circuit.Name, state.Name, state.Promised, state.Measured);
            }
            else
            {
                LogBroken(logger, circuit.Circuit.Name, state.Name, state.Promised, state.Measured);
            }
        };

    /// <summary>Returns a callback that logs why usage could not be read or flushed.</summary>
    public static Action<string> OfUsage(ILoggerFactory loggers) => reason => LogUsage(loggers.CreateLogger("Estream.Circuits"), reason);

    [LoggerMessage(EventId = 65, Level = LogLevel.Error,
        Message = "The usage of circuits could not be read or flushed and is retried; a power cut may lose some of it: {Reason}")]
    private static partial void LogUsage(ILogger logger, string reason);

    [LoggerMessage(EventId = 63, Level = LogLevel.Warning,
        Message = "Circuit {Circuit} misses its service level: {Promise} should be {Promised}, measured {Measured}")]
    private static partial void LogBroken(ILogger logger, string circuit, string promise, string promised, string measured);

    [LoggerMessage(EventId = 64, Level = LogLevel.Information,
        Message = "Circuit {Circuit} meets its service level again: {Promise} should be {Promised}, measured {Measured}")]
    private static partial void LogKept(ILogger logger, string circuit, string promise, string promised, string measured);

    [LoggerMessage(EventId = 62, Level = LogLevel.Error, Message = "Circuit {Circuit} is failing at {Place} and retries: {Reason}")]
    private static partial void LogFailure(ILogger logger, string circuit, string place, string reason);
}
