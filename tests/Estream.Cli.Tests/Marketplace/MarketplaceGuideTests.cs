using System.Text.RegularExpressions;
using Estream.Core;
using Estream.Testing;
using static Estream.Cli.Tests.Marketplace.MarketplaceData;

namespace Estream.Cli.Tests.Marketplace;

/// <summary>Runs the commands of docs/guides/marketplace.md unchanged.</summary>
public sealed class MarketplaceGuideTests
{
    [Fact]
    public async Task The_commands_of_the_guide_have_the_documented_results()
    {
        string page = await File.ReadAllTextAsync(RepositoryRoot.Combine("docs", "guides", "marketplace.md"));
        using MarketplaceData data = new(SystemClock.Instance);
        await data.PublishAsync(Card("1.0.0", "network"), Iot());
        Directory.Move(data.Combine("registry"), data.Combine("components"));
        Directory.CreateDirectory(data.Combine("guide"));
        File.Copy(data.Combine("workspace", "root.json"), data.Combine("guide", "components.root.json"));
        File.Copy(data.Combine("components", "packages", "@acme", "card", "1.0.0.escx"), data.Combine("card.escx"));
        File.Copy(data.Combine("components", "bundles", "@acme", "card", "1.0.0.escb"), data.Combine("card.escb"));
        await File.WriteAllTextAsync(data.Combine("token.txt"), "a-token\n");
        string[] blocks = [.. Regex.Matches(page, "```sh\n(.*?)```", RegexOptions.Singleline).Select(match => match.Groups[1].Value)];
        Assert.Equal(9, blocks.Length);

        ProcessResult result = ChildProcess.Run(
            "/bin/bash", ["-c", "set -e; estream() { dotnet \"$0\" \"$@\"; }\n" + string.Concat(blocks), BuiltProgram.Cli],
            data.Combine("guide"), new Dictionary<string, string?> { ["HOME"] = data.Combine("home") }).EnsureSuccess();

        Assert.All(
            new[]
            {
                "@acme/card 1.0.0  wire-adapter, from components.example/main\n",
                "    needs approval: @acme/card 1.0.0 asks for the permission network\n", "not yet\n",
                "2 components are installed.\n", "  esf-iot 1.2.0  components.example/main, for IoTReading\n",
                "2 components are installed; nothing changed.\n", "- @acme/card 1.0.0\n",
                "@acme/card 1.0.0  verified, from components.example/main\n", "@acme/card 1.0.0 is verified as published by its owners",
                "2 releases of 2 components were copied",
                "https://components.example.org  until ", "https://components.example.org: token deleted\n",
            },
            text => Assert.Contains(text, result.Output, StringComparison.Ordinal));
        Assert.True(File.Exists(data.Combine("mirror", "index.json")));
    }
}
