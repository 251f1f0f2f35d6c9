using Estream.Cli.Tests.Marketplace;
using Estream.Testing;
using static Estream.Cli.Tests.Marketplace.MarketplaceData;

namespace Estream.Cli.Tests;

/// <summary>What a shell completes: in a real bash, with the program itself asked.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly MarketplaceData _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task A_shell_that_is_not_known_is_refused_and_each_that_is_has_a_script()
    {
        using SampleData data = new();
        (await data.RunAsync("completion", "tcsh")).AssertFailed(ExitCode.Failed, "tcsh");
        foreach (string shell in new[] { "bash", "zsh", "fish" })
        {
            Assert.Contains("[suggest:", (await data.RunAsync("completion", shell)).Output, StringComparison.Ordinal);
        }
    }

    [PeerFact("/bin/bash", "bash")]
    public async Task Bash_completes_verbs_options_and_the_names_of_installed_components()
    {
        await _data.PublishAsync(Card(), Iot());
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("install", "@acme/card", "--yes")).Code);
        Assert.Equal(["marketplace"], Complete("estream market", "estream", "market"));
        Assert.Equal(["mirror"], Complete("estream marketplace mi", "estream", "marketplace", "mi"));
        Assert.Equal(["--workspace"], Complete("estream marketplace install --work", "estream", "marketplace", "install", "--work"));
        Assert.Contains("esf-iot", Complete("estream marketplace remove ", "estream", "marketplace", "remove", ""));

        // Readline ends a word at '@' and takes only what comes behind it.
        Assert.Equal(["acme/card"], Complete("estream marketplace update @ac", "estream", "marketplace", "update", "@", "ac"));
        Assert.Equal(["acme/card"], Complete("estream marketplace update @", "estream", "marketplace", "update", "@"));
        Assert.Empty(Complete("estream marketplace update x", "estream", "marketplace", "update", "x"));
    }

    // As readline calls it: the line, where the cursor is, and the words as bash has divided them.
    private string[] Complete(string line, params string[] words)
    {
        string program = _data.Combine("estream");
        File.WriteAllText(program, $"#!/bin/sh\nexec dotnet '{BuiltProgram.Cli}' \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string script = $$"""
            cd '{{_data.Combine("workspace")}}'
            PATH="{{Path.GetDirectoryName(program)}}:$PATH"
            source <(estream completion bash)
            COMP_LINE='{{line}}' COMP_POINT={{line.Length}} COMP_WORDS=({{string.Join(' ', words.Select(word => $"'{word}'"))}}) COMP_CWORD={{words.Length - 1}}
            _estream
            printf '%s\n' "${COMPREPLY[@]}"
            """;
        string[] lines = ChildProcess.Run("/bin/bash", ["--norc", "-c", script]).EnsureSuccess().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines;
    }
}
