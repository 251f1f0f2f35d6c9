namespace Estream.Cli.Tests;

/// <summary>What a command line left behind.</summary>
internal sealed record CliResult(int Code, string Output, string Error)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Exactly one line on standard error, beginning with the program's name and saying all of this; nothing on standard
    /// output.</summary>
    public void AssertFailed(int code, params string[] parts)
    {
        Assert.Equal(code, Code);
        Assert.Empty(Output);
        string line = Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("estream: ", line, StringComparison.Ordinal);
        Assert.All(parts, part => Assert.Contains(part, line, StringComparison.Ordinal));
    }
}
