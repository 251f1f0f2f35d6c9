using Estream.Cli.Tests.Marketplace;
using Estream.Testing;
using static Estream.Cli.Tests.Marketplace.MarketplaceData;

namespace Estream.Cli.Tests;

/// <summary>Completion in real shells, which call the real program.</summary>
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

        // Readline ends a word at '@' and uses only the text after it.
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

    // Fish itself prints the completions of a line with complete -C.
    private string[] CompleteInFish(string line) =>
        Run("fish", "--no-config", "-c",
            $"cd '{_data.Combine("workspace")}'; set -x PATH '{Folder()}' $PATH; estream completion fish | source; complete -C '{line}'");

    // Returns the candidates that the script passes to zsh with compadd. Zsh itself would keep only candidates that start like the word. As
    // in zsh, words contains the split words and CURRENT the index of the word at the cursor.
    private string[] CompleteInZsh(params string[] words) => Run("zsh", "-f", "-c", $$"""
        cd '{{_data.Combine("workspace")}}'
        PATH="{{Folder()}}:$PATH"
        compdef() { :; }
        compadd() { print -rl -- "${(@P)@[-1]}"; }
        source <(estream completion zsh)
        words=({{string.Join(' ', words.Select(word => $"'{word}'"))}}) CURRENT={{words.Length}}
        _estream
        """);

    // Calls the completion function like readline: with the line, the cursor position, and the words as split by bash.
    private string[] Complete(string line, params string[] words) => Run("/bin/bash", "--norc", "-c", $$"""
            cd '{{_data.Combine("workspace")}}'
            PATH="{{Folder()}}:$PATH"
            source <(estream completion bash)
            COMP_LINE='{{line}}' COMP_POINT={{line.Length}} COMP_WORDS=({{string.Join(' ', words.Select(word => $"'{word}'"))}}) COMP_CWORD={{words.Length - 1}}
            _estream
            printf '%s\n' "${COMPREPLY[@]}"
            """);

    // Returns a folder that contains the program under its installed name, estream.
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
