using System.Text;
using Estream.Cli.Output;
using Estream.Testing;

namespace Estream.Cli.Tests;

/// <summary>Formats, colours and progress.</summary>
public sealed class OutputTests
{
    [Theory]
    [InlineData("tail telemetry")]
    [InlineData("queue list")]
    [InlineData("map list")]
    [InlineData("audit")]
    public async Task The_format_json_is_the_option_json(string command)
    {
        using SampleData data = new();
        data.AppendReadings(2);
        Directory.CreateDirectory(Path.Combine(data.Folder, "maps", "latest"));
        await data.RunAsync("queue", "create", "orders", "--partitions", "2", "--segment-mib", "1");
        string[] words = command.Split(' ');
        CliResult json = await data.RunAsync([.. words, "--json"]);
        Assert.Equal(ExitCode.Ok, json.Code);
        Assert.All(json.Lines, line => Assert.StartsWith("{", line, StringComparison.Ordinal));
        Assert.Equal(json.Output, (await data.RunAsync([.. words, "--format", "json"])).Output);
        CliResult text = await data.RunAsync([.. words, "--format", "text"]);
        Assert.Equal(text.Output, (await data.RunAsync(words)).Output);
        Assert.DoesNotContain("{\"name\"", text.Output, StringComparison.Ordinal);
        (await data.RunAsync([.. words, "--format", "text", "--json"])).AssertFailed(ExitCode.Failed, "cannot be used together");
        (await data.RunAsync([.. words, "--format", "xml"])).AssertFailed(ExitCode.Failed, "'xml'", "'json'");
    }

    [Theory]
    [InlineData(null, "xterm", true)]
    [InlineData("", "xterm", true)]
    [InlineData("1", "xterm", false)]
    [InlineData(null, "dumb", false)]
    public void Colours_are_off_with_NO_COLOR_or_a_dumb_terminal(string? noColor, string terminal, bool isColoured) =>
        Assert.Equal(isColoured, StandardOutput.AllowsColor(name => name == "NO_COLOR" ? noColor : name == "TERM" ? terminal : null));

    [Theory]
    [InlineData(false, "NAME   COUNT\npumps      7\n")]
    [InlineData(true, "\e[1mNAME   COUNT\e[0m\npumps      7\n")]
    public void A_header_is_bold_on_a_terminal_only(bool isTerminal, string expected)
    {
        using MemoryStream output = new();
        using (LineWriter lines = new(output, isTerminal))
        {
            TextTable table = new("name", ">count");
            table.Add("", "pumps", "7");
            table.Write(lines);
        }

        Assert.Equal(expected, Encoding.UTF8.GetString(output.ToArray()));
    }

    [Fact]
    public void Progress_is_shown_after_a_second_and_disappears()
    {
        using StringWriter error = new();
        ManualTime time = new();
        using (ProgressLine? progress = ProgressLine.Start(Context(isTerminal: true), "verifying telemetry"))
        {
            Assert.NotNull(progress);
            Assert.Equal("", error.ToString());
            time.Advance(TimeSpan.FromSeconds(1));
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.EndsWith("\r\e[Kverifying telemetry, 2 s", error.ToString(), StringComparison.Ordinal);
        }

        Assert.EndsWith("\r\e[K", error.ToString(), StringComparison.Ordinal);
        Assert.Null(ProgressLine.Start(Context(isTerminal: false), "verifying telemetry"));

        CliContext Context(bool isTerminal) =>
            new() { Output = Stream.Null, Error = error, DataFolder = "", IsErrorTerminal = isTerminal, Time = time };
    }
}
