namespace Estream.Cli.Tests;

/// <summary>The result of a command line.</summary>
internal sealed record CliResult(int Code, string Output, string Error)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Checks that standard error has exactly one line, which starts with the program name and contains all parts, and that
    /// standard output is empty.</summary>
    public void AssertFailed(int code, params string[] parts)
    {
        Assert.Equal(code, Code);
        Assert.Empty(Output);
        string line = Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("estream: ", line, StringComparison.Ordinal);
        Assert.All(parts, part => Assert.Contains(part, line, StringComparison.Ordinal));
    }
}
