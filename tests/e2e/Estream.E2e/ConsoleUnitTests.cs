using Estream.Testing;

namespace Estream.E2e;

/// <summary>Runs the console's own tests (parsing, formatting, live state) as one test of this solution.</summary>
public sealed class ConsoleUnitTests
{
    [PeerFact("npm", "npm")]
    public void The_unit_tests_of_the_console_pass()
    {
        ProcessResult result = ChildProcess.Run(
            Peer.Require("npm", "npm"), ["test", "--silent"], RepositoryRoot.Combine("console"),
            new Dictionary<string, string?> { ["NO_COLOR"] = "1" });

        Assert.True(result.ExitCode == 0, $"{result.Output}\n{result.Error}");
        Assert.Matches(@"Tests +\d+ passed", result.Output);
    }
}
