namespace Estream.Cli.Tests;

/// <summary>Goal: a token is created with exactly the rights that its options name.</summary>
public sealed class TokenCommandTests : IDisposable
{
    private readonly SampleData _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task List_shows_role_and_scopes_of_a_new_token()
    {
        string[] scopes = ["--queue", "telemetry*:append", "--queue", "log:read,append", "--map", "settings:write", "--fhir", "none"];

        CliResult made = await NewAsync(["--role", "operator", "--name", "forwarder", .. scopes]);
        CliResult all = await NewAsync(["--role", "metrics"]);
        CliResult list = await RunAsync("list");
        CliResult json = await RunAsync("list", "--json");

        Assert.Equal((ExitCode.Ok, ExitCode.Ok), (made.Code, all.Code));
        Assert.EndsWith("  queue=telemetry*:append queue=log:read,append map=settings:write fhir=none", list.Lines[0],
            StringComparison.Ordinal);
        Assert.EndsWith("metrics    never expires", list.Lines[1], StringComparison.Ordinal);
        Assert.Contains("\"scopes\":\"queue=telemetry*:append ", json.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--role viewer --queue a:append", "need --role operator")]
    [InlineData("--role viewer --map a:write", "need --role operator")]
    [InlineData("--role metrics --queue a:read", "reaches no queues and maps")]
    [InlineData("--role operator --queue a", "Write NAME:RIGHTS")]
    [InlineData("--role operator --map a:append", "Rights are read and write")]
    [InlineData("--role operator --fhir read", "FHIR servers have their own tokens")]
    public async Task Rights_that_a_token_cannot_have_are_refused(string options, string expected)
    {
        CliResult refused = await NewAsync(options.Split(' '));

        Assert.NotEqual(ExitCode.Ok, refused.Code);
        Assert.Contains(expected, refused.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_data.Folder, "tokens")));
    }

    private Task<CliResult> NewAsync(string[] options) => RunAsync(["new", .. options]);

    private Task<CliResult> RunAsync(params string[] arguments) => _data.RunAsync(["token", .. arguments]);
}
