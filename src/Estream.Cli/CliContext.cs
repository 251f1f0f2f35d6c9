using Estream.Core;

namespace Estream.Cli;

/// <summary>What a command has of the world around it; tests give their own.</summary>
internal sealed class CliContext
{
    /// <summary>Standard input, for the commands that read it.</summary>
    public Stream Input { get; init; } = Stream.Null;

    /// <summary>Standard output.</summary>
    public required Stream Output { get; init; }

    /// <summary>Standard error: one line per failure.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Where queues/, maps/ and schemas/ are.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The user's own folder, with <c>.estream</c> in it. It may have to be made: where it is missing nothing of a user's goes
    /// elsewhere.</summary>
    public string Home { get; init; } =
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);

    /// <summary>Asks the person at the terminal for something that is not to be seen; null where nobody sits there.</summary>
    public Func<string, string>? AskSecret { get; init; }

    /// <summary>Asks the person at the terminal whether something is to be done; null where nobody sits there.</summary>
    public Func<string, bool>? Confirm { get; init; }

    /// <summary>Whether a person watches, so that a line may be redrawn.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>The command shall come to its end.</summary>
    public CancellationToken Cancellation { get; init; }

    public IClock Clock { get; init; } = SystemClock.Instance;

    /// <summary>What the clock says, to the second below, as documents have it.</summary>
    public DateTimeOffset Now => DateTimeOffset.FromUnixTimeSeconds(Clock.UtcNanos / 1_000_000_000);
}
