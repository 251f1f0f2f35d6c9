namespace Estream.Cli.Tests;

public sealed class UsageTests
{
    [Theory]
    [InlineData("", "See: estream --help")]
    [InlineData("nonsense", "nonsense")]
    [InlineData("tial telemetry", "'tial'. Did you mean 'tail'? See: estream --help")]
    [InlineData("queue inof", "'inof'. Did you mean 'info'?", "See: estream queue --help")]
    [InlineData("tail telemetry --folow", "'--folow'. Did you mean '--follow'?")]
    [InlineData("tail telemetry --from start -n 3", "Give only one of --from, -n and --since.")]
    [InlineData("tail telemetry --since 5", "--since '5' is not valid. Give a number of seconds")]
    [InlineData("tail telemetry --since 99999999d", "--since '99999999d' is not valid")]
    [InlineData("tail telemetry --limit 0", "--limit takes 1 or more")]

    [InlineData("status --host ftp://x", "--host 'ftp://x' is not valid. Give https://HOST:PORT")]
    [InlineData("status --host http://127.0.0.1:1 --socket x", "--socket and --host cannot be used together")]
    [InlineData("status", "Cannot reach a host at", "estream host run")]
    [InlineData("tail", "QUEUE", "See: estream tail --help")]
    [InlineData("tail telemetry --nonsense", "--nonsense")]
    [InlineData("queue", "See: estream queue --help")]
    [InlineData("queue info", "QUEUE", "See: estream queue info --help")]
    [InlineData("feed --qos 2", "--qos takes 0 to 1")]
    [InlineData("feed --devices 0", "--devices takes 1 to")]
    [InlineData("feed --port 70000", "--port takes 1 to 65535")]
    [InlineData("feed --rate -1", "--rate takes 0 or more")]
    [InlineData("feed --count -1", "--count takes 0 or more")]
    [InlineData("feed --count banana", "--count takes a whole number, not 'banana'.")]
    [InlineData("feed --count 99999999999999999999", "--count: 99999999999999999999 is out of range.")]
    [InlineData("feed --rate banana", "--rate takes a number, not 'banana'.")]
    [InlineData("marketplace key revoke @acme --key k --revoked r --reason x --registry r --from banana",
        "--from takes a whole number, not 'banana'.")]
    [InlineData("marketplace key revoke @acme --key k --revoked r --reason x --registry r --from=-1",
        "--from takes 0 or more: the index of a log entry.")]
    [InlineData("tail telemetry --from banana", "--from 'banana' is not valid. Give start, end")]
    [InlineData("feed --pin abc", "--pin takes 64 hexadecimal digits")]
    [InlineData("feed --certificate-key x", "--certificate-key", "--certificate")]
    [InlineData("feed fix", "--sender", "See: estream feed fix --help")]
    [InlineData("feed fix --sender a --target b --rate 0", "--rate takes more than 0 and at most 100000")]
    [InlineData("feed iso20022", "--folder", "See: estream feed iso20022 --help")]
    [InlineData("wire", "See: estream wire --help")]
    [InlineData("wire replay --queue x", "--to", "See: estream wire replay --help")]
    [InlineData("wire replay --queue x --to localhost:1 --patience 0", "--patience takes 1 to")]
    [InlineData("wire replay --queue x --to localhost:1 --connection 0", "--connection takes 1 or more")]
    [InlineData("wire record --queue x --to localhost:1 --max-bytes 1", "--max-bytes takes 65536 or more")]
    [InlineData("schema check", "FILE")]
    [InlineData("schema publish", "FILE")]
    public async Task A_usage_error_gives_one_line_and_exit_code_2(string commandLine, params string[] parts)
    {
        using SampleData data = new();
        CliResult result = await data.RunAsync(commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        result.AssertFailed(ExitCode.Failed, parts);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("tail --help")]
    [InlineData("feed -h")]
    public async Task Help_goes_to_standard_output(string commandLine)
    {
        using SampleData data = new();
        CliResult result = await data.RunAsync(commandLine.Split(' '));
        Assert.Equal((ExitCode.Ok, ""), (result.Code, result.Error));
        Assert.Contains("Usage:", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_help_lists_each_command_once_in_a_line()
    {
        using SampleData data = new();
        string[] lines = (await data.RunAsync("--help")).Lines;
        IEnumerable<string> listed = lines.Where(line => line.StartsWith("  ", StringComparison.Ordinal))
            .Select(line => line.Trim().Split(' ')[0]);
        string[] known = [.. CliProgram.CreateRoot(new CliContext { Output = Stream.Null, Error = TextWriter.Null, DataFolder = "" })
            .Subcommands.Where(command => !command.Hidden).Select(command => command.Name)];
        Assert.Equal(known.Order(), listed.Order());
        Assert.All(lines, line => Assert.True(line.Length <= 140, line));
    }

    [Theory]
    [InlineData("host", "reload")]
    [InlineData("marketplace", "install")]
    [InlineData("marketplace key", "revoke")]
    public async Task The_help_of_a_group_lists_each_command_in_a_sentence(string group, string command)
    {
        using SampleData data = new();
        string output = (await data.RunAsync([.. group.Split(' '), "--help"])).Output;
        Assert.Matches($"(?m)^  {command} .*\\.$", output);
        Assert.DoesNotContain("Exit code", output[output.IndexOf("Commands:", StringComparison.Ordinal)..], StringComparison.Ordinal);
        Assert.DoesNotContain("[default:", output, StringComparison.Ordinal);
        Assert.EndsWith($"estream {group} COMMAND --help shows options and an example.\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_library_of_the_runtime_is_named_with_its_package()
    {
        RuntimeLibraries.Require(_ => true);
        Assert.Contains("libstdc++6", Assert.Throws<CliException>(() => RuntimeLibraries.Require(_ => false)).Message,
            StringComparison.Ordinal);
        CliException noOpenSsl = Assert.Throws<CliException>(
            () => RuntimeLibraries.Require(file => file.StartsWith("libstdc++", StringComparison.Ordinal)));
        Assert.Contains("libssl3", noOpenSsl.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_help_of_each_command_has_an_example()
    {
        using SampleData data = new();
        List<string> without = [];
        foreach (string[] command in KnownCommands.All)
        {
            CliResult help = await data.RunAsync([.. command, "--help"]);
            if (help.Code != ExitCode.Ok || !help.Output.Contains("Example: ", StringComparison.Ordinal))
            {
                without.Add(string.Join(' ', command));
            }
        }

        Assert.True(without.Count == 0, string.Join(", ", without));
    }

    [Fact]
    public async Task An_unknown_queue_is_rejected_with_the_existing_queues_and_advice()
    {
        using SampleData data = new();
        (await data.RunAsync("tail", "orders")).AssertFailed(ExitCode.Failed, "'orders'", "none exist", "ESTREAM_DATA");
        data.AppendReadings(1);
        (await data.RunAsync("tail", "orders")).AssertFailed(ExitCode.Failed, "'orders'", "existing: telemetry");
        (await data.RunAsync("tail", "telemetri")).AssertFailed(ExitCode.Failed, "Did you mean 'telemetry'?");
        (await data.RunAsync("queue", "info", "./orders")).AssertFailed(ExitCode.Failed, "'./orders'", "does not exist");
    }

    [Fact]
    public async Task A_directory_that_is_not_a_queue_is_rejected_by_name()
    {
        using SampleData data = new();
        string other = Path.Combine(data.Folder, "queues", "other");
        Directory.CreateDirectory(other);
        (await data.RunAsync("tail", "other")).AssertFailed(ExitCode.Failed, other);
    }
}
