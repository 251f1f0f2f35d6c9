using Estream.Circuits;

namespace Estream.Host.Runtime;

/// <summary>Tells the log why a circuit stands still.</summary>
internal static partial class CircuitLog
{
    public static Action<RunningCircuit, string, string> To(ILoggerFactory loggers) =>
        (circuit, place, reason) => LogFailure(loggers.CreateLogger($"Estream.Circuit.{circuit.Circuit.Name}"), circuit.Circuit.Name, place, reason);

    [LoggerMessage(EventId = 62, Level = LogLevel.Error, Message = "Circuit {Circuit} stands still at {Place}, and tries again: {Reason}")]
    private static partial void LogFailure(ILogger logger, string circuit, string place, string reason);
}
