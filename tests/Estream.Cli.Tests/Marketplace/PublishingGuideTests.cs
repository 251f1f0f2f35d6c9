using System.Text.RegularExpressions;
using Estream.Testing;

namespace Estream.Cli.Tests.Marketplace;

/// <summary>Runs the commands of the guide, and of the first page for publishers, unchanged.</summary>
public sealed class PublishingGuideTests
{
    [Fact]
    public void The_commands_of_the_guide_have_the_documented_results()
    {
        ProcessResult result = RunCommandsOf("docs", "guides", "publishing-components.md");

        Assert.Contains("identical: root256 ", result.Output, StringComparison.Ordinal);
        Assert.Contains("@acme/doors 0.1.0 is published in components.example.org/main, entry 1 of its log", result.Output,
            StringComparison.Ordinal);
        Assert.Contains(
            "@acme/bells 0.1.0 is signed for components.example.org/main and not published: bells-signed contains package.escx and "
                + "entry.json",
            result.Output, StringComparison.Ordinal);
        Assert.Matches("@acme/bells 0.1.0 is published in components.example.org/main, entry [0-9]+ of its log\n", result.Output);
        Assert.Contains("doors.escx was rebuilt and is identical: root256 ", result.Output, StringComparison.Ordinal);
        Assert.Contains("@acme/doors 0.1.0: yank undone\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("@acme/gates 0.1.0 is pending in components.example.org/main and not published\n", result.Output,
            StringComparison.Ordinal);
        Assert.Matches("@acme/gates 0.1.0 is published in components.example.org/main, entry [0-9]+ of its log\nrelease [0-9a-f]{64}\n",
            result.Output);
    }

    [Fact]
    public void The_commands_of_the_first_page_publish_install_and_revoke_a_component()
    {
        ProcessResult result = RunCommandsOf("docs", "publish", "index.md");

        Assert.Contains("@acme/doors 0.1.0 is published in components.example.org/main, entry 1 of its log", result.Output,
            StringComparison.Ordinal);
        Assert.Contains("1 component is installed.\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("@acme/doors 0.1.0  verified, from components.example.org/main\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("@acme/doors 0.1.0  REFUSED: ", result.Output, StringComparison.Ordinal);
        Assert.EndsWith("refused\n", result.Output, StringComparison.Ordinal);
    }

    // The commands store the trusted state of a registry in the home folder of the user, so use a temporary home folder.
    private static ProcessResult RunCommandsOf(params string[] path)
    {
        string page = File.ReadAllText(RepositoryRoot.Combine(path));
        using TempDirectory place = new();
        string commands =
            string.Concat(Regex.Matches(page, "```sh\n(.*?)```", RegexOptions.Singleline).Select(match => match.Groups[1].Value));
        string script = "set -e; estream() { dotnet \"$0\" \"$@\"; }\n" + commands;
        return ChildProcess.Run("/bin/bash", ["-c", script, BuiltProgram.Cli], place.Path,
            environment: new Dictionary<string, string?> { ["HOME"] = place.Path }).EnsureSuccess();
    }
}
