using System.Globalization;
using System.Text.RegularExpressions;
using Estream.Testing;

namespace Estream.Marketplace.Server.Tests.Process;

/// <summary>Runs the commands of the guide as they are written, except that the server has a free port; and the commands of reviewers.
/// </summary>
public sealed class GuideTests
{
    private const string Begin = """
        set -e
        estream() { if [ "$1 $2" = "host run" ]; then exec dotnet "$0" "$@" > host.log 2>&1; fi; dotnet "$0" "$@"; }
        trap 'kill %1 2>/dev/null || true; wait' EXIT

        """;

    private const string Setup = """
        estream marketplace registry create registry --name components.example.org/main
        for key in owner reviewer; do estream key new --out $key.key; done
        estream marketplace key claim @acme --key owner.key --registry registry
        estream marketplace registry policy --category theme --approvals 1 --reviewer reviewer.key.pub --registry registry
        estream marketplace scaffold @acme/brass --category theme --out brass
        estream marketplace pack brass --out brass.escx
        umask 077
        estream token new --role viewer --name acme --grant registrar:@acme --expires 30d > acme.token
        estream token new --role viewer --name anna --grant governance --expires 30d > anna.token
        estream token new --role viewer --name other --grant registrar:@other --expires 30d > other.token
        echo '{"Estream":{"Marketplace":{"Registry":"registry"}}}' > estream.json
        estream host run --config estream.json & curl --silent --retry 60 --retry-delay 1 --retry-connrefused -o /dev/null $to/health

        """;

    [Fact]
    public void The_commands_of_the_guide_end_with_an_installed_component()
    {
        string page = File.ReadAllText(RepositoryRoot.Combine("docs", "guides", "marketplace-server.md"));
        string[] blocks = [.. Regex.Matches(page, "```sh\n(.*?)```", RegexOptions.Singleline).Select(match => match.Groups[1].Value)];
        Assert.Equal(10, blocks[0].TrimEnd().Split('\n').Length);

        string output = Run(port => string.Concat(blocks).Replace("5080", port, StringComparison.Ordinal));

        Assert.Contains("@acme/brass 0.1.0 is published in http://127.0.0.1:", output, StringComparison.Ordinal);
        Assert.Contains("""{"items":[{"slug":"acme--brass","name":"@acme/brass","category":"themes",""", output, StringComparison.Ordinal);
        Assert.Contains("1 component is installed.\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reviewer_approves_with_a_key_and_a_token_of_its_own()
    {
        string output = Run(port => $"to=http://127.0.0.1:{port}\n{Setup}" + """
            estream marketplace publish brass.escx --key owner.key --to $to --token-file other.token 2>&1 || echo "exit $?"
            estream marketplace publish brass.escx --key owner.key --to $to --token-file acme.token || echo "exit $?"
            estream marketplace pending --to $to --token-file acme.token 2>&1 || echo "exit $?"
            estream marketplace pending --to $to --token-file anna.token || echo "exit $?"
            estream marketplace approve @acme/brass@0.1.0 --key owner.key --to $to --token-file anna.token 2>&1 || echo "exit $?"
            estream marketplace approve @acme/brass@0.1.0 --key reviewer.key --note "Read" --to $to --token-file anna.token
            estream marketplace publish brass.escx --key owner.key --to $to --token-file acme.token
            estream marketplace server reindex --to $to --token-file anna.token
            estream marketplace publish brass.escx --key owner.key --to http://127.0.0.1:1 --token-file acme.token 2>&1 || echo "exit $?"
            """);

        Assert.Matches("403 grant_missing: .*registrar:@acme.*\nexit 1\n", output);
        Assert.Matches("@acme/brass 0.1.0 is pending and not published in http[^\n]*\nrelease [0-9a-f]{64}\n  [^\n]+\nexit 1\n", output);
        Assert.Matches("403 grant_missing: .*governance.*\nexit 1\n", output);
        Assert.Matches("@acme/brass@0.1.0  theme  [0-9a-f]{64}\nexit 1\n", output);
        Assert.Matches("403 not_permitted: [^\n]*owners[^\n]*\nexit 1\n", output);
        Assert.Contains("@acme/brass 0.1.0 is published in http://", output, StringComparison.Ordinal);
        Assert.Contains("@acme/brass 0.1.0 already exists unchanged in http://", output, StringComparison.Ordinal);
        Assert.Contains("has 1 item.\n", output, StringComparison.Ordinal);
        Assert.Matches("http://127.0.0.1:1/[^\n]*\nexit 2\n", output);
    }

    private static string Run(Func<string, string> commands)
    {
        using TempDirectory place = new();
        string port = FreePort.Next().ToString(CultureInfo.InvariantCulture);
        return ChildProcess.Run("/bin/bash", ["-c", Begin + commands(port), BuiltProgram.Cli], place.Path,
            environment: new Dictionary<string, string?>
            {
                ["HOME"] = place.Path, ["ESTREAM_HTTP_PORT"] = port, ["ESTREAM_HOST_PROGRAM"] = BuiltProgram.Host,
            }).EnsureSuccess().Output;
    }
}
