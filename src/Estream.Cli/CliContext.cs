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

    /// <summary>Whether a person watches, so that a line may be redrawn.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>The command shall come to its end.</summary>
    public CancellationToken Cancellation { get; init; }

    public IClock Clock { get; init; } = SystemClock.Instance;
}
