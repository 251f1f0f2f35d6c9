namespace Estream.Cli;

/// <summary>A command that cannot be carried out; the message is the one line that is shown.</summary>
internal sealed class CliException(string message, int exitCode = ExitCode.Failed) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
