using Estream.Testing;

namespace Estream.Cli.Tests;

/// <summary>Command lines that name a pipe, a folder or a missing file instead of a file.</summary>
public sealed class NamedFileTests : IDisposable
{
    private readonly SampleData _data = new();

    [Theory]
    [InlineData("schema", "check", "ODD.esf.yaml")]
    [InlineData("schema", "publish", "ODD.esf.yaml")]
    [InlineData("schema", "check", "--import", "ODD.esf.yaml", "--", "GOOD.esf.yaml")]
    [InlineData("pipeline", "check", "GOOD.pipeline.yaml", "--schema", "ODD.esf.yaml")]
    [InlineData("esf", "decode", "--schema", "ODD.esf.yaml")]
    [InlineData("sign", "ODD", "--key", "KEY", "--out", "SIG")]
    [InlineData("verify", "ODD", "--key", "KEY.pub", "--sig", "SIG")]
    [InlineData("verify", "KEY", "--key", "KEY.pub", "--sig", "ODD")]
    [InlineData("witness", "verify", "ODD", "--key", "KEY.pub")]
    public async Task A_pipe_in_place_of_a_file_does_not_block(params string[] words)
    {
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("key", "new", "--out", At("KEY"))).Code);
        File.WriteAllText(At("GOOD.esf.yaml"), "");
        ChildProcess.Run("mkfifo", ["--mode=600", At("ODD"), At("ODD.esf.yaml")]).EnsureSuccess();
        Task<CliResult> run = Task.Run(() => RunAsync(words));
        Eventually.True(() => run.IsCompleted, "the command returns");
        (await run).AssertFailed(ExitCode.Failed, At(words.First(word => word.StartsWith("ODD", StringComparison.Ordinal))),
            "is a pipe, a socket or a device");
    }

    [Theory]
    [InlineData("pipeline", "check", "ODD")]
    [InlineData("circuit", "check", "ODD")]
    public async Task A_pipe_is_reported_in_the_list_of_errors(params string[] words)
    {
        ChildProcess.Run("mkfifo", [At("ODD")]).EnsureSuccess();
        Task<CliResult> run = Task.Run(() => RunAsync(words));
        Eventually.True(() => run.IsCompleted, "the command returns");
        CliResult result = await run;
        Assert.Contains("is a pipe, a socket or a device", result.Output + result.Error, StringComparison.Ordinal);
        Assert.NotEqual(ExitCode.Ok, result.Code);
    }

    [Fact]
    public async Task A_missing_file_and_a_folder_in_its_place_are_reported_with_advice()
    {
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("key", "new", "--out", At("KEY"))).Code);
        Directory.CreateDirectory(At("folder"));
        (await RunAsync("sign", "MISSING", "--key", "KEY", "--out", "SIG")).AssertFailed(ExitCode.Failed,
            $"There is no file '{At("MISSING")}'", "Check the path");
        (await _data.RunAsync("sign", At("folder"), "--key", At("KEY"), "--out", At("SIG"))).AssertFailed(ExitCode.Failed,
            $"'{At("folder")}' is a folder", "Name a file");
        (await _data.RunAsync("marketplace", "verify", At("folder"))).AssertFailed(ExitCode.Failed, "is a folder", "Name a file");
    }

    [Fact]
    public async Task An_output_that_cannot_be_written_is_reported_with_advice()
    {
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("key", "new", "--out", At("KEY"))).Code);
        (await _data.RunAsync("sign", At("KEY.pub"), "--key", At("KEY"), "--out", At("missing/sig"))).AssertFailed(ExitCode.Failed,
            "missing/sig", "Check the path");
        (await _data.RunAsync("sign", At("KEY.pub"), "--key", At("KEY"), "--out", _data.Folder)).AssertFailed(ExitCode.Failed, _data.Folder,
            "whether it is a folder");
    }

    [Fact]
    public async Task A_file_of_any_length_is_signed_completely()
    {
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("key", "new", "--out", At("KEY"))).Code);
        foreach (int bytes in new[] { 0, 1, 65_535, 65_536, 65_537, 300_000 })
        {
            File.WriteAllBytes(At("file"), [.. Enumerable.Range(0, bytes).Select(index => (byte)index)]);
            Assert.Equal(ExitCode.Ok, (await _data.RunAsync("sign", At("file"), "--key", At("KEY"), "--out", At("SIG"))).Code);
            Assert.Equal(ExitCode.Ok, (await _data.RunAsync("verify", At("file"), "--key", At("KEY.pub"), "--sig", At("SIG"))).Code);
            File.AppendAllText(At("file"), "x");
            Assert.Equal(ExitCode.No, (await _data.RunAsync("verify", At("file"), "--key", At("KEY.pub"), "--sig", At("SIG"))).Code);
        }
    }

    public void Dispose() => _data.Dispose();

    private string At(string name) => Path.Combine(_data.Folder, name);

    // Replaces words that begin with an upper-case letter by paths in the data folder.
    private Task<CliResult> RunAsync(params string[] words) =>
        _data.RunAsync([.. words.Select(word => char.IsAsciiLetterUpper(word[0]) ? At(word) : word)]);
}
