namespace Estream.Testing.Tests;

public sealed class ChildProcessTests
{
    [Fact]
    public void A_finished_process_returns_its_exit_code_and_both_outputs()
    {
        ProcessResult result = ChildProcess.Run("/bin/sh", ["-c", "echo out; echo err >&2; exit 3"]);
        Assert.Equal(new ProcessResult(3, "out\n", "err\n"), result);
    }

    [Fact]
    public void Arguments_reach_the_program_unchanged()
    {
        ProcessResult result = ChildProcess.Run("/bin/sh", ["-c", "printf '%s|' \"$@\"", "sh", "a b", "", "\"$HOME\""]);
        Assert.Equal("a b||\"$HOME\"|\n", result.Output);
    }

    [Fact]
    public void Environment_variables_are_set_and_removed()
    {
        Dictionary<string, string?> environment = new() { ["SET_BY_TEST"] = "x", ["HOME"] = null };
        ProcessResult result = ChildProcess.Run("/bin/sh", ["-c", "echo $SET_BY_TEST-${HOME-gone}"], environment: environment);
        Assert.Equal("x-gone\n", result.Output);
    }

    [Fact]
    public void A_process_that_exceeds_its_limit_throws_with_its_output()
    {
        using ChildProcess child = ChildProcess.Start("/bin/sh", ["-c", "echo still here; exec sleep 600"]);
        child.WaitForText("still here");
        TimeoutException error = Assert.Throws<TimeoutException>(() => child.WaitForExit(TimeSpan.FromMilliseconds(50)));
        Assert.Contains("still here", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Waiting_for_a_text_ends_when_the_process_ends()
    {
        using ChildProcess child = ChildProcess.Start("/bin/sh", ["-c", "echo something else"]);
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => child.WaitForText("ready"));
        Assert.Contains("something else", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Waiting_for_a_pattern_ends_at_a_match_or_when_the_process_ends()
    {
        using ChildProcess child = ChildProcess.Start("/bin/sh", ["-c", "printf 'port '; sleep 0.1; echo 4711"]);
        Assert.Equal("4711", child.WaitForMatch("^port ([0-9]+)\n").Groups[1].Value);
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => child.WaitForMatch("^host"));
        Assert.Contains("port 4711", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Disposing_kills_the_children_too()
    {
        using TempDirectory folder = new();
        string pidFile = folder.Combine("pid");
        using (ChildProcess child =
            ChildProcess.Start("/bin/sh", ["-c", $"sleep 600 & echo $! > {pidFile}.new; mv {pidFile}.new {pidFile}; wait"]))
        {
            Eventually.True(() => File.Exists(pidFile), "the grandchild has written its id");
        }

        string grandchild = File.ReadAllText(pidFile).Trim();
        Eventually.True(() => !IsAlive(grandchild), "the grandchild is gone");
    }

    [Fact]
    public void A_signal_reaches_the_process()
    {
        using ChildProcess child =
            ChildProcess.Start("/bin/sh", ["-c", "trap 'echo caught; exit 7' TERM; echo ready; while :; do sleep 0.02; done"]);
        child.WaitForText("ready");
        child.Signal("TERM");
        Assert.Equal(new ProcessResult(7, "ready\ncaught\n", ""), child.WaitForExit());
    }

    [Fact]
    public void Kill_returns_when_the_process_is_gone()
    {
        using ChildProcess child = ChildProcess.Start("/bin/sh", ["-c", "trap '' TERM; exec sleep 600"]);
        child.Kill();
        Assert.Equal(137, child.WaitForExit().ExitCode);
    }

    private static bool IsAlive(string pid)
    {
        try
        {
            return !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // The process is gone, perhaps since the file was opened.
            return false;
        }
    }
}
