using System.Text.Json;
using Estream.Testing;

namespace Estream.Cli.Tests;

public sealed class FpgaCommandTests
{
    [PeerFact("verilator", "verilator")]
    public async Task List_marks_a_simulated_card_as_simulated()
    {
        using SampleData data = new();
        CliResult text = await data.RunAsync("fpga", "list");
        Assert.Equal((ExitCode.Ok, ""), (text.Code, text.Error));
        Assert.Contains("sim:  simulated (cycles match the card, times do not), engines: append, map, leaf hash", text.Lines);

        CliResult json = await data.RunAsync("fpga", "list", "--json");
        JsonElement card = JsonDocument.Parse(json.Lines[0]).RootElement;
        Assert.Equal(("sim:", true, "sim", true),
            (card.GetProperty("uri").GetString(), card.GetProperty("usable").GetBoolean(), card.GetProperty("backend").GetString(),
                card.GetProperty("simulated").GetBoolean()));
    }

    [PeerFact("verilator", "verilator")]
    public async Task Info_names_the_backend_as_text_and_as_JSON()
    {
        using SampleData data = new();
        CliResult text = await data.RunAsync("fpga", "info");
        Assert.Equal(ExitCode.Ok, text.Code);
        Assert.Contains("backend   simulated (cycles match the card, times do not)", text.Lines);
        Assert.Contains("clock     250 MHz as built; not used by the simulation", text.Lines);

        JsonElement card = JsonDocument.Parse(Assert.Single((await data.RunAsync("fpga", "info", "--json")).Lines)).RootElement;
        Assert.Equal(("sim", true, 4_096, 16),
            (card.GetProperty("backend").GetString(), card.GetProperty("simulated").GetBoolean(), card.GetProperty("mapSlots").GetInt32(),
                card.GetProperty("hotKeys").GetInt32()));
    }

    [PeerFact("verilator", "verilator")]
    public async Task Selftest_compares_every_engine_with_the_processor()
    {
        using SampleData data = new();
        CliResult result = await data.RunAsync("fpga", "selftest", "--operations", "600", "--seed", "3", "--json");
        Assert.Equal((ExitCode.Ok, ""), (result.Code, result.Error));
        Assert.Equal(
            ["append 600 0", "leaf hash 600 0", "map 600 0"],
            result.Lines.Select(line => JsonDocument.Parse(line).RootElement)
                .Select(line =>
                    $"{line.GetProperty("engine").GetString()} {line.GetProperty("operations").GetInt32()} "
                    + $"{line.GetProperty("wrong").GetInt32()}"));
        Assert.Contains("append     600 operations, same as the processor",
            (await data.RunAsync("fpga", "selftest", "--operations", "600")).Output, StringComparison.Ordinal);
    }

    [PeerFact("cmake", "cmake")]
    public async Task Bench_states_that_the_loopback_is_not_a_card()
    {
        using SampleData data = new();
        CliResult json = await data.RunAsync("fpga", "bench", "--card", "loopback:", "--count", "1000", "--batch", "100", "--json");
        JsonElement found = JsonDocument.Parse(Assert.Single(json.Lines)).RootElement;
        Assert.Equal(("loopback", 1_000), (found.GetProperty("backend").GetString(), found.GetProperty("messages").GetInt32()));
        Assert.True(found.GetProperty("hostNanosPerMessage").GetDouble() > 0);
        Assert.EndsWith("loopback, no card",
            Assert.Single((await data.RunAsync("fpga", "bench", "--card", "loopback:", "--count", "1000")).Lines),
            StringComparison.Ordinal);
    }

    [PeerFact("cmake", "cmake")]
    public async Task A_card_that_cannot_be_opened_or_tested_gives_one_line_and_exit_code_2()
    {
        using SampleData data = new();
        (await data.RunAsync("fpga", "info", "--card", "vfio:0000:ff:1f.7")).AssertFailed(ExitCode.Failed,
            "'vfio:0000:ff:1f.7' cannot be opened", "lspci");
        (await data.RunAsync("fpga", "selftest", "--card", "loopback:")).AssertFailed(ExitCode.Failed, "no engine");
        (await data.RunAsync("fpga", "bench", "--count", "0")).AssertFailed(ExitCode.Failed, "--count takes 1 to");
        (await data.RunAsync("fpga", "selftest", "--operations", "20000000")).AssertFailed(ExitCode.Failed, "--operations takes 1 to");
        (await data.RunAsync("fpga")).AssertFailed(ExitCode.Failed, "See: estream fpga --help");
    }
}
