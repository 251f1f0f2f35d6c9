using Estream.Cli.Tests.Marketplace;
using Estream.Testing;
using static Estream.Cli.Tests.Marketplace.MarketplaceData;

namespace Estream.Cli.Tests;

/// <summary>What a shell completes: in real shells, with the program itself asked.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly MarketplaceData _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Completion_has_a_script_for_each_known_shell_and_rejects_others()
    {
        using SampleData data = new();
        (await data.RunAsync("completion", "tcsh")).AssertFailed(ExitCode.Failed, "tcsh");
        foreach (string shell in new[] { "bash", "zsh", "fish" })
        {
            Assert.Contains("[suggest:", (await data.RunAsync("completion", shell)).Output, StringComparison.Ordinal);
        }
    }

    [PeerFact("/bin/bash", "bash")]
    public async Task Bash_completes_verbs_options_and_installed_components()
    {
        await InstallAsync();
        Assert.Equal(["marketplace"], Complete("estream market", "estream", "market"));
        Assert.Equal(["mirror"], Complete("estream marketplace mi", "estream", "marketplace", "mi"));
        Assert.Equal(["--workspace"], Complete("estream marketplace install --work", "estream", "marketplace", "install", "--work"));
        Assert.Contains("esf-iot", Complete("estream marketplace remove ", "estream", "marketplace", "remove", ""));

        // Readline ends a word at '@' and takes only what comes behind it.
        Assert.Equal(["acme/card"], Complete("estream marketplace update @ac", "estream", "marketplace", "update", "@", "ac"));
        Assert.Equal(["acme/card"], Complete("estream marketplace update @", "estream", "marketplace", "update", "@"));
        Assert.Empty(Complete("estream marketplace update x", "estream", "marketplace", "update", "x"));
    }

    [PeerFact("fish", "fish")]
    public async Task Fish_completes_verbs_options_and_installed_components()
    {
        await InstallAsync();
        Assert.Equal(["marketplace"], CompleteInFish("estream market"));
        Assert.Equal(["--workspace"], CompleteInFish("estream marketplace install --work"));
        Assert.Equal(["@acme/card"], CompleteInFish("estream marketplace update @ac"));
        Assert.Empty(CompleteInFish("estream marketplace update zzz"));
    }

    [PeerFact("zsh", "zsh")]
    public async Task Zsh_completes_verbs_options_and_installed_components()
    {
        await InstallAsync();
        Assert.Contains("marketplace", CompleteInZsh("estream", "market"));
        Assert.Contains("--workspace", CompleteInZsh("estream", "marketplace", "install", "--work"));
        Assert.Contains("@acme/card", CompleteInZsh("estream", "marketplace", "update", "@ac"));
        Assert.DoesNotContain("@acme/card", CompleteInZsh("estream", "marketplace", "update", "zzz"));
    }

    private async Task InstallAsync()
    {
        await _data.PublishAsync(Card(), Iot());
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("install", "@acme/card", "--yes")).Code);
    }

    // Fish says itself what it would complete.
    private string[] CompleteInFish(string line) =>
        Run("fish", "--no-config", "-c",
            $"cd '{_data.Combine("workspace")}'; set -x PATH '{Folder()}' $PATH; estream completion fish | source; complete -C '{line}'");

    // What is handed to the editor of zsh, which takes those of them that begin as the word does: the words as zsh has divided them, and
    // which of them the cursor is at.
    private string[] CompleteInZsh(params string[] words) => Run("zsh", "-f", "-c", $$"""
        cd '{{_data.Combine("workspace")}}'
        PATH="{{Folder()}}:$PATH"
        compdef() { :; }
        compadd() { print -rl -- "${(@P)@[-1]}"; }
        source <(estream completion zsh)
        words=({{string.Join(' ', words.Select(word => $"'{word}'"))}}) CURRENT={{words.Length}}
        _estream
        """);

    // As readline calls it: the line, where the cursor is, and the words as bash has divided them.
    private string[] Complete(string line, params string[] words) => Run("/bin/bash", "--norc", "-c", $$"""
            cd '{{_data.Combine("workspace")}}'
            PATH="{{Folder()}}:$PATH"
            source <(estream completion bash)
            COMP_LINE='{{line}}' COMP_POINT={{line.Length}} COMP_WORDS=({{string.Join(' ', words.Select(word => $"'{word}'"))}}) COMP_CWORD={{words.Length - 1}}
            _estream
            printf '%s\n' "${COMPREPLY[@]}"
            """);

    // A folder with the program under the name that shells know it by.
    private string Folder()
    {
        string program = _data.Combine("bin", "estream");
        Directory.CreateDirectory(Path.GetDirectoryName(program)!);
        File.WriteAllText(program, $"#!/bin/sh\nexec dotnet '{BuiltProgram.Cli}' \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return Path.GetDirectoryName(program)!;
    }

    private static string[] Run(string shell, params string[] words) =>
        ChildProcess.Run(shell, words).EnsureSuccess().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
