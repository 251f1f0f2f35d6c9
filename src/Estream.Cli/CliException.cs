namespace Estream.Cli;

/// <summary>Thrown when a command fails. The message is printed as one line on standard error.</summary>
internal sealed class CliException(string message, int exitCode = ExitCode.Failed) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}

/// <summary>The exit codes of all commands.</summary>
internal static class ExitCode
{
    /// <summary>Success; for a command that checks something, the answer is yes.</summary>
    public const int Ok = 0;

    /// <summary>The command ran and the answer is no: damaged, not found, refused.</summary>
    public const int No = 1;

    /// <summary>The command could not run: an invalid argument, or an error of the environment.</summary>
    public const int Failed = 2;
}
