using Estream.Testing;

namespace Estream.Cli.Tests.Scripts;

/// <summary>`./test.sh` with test projects whose runs are a few lines of shell: how it reports their results.</summary>
public sealed class TestScriptTests : IDisposable
{
    private const string Runs = "echo ' Passed: 3'; echo 'Total tests: 3'";
    private const int Root = 0;
    private const int Somebody = 1000;

    private readonly TempDirectory _folder = new();

    public TestScriptTests()
    {
        File.Copy(RepositoryRoot.Combine("test.sh"), _folder.Combine("test.sh"));
        foreach (string tool in new[] { "node", "npm", "git", "apt-get" })
        {
            Tool(tool, "exit 0");
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("echo ' Passed: 5'", 0, "8 passed, 0 failed, 0 skipped")]
    [InlineData("echo ' Passed: 5'; echo ' Skipped: 2'", 0, "8 passed, 0 failed, 2 skipped")]
    [InlineData("echo ' Failed: 2'; echo ' Passed: 1'; exit 1", 1, "4 passed, 2 failed, 0 skipped")]
    [InlineData("echo ' Passed: 5'; echo 'Test Run Aborted.'; exit 1", 1, "8 passed, 1 failed, 0 skipped")]
    [InlineData("echo ' Passed: 5'; exit 134", 1, "8 passed, 1 failed, 0 skipped")]
    [InlineData("echo 'No test is available'", 1, "3 passed, 1 failed, 0 skipped")]
    public void The_last_line_has_the_test_counts_and_the_exit_code_tells_whether_all_tests_passed(string secondRun, int code, string line)
    {
        ProcessResult result = Run(Somebody, build: "exit 0", secondRun);

        Assert.Equal(line, result.Output.TrimEnd('\n').Split('\n')[^1]);
        Assert.Equal(code, result.ExitCode);
    }

    [Theory]
    [InlineData("A.X [1 ms]", "", 0, "5 passed, 0 failed, 0 skipped", "A.X")]
    [InlineData("A.X [1 ms]", "A.X [2 ms]", 1, "4 passed, 1 failed, 0 skipped", null)]
    [InlineData("A.X(n: 1) [1 ms]", "A.X(n: 2) [1 ms]", 1, "3 passed, 2 failed, 0 skipped", null)]
    [InlineData("A.Y [1 ms]", "", 1, "4 passed, 1 failed, 0 skipped", null)]
    public void A_failed_test_fails_the_run_unless_it_passes_in_the_second_run(
        string first, string again, int code, string line, string? unstable)
    {
        static string Result(string test) => test.Length == 0
            ? "echo '  Passed A.X [1 ms]'; echo ' Passed: 2'"
            : $"echo '  Failed {test}'; echo ' Failed: 1'; echo ' Passed: 1'; exit 1";

        ProcessResult result = RunTwice(Result(first), Result(again));

        string[] lines = result.Output.TrimEnd('\n').Split('\n');
        Assert.Equal((line, code), (lines[^1], result.ExitCode));
        Assert.Equal(unstable is not null, lines.Any(l => l.StartsWith("unstable:", StringComparison.Ordinal)));
        Assert.Equal(unstable is not null, lines.Contains($"  {unstable} (artifacts/test/B.Tests.log, artifacts/test/B.Tests.again.log)"));
        Assert.True(File.Exists(_folder.Combine("artifacts", "test", "B.Tests.log")));
        Assert.True(File.Exists(_folder.Combine("artifacts", "test", "B.Tests.again.log")));
    }

    [Theory]
    [InlineData("exit 134", "echo ' Passed: 2'", 0, "5 passed, 0 failed, 0 skipped")]
    [InlineData("exit 134", "echo '  Failed A.X [1 ms]'; echo ' Failed: 1'; exit 1", 1, "3 passed, 1 failed, 0 skipped")]
    [InlineData("echo '  Failed A.X [1 ms]'; echo ' Failed: 1'; exit 1", "exit 134", 1, "3 passed, 1 failed, 0 skipped")]
    public void A_run_that_does_not_end_properly_fails_only_if_it_is_the_second(string first, string again, int code, string line)
    {
        ProcessResult result = RunTwice(first, again);

        Assert.Equal((line, code), (result.Output.TrimEnd('\n').Split('\n')[^1], result.ExitCode));
    }

    [Fact]
    public void A_project_without_failures_runs_once()
    {
        Run(Somebody, build: "exit 0", $"echo x >>\"{_folder.Combine("runs")}\"; echo ' Passed: 5'");

        Assert.Equal("x\n", File.ReadAllText(_folder.Combine("runs")));
    }

    [Fact]
    public void Skipped_tests_fail_the_run_where_every_tool_can_be_installed()
    {
        ProcessResult result = Run(Root, build: "exit 0", "echo ' Passed: 5'; echo ' Skipped: 2'");

        Assert.Equal("8 passed, 0 failed, 2 skipped", result.Output.TrimEnd('\n').Split('\n')[^1]);
        Assert.Equal(File.Exists("/etc/debian_version") ? 1 : 0, result.ExitCode);
    }

    [Fact]
    public void A_long_run_sets_its_variable_and_raises_time_limits()
    {
        string whenLong =
            "if [ \"$ESTREAM_TEST_LONG\" = 1 ] && [[ \"$*\" == *'timeout 12h'* ]]; then echo ' Passed: 5'; else echo ' Passed: 1'; fi";

        ProcessResult everyday = Run(Somebody, build: "exit 0", whenLong);
        ProcessResult full = Run(Somebody, build: "exit 0", whenLong, "--long");

        Assert.Equal("4 passed, 0 failed, 0 skipped", everyday.Output.TrimEnd('\n').Split('\n')[^1]);
        Assert.Equal("8 passed, 0 failed, 0 skipped", full.Output.TrimEnd('\n').Split('\n')[^1]);
        Assert.Equal("", full.Error);
    }

    [Theory]
    [InlineData("Estream.Fuzz", "--long", "", 0, "8 passed, 0 failed, 0 skipped")]
    [InlineData("Estream.Fuzz", "--long", "exit 134", 1, "8 passed, 1 failed, 0 skipped")]
    [InlineData("Estream.Simulation", "Estream", "", 0, "8 passed, 0 failed, 0 skipped")]
    [InlineData("Estream.Simulation", "Estream", "exit 134", 1, "8 passed, 1 failed, 0 skipped")]
    public void Host_tests_run_in_parallel_with_tests_that_never_wait(string busy, string argument, string end, int code, string line)
    {
        string meeting = $"touch \"{_folder.Combine("here")}-$(basename \"$2\")\"; for i in $(seq 600); do " +
            $"[ \"$(ls \"{_folder.Path}\" | grep -c ^here-)\" = 2 ] && break; sleep 0.1; done; [ \"$i\" = 600 ] || echo ' Passed: 4'";

        ProcessResult result = Run(Somebody, build: "exit 0", $"{meeting}; {end}", [busy, "Estream.Host.Tests"], meeting, argument);

        Assert.Equal(line, result.Output.TrimEnd('\n').Split('\n')[^1]);
        Assert.Equal(code, result.ExitCode);
        Assert.Equal("", result.Error);
    }

    [Fact]
    public void A_failed_build_fails_the_run_and_is_shown()
    {
        ProcessResult result = Run(Somebody, build: "echo 'A.cs(1,1): error CS1002: ; expected'; exit 1", Runs);

        Assert.Equal((1, "0 passed, 1 failed, 0 skipped"), (result.ExitCode, result.Output.TrimEnd('\n').Split('\n')[^1]));
        Assert.Contains("error CS1002", result.Error, StringComparison.Ordinal);
    }

    /// <summary>Two projects, of which the second has another result when it runs again.</summary>
    private ProcessResult RunTwice(string first, string again)
    {
        string ran = _folder.Combine("ran");
        return Run(Somebody, build: "exit 0", $"if [ -e \"{ran}\" ]; then {again}; else touch \"{ran}\"; {first}; fi");
    }

    /// <summary>Two projects, of which the first always passes.</summary>
    private ProcessResult Run(int user, string build, string secondRun, params string[] arguments)
    {
        return Run(user, build, secondRun, ["A.Tests", "B.Tests"], Runs, arguments);
    }

    private ProcessResult Run(int user, string build, string secondRun, string[] projects, string firstRun, params string[] arguments)
    {
        foreach (string project in projects)
        {
            Directory.CreateDirectory(_folder.Combine("tests", project));
            File.WriteAllText(_folder.Combine("tests", project, $"{project}.csproj"), "<Project />");
        }

        Tool("id", $"echo {user}");
        Tool(
            "dotnet",
            $"[ \"$1\" != build-server ] || exit 0\nif [ \"$1\" = build ]; then {build}; fi\n" +
            $"case \"$2\" in *{projects[0]}.dll) {firstRun} ;; *) {secondRun} ;; esac");
        Dictionary<string, string?> environment = new()
        {
            ["PATH"] = $"{_folder.Combine("tools")}:{Environment.GetEnvironmentVariable("PATH")}",
        };
        return ChildProcess.Run(_folder.Combine("test.sh"), arguments, environment: environment);
    }

    private void Tool(string name, string shell)
    {
        string path = _folder.Combine("tools", name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, $"#!/bin/bash\n{shell}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
