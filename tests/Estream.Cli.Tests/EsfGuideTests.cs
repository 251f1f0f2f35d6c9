using System.Text.RegularExpressions;
using Estream.Testing;

namespace Estream.Cli.Tests;

/// <summary>Runs the commands of the guide unchanged.</summary>
public sealed class EsfGuideTests
{
    [Fact]
    public void The_commands_of_the_guide_print_their_input()
    {
        string page = File.ReadAllText(RepositoryRoot.Combine("docs", "guides", "esf.md"));
        using TempDirectory place = new();
        File.WriteAllText(place.Combine("doors.esf.yaml"), Assert.Single(Blocks(page, "yaml")));
        string script = "set -e; estream() { dotnet \"$0\" \"$@\"; }\n" + string.Concat(Blocks(page, "sh"));

        ProcessResult result = ChildProcess.Run("/bin/bash", ["-c", script, BuiltProgram.Cli], place.Path).EnsureSuccess();

        Assert.Equal("{\"door\":\"north\",\"count\":18446744073709551615}\n{\"door\":\"north\"}\n{\"door\":\"south\"}\n", result.Output);
    }

    private static string[] Blocks(string page, string language)
    {
        return [.. Regex.Matches(page, $"```{language}\n(.*?)```", RegexOptions.Singleline).Select(match => match.Groups[1].Value)];
    }
}
