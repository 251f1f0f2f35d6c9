using Estream.Testing;

namespace Estream.E2e;

/// <summary>Runs the tests of the console (parsing, formatting, live state, frames) and of the SDK for widgets.</summary>
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

    [PeerFact("npm", "npm")]
    public void The_unit_tests_of_the_sdk_for_widgets_pass()
    {
        using TempDirectory folder = new();
        string source = RepositoryRoot.Combine("packages", "sdk-browser"), modules = RepositoryRoot.Combine("console", "node_modules");
        foreach (string file in new[] { "package.json", "tsconfig.json" })
        {
            File.Copy(Path.Combine(source, file), folder.Combine(file));
        }

        foreach (string part in new[] { "src", "test" })
        {
            Directory.CreateDirectory(folder.Combine(part));
            foreach (string file in Directory.EnumerateFiles(Path.Combine(source, part)))
            {
                File.Copy(file, folder.Combine(part, Path.GetFileName(file)));
            }
        }

        Directory.CreateSymbolicLink(folder.Combine("node_modules"), modules);
        ChildProcess.Run("node", [Path.Combine(modules, "typescript", "bin", "tsc"), "-p", folder.Path]).EnsureSuccess();

        ProcessResult result = ChildProcess.Run("node", ["--test", folder.Combine("dist", "test", "sdk.test.js")]);

        Assert.True(result.ExitCode == 0, $"{result.Output}\n{result.Error}");
    }
}
