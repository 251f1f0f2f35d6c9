using Estream.Testing;

namespace Estream.Cli.Tests.Scripts;

/// <summary>`./estream` builds silently and only if needed, then runs the program in its place.</summary>
public sealed class WrapperTests
{
    private const string MakesTheProgram =
        "sleep 0.2; mkdir -p $root/src/Estream.Cli/bin/Release/net10.0 && touch $root/src/Estream.Cli/bin/Release/net10.0/estream.dll; "
        + "echo chatter";

    [Fact]
    public void A_failed_build_shows_its_errors_and_runs_nothing()
    {
        using Checkout checkout = new(hasSources: false);
        checkout.BuildsBy("echo 'Program.cs(1,1): error CS1002: ; expected'; exit 1");
        ProcessResult result = Run(checkout, "tail");
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains("error CS1002", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_wrapper_builds_once_and_silently()
    {
        using Checkout checkout = new(hasSources: false);
        checkout.BuildsBy(MakesTheProgram);
        for (int run = 0; run < 3; run++)
        {
            ProcessResult result = Run(checkout, "tail", "a b", "");
            Assert.Matches("^ran [0-9]+ .*/estream\\.dll tail a b \n$", result.Output);
            Assert.Equal((0, ""), (result.ExitCode, result.Error));
        }

        Assert.Single(checkout.Builds);
    }

    [Fact]
    public void Two_concurrent_calls_build_once()
    {
        using Checkout checkout = new(hasSources: false);
        checkout.BuildsBy(MakesTheProgram);
        ChildProcess[] both = [checkout.Start("estream", ["tail"]), checkout.Start("estream", ["tail"])];
        foreach (ChildProcess one in both)
        {
            Assert.StartsWith("ran ", one.WaitForExit().EnsureSuccess().Output, StringComparison.Ordinal);
            one.Dispose();
        }

        Assert.Single(checkout.Builds);
    }

    [Theory]
    [InlineData("src/Estream.Cli/Program.cs", 2)]
    [InlineData("src/Estream.Cli/New.cs", 2)]
    [InlineData("schemas/new.esf.yaml", 2)]
    [InlineData("Directory.Packages.props", 2)]
    [InlineData("src/Estream.Cli/obj/made.cs", 1)]
    [InlineData("README.md", 1)]
    public void A_changed_source_triggers_a_build(string changed, int builds)
    {
        using Checkout checkout = new(hasSources: false);
        Directory.CreateDirectory(checkout.Combine("src", "Estream.Cli", "obj"));
        checkout.BuildsBy(MakesTheProgram);
        Run(checkout, "tail");
        string file = checkout.Combine(changed.Split('/'));
        File.WriteAllText(file, "");
        File.SetLastWriteTimeUtc(file, File.GetLastWriteTimeUtc(checkout.Combine("artifacts", "estream.built")).AddSeconds(2));
        Run(checkout, "tail");
        Assert.Equal(builds, checkout.Builds.Length);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("check")]
    public void Commands_that_run_the_host_build_the_host_too(string command)
    {
        using Checkout checkout = new(hasSources: false);
        checkout.BuildsBy(MakesTheProgram);
        ProcessResult result = Run(checkout, "host", command, "--config", "x.json");
        Assert.Contains($"host {command} --config x.json", result.Output, StringComparison.Ordinal);
        Assert.Equal([checkout.Combine("src", "Estream.Cli"), checkout.Combine("src", "Estream.Host")], checkout.Builds);
    }

    [Fact]
    public void The_data_folder_is_that_of_the_current_directory_outside_the_checkout()
    {
        using Checkout checkout = new(hasSources: true);
        using TempDirectory elsewhere = new();
        Directory.CreateDirectory(checkout.Combine("data"));
        Assert.Contains($"'{elsewhere.Combine("data", "queues")}' (none exist). Set ESTREAM_DATA",
            TailIn(checkout, elsewhere.Path).Error, StringComparison.Ordinal);
        Directory.CreateDirectory(elsewhere.Combine("data", "queues", "trades"));
        Assert.Contains("(existing: trades)", TailIn(checkout, elsewhere.Path).Error, StringComparison.Ordinal);
        Assert.Contains($"'{checkout.Combine("data", "queues")}'", TailIn(checkout, checkout.Combine("tools")).Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_wrapper_replaces_itself_with_the_program()
    {
        using Checkout checkout = new(hasSources: false);
        checkout.BuildsBy(MakesTheProgram);
        using ChildProcess wrapper = checkout.Start("estream", ["tail"]);
        Assert.StartsWith($"ran {wrapper.Id} ", wrapper.WaitForExit().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Exit_code_and_data_folder_work_through_a_symbolic_link()
    {
        using Checkout checkout = new(hasSources: true);
        string link = checkout.Combine("link-to-estream");
        File.CreateSymbolicLink(link, checkout.Combine("estream"));
        ProcessResult result = TailIn(checkout, checkout.Root, "link-to-estream");
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains($"'{checkout.Combine("data", "queues")}'", result.Error, StringComparison.Ordinal);
        using ChildProcess elsewhere = checkout.Start("estream", ["tail", "orders"], ("ESTREAM_DATA", "/nowhere"));
        Assert.Contains("'/nowhere/queues'", elsewhere.WaitForExit().Error, StringComparison.Ordinal);
    }

    private static ProcessResult TailIn(Checkout checkout, string folder, string script = "estream")
    {
        using ChildProcess process = ChildProcess.Start(checkout.Combine(script), ["tail", "orders"], folder,
            new Dictionary<string, string?>
            {
                ["PATH"] = $"{checkout.Combine("tools")}:{Environment.GetEnvironmentVariable("PATH")}", ["ESTREAM_DATA"] = null,
            });
        return process.WaitForExit();
    }

    private static ProcessResult Run(Checkout checkout, params string[] arguments)
    {
        using ChildProcess process = checkout.Start("estream", arguments);
        return process.WaitForExit();
    }
}
