namespace Estream.Testing;

/// <summary>What a process left behind when it had ended.</summary>
/// <param name="ExitCode">0 by convention for success; 128 + n for signal n.</param>
/// <param name="Output">Standard output, lines joined by a line feed.</param>
/// <param name="Error">Standard error, lines joined by a line feed.</param>
public sealed record ProcessResult(int ExitCode, string Output, string Error)
{
    /// <summary>Returns itself after a zero exit.</summary>
    /// <exception cref="InvalidOperationException">The exit code is not zero; the message carries both outputs.</exception>
    public ProcessResult EnsureSuccess()
    {
        return ExitCode == 0
            ? this
            : throw new InvalidOperationException($"Exit code {ExitCode}.\n--- output\n{Output}\n--- error\n{Error}");
    }
}
