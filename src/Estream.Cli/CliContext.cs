using Estream.Cli.Tune;
using Estream.Core;

namespace Estream.Cli;

/// <summary>The environment of a command: streams, folders, prompts, clock and cancellation. Tests supply their own.</summary>
internal sealed class CliContext
{
    /// <summary>Standard input, for the commands that read it.</summary>
    public Stream Input { get; init; } = Stream.Null;

    /// <summary>Standard output.</summary>
    public required Stream Output { get; init; }

    /// <summary>Standard error: one line per failure.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>The folder that contains queues/, maps/ and schemas/.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The host program that the variable ESTREAM_HOST_PROGRAM names; null to search next to this program.</summary>
    public string? HostProgram { get; init; }

    /// <summary>The user's home folder, which contains <c>.estream</c>. If it does not exist, it may be created; per-user files are never
    /// written elsewhere.</summary>
    public string Home { get; init; } =
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);

    /// <summary>Asks the user at the terminal for a secret without echo; null if the command is not interactive.</summary>
    public Func<string, string>? AskSecret { get; init; }

    /// <summary>Asks the user at the terminal for a confirmation; null if the command is not interactive.</summary>
    public Func<string, bool>? Confirm { get; init; }

    /// <summary>Whether standard output is a terminal, so a line may be redrawn.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>Whether standard output may be coloured.</summary>
    public bool HasColor { get; init; }

    /// <summary>Whether standard error is a terminal, so progress may be shown there.</summary>
    public bool IsErrorTerminal { get; init; }

    /// <summary>The time source of progress displays.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Requests the end of the command.</summary>
    public CancellationToken Cancellation { get; init; }

    public IClock Clock { get; init; } = SystemClock.Instance;

    /// <summary>The settings of the kernel.</summary>
    public MachineFiles Machine { get; init; } = new("/");

    /// <summary>Whether the command runs as root.</summary>
    public bool IsRoot { get; init; } = Environment.IsPrivilegedProcess;

    /// <summary>The current time, rounded down to a whole second, as in signed documents.</summary>
    public DateTimeOffset Now => DateTimeOffset.FromUnixTimeSeconds(Clock.UtcNanos / 1_000_000_000);
}
