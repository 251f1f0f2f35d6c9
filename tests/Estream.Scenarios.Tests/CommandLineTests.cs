using Estream.Scenarios.Harness;
using Estream.Testing;

namespace Estream.Scenarios.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public void Without_a_scenario_name_every_scenario_runs()
    {
        Assert.Equal(Catalog.All, CommandLine.Parse([]).Scenarios);
    }

    [Fact]
    public void A_name_given_twice_runs_once()
    {
        CommandLine line = CommandLine.Parse(["read", "append", "read", "--quick", "--json", "rows.json"]);

        Assert.Equal(["read", "append"], line.Scenarios.Select(s => s.Name));
        Assert.True(line.IsQuick);
        Assert.Equal("rows.json", line.JsonFile);
    }

    [Theory]
    [InlineData("apend", "there is no scenario 'apend'; scenarios: append, append-checksum")]
    [InlineData("--fast", "unknown option '--fast'")]
    [InlineData("--case", "--case needs a value")]
    [InlineData("--json", "--json needs a value")]
    [InlineData("--doc", "--doc needs a value")]
    [InlineData("--disk", "--disk needs a value")]
    [InlineData("--huge", "--huge needs a value")]
    public void A_usage_error_is_reported_with_exit_code_2(string argument, string message)
    {
        ProcessResult result = Harness.Run(argument);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.Contains("usage:", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [Fact]
    public void Only_the_named_cases_run()
    {
        CommandLine line = CommandLine.Parse(["map-get", "esf-decode", "--case", "1M", "--case", "IoTAlert"]);

        Assert.Equal(["1M", "IoTAlert"], line.Scenarios.SelectMany(line.CasesOf).Select(one => one.Name));
    }

    [Fact]
    public void An_unknown_case_is_reported()
    {
        UsageException mistake = Assert.Throws<UsageException>(() => CommandLine.Parse(["append", "read", "--case", "65B"]));

        Assert.Equal("these scenarios have no case '65B'; cases: 64B", mistake.Message);
    }

    [Theory]
    [InlineData("--json")]
    [InlineData("--doc")]
    public void An_unwritable_file_is_reported_before_anything_runs(string option)
    {
        ProcessResult result = Harness.Run("append", "--tiny", option, "/proc/rows.json");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.StartsWith("failed: ", result.Error, StringComparison.Ordinal);
        Assert.Contains("/proc/rows.json", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_list_names_every_scenario()
    {
        ProcessResult result = Harness.Run("--list").EnsureSuccess();

        Assert.All(Catalog.All, s => Assert.Contains(s.Name, result.Output, StringComparison.Ordinal));
    }
}
