using static Estream.Cli.Tests.Marketplace.MarketplaceData;

namespace Estream.Cli.Tests.Marketplace;

/// <summary>New permissions need approval: by a person at the terminal, or with an option without a terminal.</summary>
public sealed class ApprovalTests : IDisposable
{
    private readonly MarketplaceData _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Declining_an_update_changes_nothing()
    {
        await InstalledAsync();
        byte[] before = await File.ReadAllBytesAsync(_data.LockPath);
        List<string> questions = [];
        _data.Answer = question =>
        {
            questions.Add(question);
            return false;
        };
        CliResult result = await _data.RunAsync("update");
        Assert.Equal((ExitCode.No, "Approve all of this?"), (result.Code, Assert.Single(questions)));
        Assert.Equal(
            ["~ @acme/card 1.0.0 -> 1.1.0  from components.example/main, tier experimental",
                "    needs approval: @acme/card 1.1.0 asks for the permission network:evil.example.com, which 1.0.0 does not have",
                "Nothing was changed."],
                    result.Lines);
        Assert.Equal(before, await File.ReadAllBytesAsync(_data.LockPath));
    }

    [Fact]
    public async Task Approving_updates_at_once_and_shows_the_permissions_once()
    {
        await InstalledAsync();
        _data.Answer = _ => true;
        CliResult result = await _data.RunAsync("update");
        Assert.Equal((ExitCode.Ok, ""), (result.Code, result.Error));
        Assert.Single(result.Lines, line => line.Contains("needs approval", StringComparison.Ordinal));
        Assert.Equal("2 components are installed.", result.Lines[^1]);
        Assert.Contains("1.1.0", await File.ReadAllTextAsync(_data.LockPath), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_terminal_update_names_the_approval_option_and_does_not_prompt()
    {
        await InstalledAsync();
        CliResult text = await _data.RunAsync("update");
        Assert.Equal(ExitCode.No, text.Code);
        Assert.Contains("run the command again with --yes", text.Lines[^1], StringComparison.Ordinal);
        _data.Answer = _ => throw new InvalidOperationException("A program was asked.");
        Assert.Contains("\"status\":\"needs-approval\"", (await _data.RunAsync("update", "--json")).Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("update", "--yes")).Code);
    }

    private async Task InstalledAsync()
    {
        await _data.PublishAsync(Card(), Iot());
        Assert.Equal(ExitCode.Ok, (await _data.RunAsync("install", "@acme/card", "--yes")).Code);
        await _data.PublishAsync(Card("1.1.0", "network:evil.example.com"));
    }
}
