namespace Estream.Cli;

/// <summary>A command that cannot be carried out; the message is the one line that is shown.</summary>
internal sealed class CliException(string message, int exitCode = ExitCode.Failed) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}

/// <summary>What the exit code of a command means.</summary>
internal static class ExitCode
{
    /// <summary>Done, and the answer is yes where there was a question.</summary>
    public const int Ok = 0;

    /// <summary>Done, and the answer is no: damaged, not found, refused.</summary>
    public const int No = 1;

    /// <summary>Not done: a wrong argument, or the environment did not allow it.</summary>
    public const int Failed = 2;
}
