using Estream.Wire.Dnp3.Codec;

namespace Estream.Wire.Dnp3.Commands;

/// <summary>How a command ended.</summary>
internal enum CommandOutcome
{
    /// <summary>The outstation reported success.</summary>
    Success,

    /// <summary>The outstation refused the command and performed nothing.</summary>
    Refused,

    /// <summary>The outstation performed nothing, because the operate request was not sent.</summary>
    NotSent,

    /// <summary>The operate request was sent and not answered: the outstation may have performed it.</summary>
    Unknown,
}

/// <summary>The end of a command.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="Status">The status code of the outstation; null if it sent none.</param>
/// <param name="Reason">One phrase; empty after success.</param>
internal readonly record struct CommandEnd(CommandOutcome Outcome, byte? Status, string Reason);

/// <summary>A command that waits for its outstation or is under way.</summary>
/// <param name="command">The object.</param>
/// <param name="isDirect">Whether it is operated without a select.</param>
/// <param name="isExpired">Says immediately before each request whether the command has become too old.</param>
internal sealed class PendingCommand(CommandObject command, bool isDirect, Func<bool> isExpired)
{
    private readonly TaskCompletionSource<CommandEnd> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public CommandObject Command => command;

    public bool IsDirect => isDirect;

    public bool IsExpired => isExpired();

    public Task<CommandEnd> End => _end.Task;

    public void Complete(in CommandEnd end) => _end.TrySetResult(end);
}

/// <summary>The status codes of commands (IEEE 1815, table 4-8).</summary>
internal static class CommandStatus
{
    public const byte Success = 0;
    public const byte Timeout = 1;
    public const byte NoSelect = 2;
    public const byte NotSupported = 4;

    private static readonly string[] s_names =
    [
        "success", "the select has expired", "there was no matching select", "format error", "the point does not support the operation",
        "the operation is already active", "hardware error", "the point is in local mode", "too many objects", "not authorized",
        "automation inhibits the operation", "processing limited", "the value is out of range", "downstream is in local mode",
        "already complete", "blocked", "cancelled", "another master is selected", "downstream failed",
    ];

    public static string Describe(byte status) => status < s_names.Length ? $"{s_names[status]} (status {status})" : $"status {status}";
}
